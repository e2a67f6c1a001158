// libFuzzer target: any bytes as a .mtl file.
#include <cstddef>
#include <cstdint>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/mtl.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const bisque::MtlFile file = bisque::parse_mtl({reinterpret_cast<const char*>(data), size}, "fuzz");
    bisque::mtl_text(file.materials, file.textures);
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  return 0;
}
