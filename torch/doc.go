// Package torch binds the part of libtorch that vs needs: tensors, TorchScript modules, the CPU
// random number generator and device information.
//
// It takes the place of github.com/wangkuiyi/gotorch, which stopped at libtorch 1.6 and cannot load
// TorchScript, and keeps its vocabulary where the two overlap. It differs in three ways:
//
//   - Every operation returns an error. A C++ exception becomes one line, without libtorch's stack dump.
//   - Memory is freed by Close, not by the garbage collector, which cannot see GPU memory. Close may be
//     called any number of times. A handle that is lost without Close is freed some time after; that
//     is a backstop, and [LiveHandles] shows a program that leans on it.
//   - libtorch is opened when it is first used, not when the program starts, so that a program
//     can say what is missing. See [Load] for where it is looked for.
//
// Values are copied between Go slices and tensors; neither side borrows the other's memory.
//
// A tensor may be used by several goroutines at once as long as none of them closes it. libtorch
// keeps the number of intra-op threads and the current CUDA stream per OS thread: a goroutine that
// calls [SetNumThreads] or [UseStream] first calls runtime.LockOSThread. What is computed on one
// stream may be used on another only after a result of it has been read, as by [ToSlice].
package torch
