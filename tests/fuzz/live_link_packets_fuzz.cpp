// Live Link packets. The first byte chooses: a recording, a gzipped recording, the contents of one UDP packet.
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/renderer/takes/live_link_packets.h>
#include <bisque/renderer/takes/resample.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data + 1, size - 1));
  try {
    const auto resample = [](bisque::TakeTable table) {
      bisque::resample(bisque::order_rows(std::move(table), {}, "fuzz"));
    };
    if (data[0] % 3 == 0) resample(bisque::parse_live_link_packets(bytes, "fuzz"));
    if (data[0] % 3 == 1) resample(bisque::parse_live_link_gesichter(bytes, "fuzz"));
    if (data[0] % 3 == 2) bisque::decode_live_link_packet(bytes, "fuzz");
  } catch (const bisque::Error&) {
  }
  return 0;
}
