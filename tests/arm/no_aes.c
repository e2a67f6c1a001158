// Preloaded under qemu, whose Cortex-A72 has AES: the processor of a Raspberry Pi 4 has none.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/auxv.h>

unsigned long getauxval(unsigned long type) {
  unsigned long (*const real)(unsigned long) = (unsigned long (*)(unsigned long))dlsym(RTLD_NEXT, "getauxval");
  return type == AT_HWCAP ? real(type) & ~0x78UL : real(type);  // AES, PMULL, SHA1 and SHA2 of asm/hwcap.h
}
