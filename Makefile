# The verbs of vs. Each does its own set-up: packages through apt where they are missing, the C++ library, Go modules.
#
#   LIBTORCH=/path/to/libtorch make build    uses that libtorch, with CUDA if it has it, in place of Debian's

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:

LIBRARY := build/libvstorch.so
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 5s
# Programs name their revision, where git knows it.
BUILDVCS := $(if $(shell git rev-parse HEAD 2>/dev/null),-buildvcs=true,-buildvcs=false)
# The newest version of the changelog.
RELEASE := $(shell sed -n 's/^\#\# \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -1)
LDFLAGS := $(if $(RELEASE),-X main.release=$(RELEASE))
# Without a number make would start a compiler for each file at once, each of which takes 700 MB.
JOBS := $(shell nproc)

.PHONY: help
help: ## list the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

.PHONY: build
build: library ## make bin/vs and the C++ library that it loads
	go build -trimpath $(BUILDVCS) -ldflags "$(LDFLAGS)" -o bin/vs ./cmd/vs

.PHONY: library
library:
	@scripts/setup.sh
	@cmake -S . -B build $(if $(LIBTORCH),-DCMAKE_PREFIX_PATH="$(abspath $(LIBTORCH))") > build.log 2>&1 || { cat build.log >&2; exit 1; }
	@rm -f build.log
	@cmake --build build --parallel $(JOBS)

.PHONY: demo
demo: build ## run the main job on generated pictures with the encoder that needs no download
	go run ./scripts/demopictures --out demo/pictures
	bin/vs encode --model builtin --data demo/pictures --db demo/pictures.db
	bin/vs eval --db demo/pictures.db

# With reference results and traced models some packages take longer than the ten minutes that go
# test allows.
.PHONY: test
test: library ## run the tests
	go test -timeout 30m ./...

# The device is slow: of the traced models it gets what no other test tells, and the commands' tests
# of files, signals and formats run without it.
.PHONY: test-fakecuda
test-fakecuda: library ## run the tests of what runs on CUDA, on a device that the CPU plays
	@if ! grep -q '^TORCH_LIBRARY_torch_cuda:.*NOTFOUND$$' build/CMakeCache.txt; then \
	  echo 'test-fakecuda: skipped, since this libtorch has CUDA' >&2; exit; fi; \
	cmake --build build --parallel $(JOBS) --target fakecuda; \
	export VS_LIBRARY_PATH=$(CURDIR)/build/fakecuda VS_TEST_DEVICE=cuda; \
	VS_MODELS= VS_GOLDEN= go test -short ./torch ./encoder ./search; \
	VS_MODELS= VS_GOLDEN= go test -short -skip 'Kill|Stopped|Exchange|DBUsage|CannotBeWritten|GalleryOf|Signal|NobodyReads|OtherTools' ./cmd/vs; \
	go test -run 'DoesNotWait|OtherTypes|OfPython/tiny_vit_5m' ./encoder

.PHONY: models
models: ## trace the three TinyViTs with timm into models/ (needs a network)
	scripts/make_models.sh

.PHONY: bench
bench: library ## run the Go benchmarks
	go test -run '^$$' -bench . -benchmem ./...

# libjpeg goes into the programs: the machine with the GPU may have another version, or none.
.PHONY: gpu-binaries
gpu-binaries: ## make build/gpu, what scripts/gpu_check.sh needs on a machine with a GPU and no Go
	@scripts/setup.sh
	@mkdir -p build/gpu/link
	@ln -sf "$$(gcc -print-file-name=libjpeg.a)" build/gpu/link/
	@export GOFLAGS='"-ldflags=-s -w $(LDFLAGS) -extldflags=-L$(CURDIR)/build/gpu/link"'; \
	go build $(BUILDVCS) -o build/gpu/ ./cmd/vs ./scripts/demopictures ./scripts/bench/nearest; \
	for package in torch encoder search cmd/vs; do go test -c -o "build/gpu/$${package//\//-}.test" "./$$package"; done
	@rm -r build/gpu/link

.PHONY: check
check: ## format, lint, race and short fuzzing
	@scripts/setup.sh check
	@$(MAKE) --no-print-directory library
	scripts/check.sh $(FUZZTIME) $(STATICCHECK)

VERSION ?= $(or $(RELEASE),0.0.0)

.PHONY: dist
dist: ## build the Debian packages and the archive of a release into dist/
	@scripts/setup.sh
	scripts/package/dist.sh $(VERSION)

.PHONY: dist-test
dist-test: ## install, try and remove what make dist has made, in clean chroots (as root)
	scripts/package/test.sh

.PHONY: clean
clean: ## remove what the other verbs make, but not models/
	rm -rf bin build demo dist
