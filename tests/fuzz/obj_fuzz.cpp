// libFuzzer target: any bytes as an .obj file.
#include <cstddef>
#include <cstdint>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/obj.h>
#include <bisque/renderer/models/blendshape_data.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    bisque::make_blendshapes(bisque::parse_obj({reinterpret_cast<const char*>(data), size}, "fuzz"));
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  return 0;
}
