// The stand-in for libnvidia-ml.so.1: one device, no figures.
#include <cstring>
#define API extern "C" int
static int g_dev;
API nvmlInit_v2() { return 0; }
API nvmlInit() { return 0; }
API nvmlShutdown() { return 0; }
API nvmlDeviceGetCount_v2(unsigned* n) {
  *n = 1;
  return 0;
}
API nvmlDeviceGetHandleByIndex_v2(unsigned, void** d) {
  *d = &g_dev;
  return 0;
}
API nvmlDeviceGetHandleByPciBusId_v2(const char*, void** d) {
  *d = &g_dev;
  return 0;
}
API nvmlDeviceGetHandleByUUID(const char*, void** d) {
  *d = &g_dev;
  return 0;
}
API nvmlDeviceGetName(void*, char* s, unsigned n) {
  strncpy(s, "softgpu", n);
  return 0;
}
API nvmlDeviceGetUUID(void*, char* s, unsigned n) {
  strncpy(s, "GPU-736f6674-6770-752d-3030-303030303031", n);
  return 0;
}
API nvmlSystemGetCudaDriverVersion_v2(int* v) {
  *v = 13000;
  return 0;
}
API nvmlSystemGetDriverVersion(char* s, unsigned n) {
  strncpy(s, "580.00", n);
  return 0;
}
extern "C" const char* nvmlErrorString(int) { return "not supported by softgpu"; }
