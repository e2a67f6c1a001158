// Takes as arrays. The first byte chooses: .npy with two names beside it, only .npy, .safetensors.
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/renderer/takes/array_take.h>
#include <bisque/renderer/takes/resample.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data + 1, size - 1));
  try {
    const auto resample = [](bisque::TakeTable table) {
      bisque::resample(bisque::order_rows(std::move(table), {}, "fuzz"));
    };
    if (data[0] % 3 == 0) resample(bisque::parse_npy_take(bytes, "fuzz", bisque::ColumnNames{{"a", "b"}, {}}));
    if (data[0] % 3 == 1) resample(bisque::parse_npy_take(bytes, "fuzz"));
    if (data[0] % 3 == 2) resample(bisque::parse_safetensors_take(bytes, "fuzz"));
  } catch (const bisque::Error&) {
  }
  return 0;
}
