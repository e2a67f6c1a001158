// Live Link Face CSV: any text is rows or one Error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/renderer/takes/live_link_csv.h>
#include <bisque/renderer/takes/resample.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    bisque::resample(bisque::parse_live_link_csv({reinterpret_cast<const char*>(data), size}, "fuzz"));
  } catch (const bisque::Error&) {
  }
  return 0;
}
