// libFuzzer target: any bytes as a .safetensors file.
#include <cstddef>
#include <cstdint>

#include <bisque/core/error.h>
#include <bisque/core/serialization/safetensors.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto file = bisque::SafetensorsFile::parse({reinterpret_cast<const std::byte*>(data), size}, "fuzz");
    for (const bisque::TensorView& tensor : file.tensors()) {
      if (tensor.dtype == bisque::Dtype::F32) file.array<float>(tensor.name);
    }
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  return 0;
}
