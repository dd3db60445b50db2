package torch

// #cgo LDFLAGS: -ldl
import "C"
