// libFuzzer target: any bytes as a .stl file.
#include <cstddef>
#include <cstdint>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/stl.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    bisque::check_mesh_arrays(bisque::parse_stl({reinterpret_cast<const char*>(data), size}, "fuzz"));
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  return 0;
}
