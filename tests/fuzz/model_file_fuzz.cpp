// libFuzzer target: any bytes as a model in our own .safetensors form.
#include <cstddef>
#include <cstdint>

#include <bisque/core/error.h>
#include <bisque/renderer/models/model_file.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    bisque::morph_targets(bisque::parse_model({reinterpret_cast<const std::byte*>(data), size}, "fuzz"));
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  return 0;
}
