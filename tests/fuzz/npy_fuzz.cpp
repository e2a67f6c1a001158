// libFuzzer target: any bytes as a .npy file.
#include <cstddef>
#include <cstdint>

#include <bisque/core/error.h>
#include <bisque/core/serialization/npy.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto array = bisque::parse_npy({reinterpret_cast<const std::byte*>(data), size}, "fuzz");
    for (const bisque::NpyColumn& field : array.columns) array.values(field);
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  return 0;
}
