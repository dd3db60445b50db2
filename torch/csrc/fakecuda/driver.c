// The part of the NVIDIA driver's library, libcuda.so.1, that tells about devices. See fake.h.
#include <stddef.h>
#include <string.h>

enum { kSuccess = 0, kInvalidDevice = 101, kComputeMajor = 75, kMemory = 8 };

int cuInit(unsigned flags) {
  (void)flags;
  return kSuccess;
}

int cuDeviceGet(int* device, int index) {
  *device = index;
  return index == 0 ? kSuccess : kInvalidDevice;
}

int cuDeviceGetName(char* name, int size, int device) {
  (void)device;
  strncpy(name, "fake CUDA device", (size_t)size);
  return kSuccess;
}

int cuDeviceTotalMem_v2(size_t* bytes, int device) {
  (void)device;
  *bytes = (size_t)kMemory << 30;
  return kSuccess;
}

// Compute capability 8.0: the first with bfloat16 and TensorFloat-32.
int cuDeviceGetAttribute(int* value, int attribute, int device) {
  (void)device;
  *value = attribute == kComputeMajor ? 8 : 0;
  return kSuccess;
}

static unsigned context_flags = 0;

int cuDevicePrimaryCtxSetFlags_v2(int device, unsigned flags) {
  (void)device;
  context_flags = flags;
  return kSuccess;
}

int cuDevicePrimaryCtxGetState(int device, unsigned* flags, int* active) {
  (void)device;
  *flags = context_flags;
  *active = 0;
  return kSuccess;
}
