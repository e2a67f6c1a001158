// Live Link's UDP packets, and files of recorded packets.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <bisque/renderer/takes/take_table.h>

namespace bisque {

inline constexpr size_t kLiveLinkValues = 61;

/// One packet of the Live Link Face app.
struct LiveLinkPacket {
  std::string device_id;
  std::string subject;
  int32_t frame = 0;
  float sub_frame = 0;  // of a frame; may be outside [0, 1), because some senders let it drift
  FrameRate rate;
  std::array<float, kLiveLinkValues> values{};  // in the order of live_link_names()
};

/// Decodes the payload of one UDP packet: big-endian uint8 version (6), uint32 size and device id, uint32 size and
/// subject name, int32 frame number, float32 sub-frame, int32 rate numerator and denominator, uint8 count (61), values.
/// `where` is the prefix of messages. Error: a packet that is truncated or has extra bytes, another version or count,
/// an invalid rate, a number that is not finite.
LiveLinkPacket decode_live_link_packet(std::span<const std::byte> packet, const std::string& where);

/// Reads a *.packets file: per packet a big-endian uint32 size and the packet. The whole recording has one device, one
/// subject and one rate. A row's time is frame number + sub-frame, with the sub-frame clamped to [0, 1) as in Unreal
/// Engine. A truncated last packet is dropped. `where` (the path) is the prefix of messages. Error, with packet and
/// byte: the errors of decode_live_link_packet, a file without a complete packet, mixed rates, devices or subjects.
TakeTable parse_live_link_packets(std::span<const std::byte> bytes, const std::string& where);

/// Reads a *.gesichter file: gzip of uint8 version (6), big-endian uint32 count, and the content of a *.packets file.
/// Error: as parse_live_link_packets; an incomplete gzip file, more than 256 MiB of contents, another version, a count
/// that differs from the number of packets.
TakeTable parse_live_link_gesichter(std::span<const std::byte> bytes, const std::string& where);

}  // namespace bisque
