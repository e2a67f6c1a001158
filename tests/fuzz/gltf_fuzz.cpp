// libFuzzer target: any bytes as a .glb or .gltf file.
#include <cstddef>
#include <cstdint>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/gltf.h>
#include <bisque/renderer/models/blendshape_data.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    bisque::make_blendshapes(bisque::parse_gltf({reinterpret_cast<const std::byte*>(data), size}, "fuzz").mesh);
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  return 0;
}
