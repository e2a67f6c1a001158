// Takes as text (tables, Face Cap) and maps of names: any text is rows or one Error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/renderer/takes/csv_take.h>
#include <bisque/renderer/takes/name_map.h>
#include <bisque/renderer/takes/resample.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    bisque::parse_name_map(text, "fuzz");
  } catch (const bisque::Error&) {
  }
  try {
    bisque::resample(bisque::order_rows(bisque::parse_text_take(text, "fuzz"), {}, "fuzz"));
  } catch (const bisque::Error&) {
  }
  return 0;
}
