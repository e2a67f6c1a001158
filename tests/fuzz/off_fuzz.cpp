// libFuzzer target: any bytes as a .off file.
#include <cstddef>
#include <cstdint>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/off.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    bisque::check_mesh_arrays(bisque::parse_off({reinterpret_cast<const char*>(data), size}, "fuzz"));
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  return 0;
}
