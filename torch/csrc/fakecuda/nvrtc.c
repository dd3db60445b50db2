// Stands for NVRTC, for what it loads itself, and for libtorch's wrapper of it, by what each
// exports. See fake.h.
int EXPORT(void) { return 0; }
