// Takes as JSON, names of columns, and the binding of the resulting names.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/renderer/takes/binding.h>
#include <bisque/renderer/takes/json_take.h>
#include <bisque/renderer/takes/resample.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    bisque::parse_column_names(text, "fuzz");
  } catch (const bisque::Error&) {
  }
  try {
    const bisque::Take take = bisque::resample(bisque::order_rows(bisque::parse_json_take(text, "fuzz"), {}, "fuzz"));
    const bisque::Binding binding = bisque::bind_by_name(take.names, bisque::live_link_names());
    bisque::binding_report(binding);
    bisque::bound_coefficients(take, binding);
  } catch (const bisque::Error&) {
  }
  return 0;
}
