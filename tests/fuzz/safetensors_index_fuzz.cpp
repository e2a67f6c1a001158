// libFuzzer target: any bytes as a model.safetensors.index.json.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/core/serialization/safetensors_index.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    bisque::parse_safetensors_index({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  return 0;
}
