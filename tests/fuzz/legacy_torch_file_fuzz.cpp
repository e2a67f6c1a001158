// libFuzzer target: any bytes as a file of torch before 1.6.
#include <cstddef>
#include <cstdint>

#include <bisque/core/error.h>
#include <bisque/core/torch_file/legacy_torch_file.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto file = bisque::parse_legacy_torch_file({reinterpret_cast<const std::byte*>(data), size}, "fuzz");
    unsigned sum = 0;
    for (const auto& storage : file.storages) {
      for (const std::byte byte : storage.bytes) sum += static_cast<unsigned>(byte);
    }
    static volatile unsigned sink;
    sink = sum;
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  return 0;
}
