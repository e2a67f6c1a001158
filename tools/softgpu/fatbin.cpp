#include "fatbin.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstring>

namespace softgpu {
namespace {

struct Wrapper {
  uint32_t magic, version;
  const void* data;
  void* other;
};
struct Entry {
  uint16_t kind, version;
  uint32_t header_size;
  uint64_t size;
  uint32_t packed_size, unknown;
  uint16_t minor, major;
  uint32_t arch;
  uint32_t name_offset, name_size;
  uint64_t flags, zero, unpacked_size;
};
constexpr uint32_t kWrapperMagic = 0x466243b1;
constexpr uint32_t kArch = 90;  // the card's compute capability
constexpr uint64_t kLz4 = 0x2000, kZstd = 0x8000;

// The system's libraries do the unpacking, where they are installed.
std::string unpack(const Entry& e, const char* payload) {
  std::string out(e.unpacked_size, 0);
  const size_t n = e.packed_size ? e.packed_size : e.size;
  if (e.flags & kZstd) {
    static void* lib = dlopen("libzstd.so.1", RTLD_NOW);
    auto f = lib ? (size_t(*)(void*, size_t, const void*, size_t))dlsym(lib, "ZSTD_decompress") : nullptr;
    if (f && f(out.data(), out.size(), payload, n) == out.size()) return out;
  } else {
    static void* lib = dlopen("liblz4.so.1", RTLD_NOW);
    auto f = lib ? (int (*)(const char*, char*, int, int))dlsym(lib, "LZ4_decompress_safe") : nullptr;
    if (f && f(payload, out.data(), (int)n, (int)out.size()) == (int)out.size()) return out;
  }
  fprintf(stderr, "softgpu: compressed PTX cannot be read; build with nvcc -no-compress\n");
  return "";
}

}  // namespace

std::string fatbin_ptx_raw(const void* data) {
  const char* p = (const char*)data;
  FatbinHeader h;
  memcpy(&h, p, sizeof h);
  const Entry* best = nullptr;
  if (h.magic == kFatbinMagic) {
    const char *q = p + h.header_size, *end = q + h.size;
    while (q + sizeof(Entry) <= end) {
      const Entry* e = (const Entry*)q;
      const uint64_t left = (uint64_t)(end - q);
      if (e->size > left || e->header_size > left - e->size || e->header_size < sizeof(Entry)) break;
      if (e->kind == 1 && e->arch <= kArch && (!best || e->arch > best->arch)) best = e;
      q += e->header_size + e->size;
    }
  }
  if (!best) return "";
  const char* payload = (const char*)best + best->header_size;
  std::string s = best->flags & (kLz4 | kZstd) ? unpack(*best, payload) : std::string(payload, best->size);
  return s.c_str();  // up to the first NUL
}

std::string fatbin_ptx(const void* wrapper) {
  Wrapper w;
  memcpy(&w, wrapper, sizeof w);
  return w.magic == kWrapperMagic ? fatbin_ptx_raw(w.data) : "";
}

}  // namespace softgpu
