// Fuzzes the reader of video indices: any bytes give a result or an Error.
#include <cstddef>
#include <cstdint>
#include <span>

#include <bisque/core/error.h>
#include <bisque/renderer/pictures/video_file.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    bisque::video_info(bytes, "fuzz");
  } catch (const bisque::Error&) {
  }
  return 0;
}
