package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documents are the Markdown files of the repository.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/*/*.md", "../../third_party/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	if len(all) < 12 {
		t.Fatalf("only %d documents: %q", len(all), all)
	}
	return all
}

var (
	mdLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	mdHeading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	mdFence   = regexp.MustCompile("(?ms)^```.*?^```$")
	mdUnword  = regexp.MustCompile(`[^\p{L}\p{N}\-_ ]`)
)

// anchorsOf returns the anchors of a document's headings, as GitHub makes them.
func anchorsOf(text string) []string {
	var anchors []string
	for _, heading := range mdHeading.FindAllStringSubmatch(mdFence.ReplaceAllString(text, ""), -1) {
		anchor := mdUnword.ReplaceAllString(strings.ToLower(heading[1]), "")
		anchors = append(anchors, strings.ReplaceAll(anchor, " ", "-"))
	}
	return anchors
}

func TestLinksOfTheDocumentsLead(t *testing.T) {
	for _, path := range documents(t) {
		text := string(readFile(t, path))
		for _, link := range mdLink.FindAllStringSubmatch(mdFence.ReplaceAllString(text, ""), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(link[1], "#")
			to := path
			if file != "" {
				to = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: the link %s leads nowhere", path, link[1])
			} else if anchor != "" && !slices.Contains(anchorsOf(string(readFile(t, to))), anchor) {
				t.Errorf("%s: %s has no heading %q", path, to, anchor)
			}
		}
	}
}

// step is a command of a document, and what it prints.
type step struct{ command, output string }

// stepsOf are the commands in the blocks that begin with ```console: a command stands behind "$ ",
// and what it prints on stdout follows.
func stepsOf(text string) []step {
	var steps []step
	for _, block := range mdFence.FindAllString(text, -1) {
		block, ok := strings.CutPrefix(block, "```console\n")
		if !ok {
			continue
		}
		for line := range strings.Lines(strings.TrimSuffix(block, "```")) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				steps = append(steps, step{command: strings.TrimSpace(command)})
			} else {
				steps[len(steps)-1].output += line
			}
		}
	}
	return steps
}

// matches reports whether a command has printed what a document says. A line … of the document
// means any number of lines, … within a line any text.
func (s step) matches(printed string) bool {
	var pattern strings.Builder
	pattern.WriteString(`\A`)
	for line := range strings.Lines(s.output) {
		if strings.TrimSpace(line) == "…" {
			pattern.WriteString(`(?:.*\n)*`)
			continue
		}
		pattern.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*"))
	}
	pattern.WriteString(`\z`)
	return regexp.MustCompile(pattern.String()).MatchString(printed)
}

func TestTheTutorialIsTrue(t *testing.T) {
	if device := os.Getenv("VS_TEST_DEVICE"); device != "" && device != "cpu" {
		t.Skip("the tutorial shows what the CPU gives")
	}
	steps := stepsOf(string(readFile(t, "../../docs/tutorial.md")))
	if len(steps) < 15 {
		t.Fatalf("the tutorial has %d commands", len(steps))
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	bin, dir := t.TempDir(), t.TempDir()
	writeFile(t, filepath.Join(bin, "vs"), []byte("#!/bin/sh\nVS_TEST_AS_PROGRAM=1 exec '"+os.Args[0]+"' \"$@\"\n"))
	if err := os.Chmod(filepath.Join(bin, "vs"), 0o755); err != nil {
		t.Fatal(err)
	}
	library := os.Getenv("VS_LIBRARY_PATH")
	if library == "" {
		library = filepath.Join(root, "build")
	}
	t.Setenv("VS_LIBRARY_PATH", library)
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("LC_ALL", "C")
	for _, s := range steps {
		cmd := exec.Command("sh", "-c", s.command)
		cmd.Dir = dir
		if strings.HasPrefix(s.command, "go run ./scripts/") { // in a checkout, but the pictures go elsewhere
			cmd = exec.Command("sh", "-c", strings.Replace(s.command, "--out ", "--out "+dir+"/", 1))
			cmd.Dir = root
		}
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("$ %s: %v\n%s", s.command, err, &stderr)
		}
		if !s.matches(stdout.String()) {
			t.Errorf("$ %s\nprints\n%s\nbut the tutorial says\n%s", s.command, &stdout, s.output)
		}
	}
}
