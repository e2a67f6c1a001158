#include <bisque/renderer/takes/live_link_packets.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/frame_rate.h>
#include <bisque/renderer/takes/gzip.h>
#include <bisque/renderer/takes/shape_names.h>
#include <bisque/renderer/takes/timecode.h>

namespace bisque {
namespace {

constexpr uint8_t kVersion = 6;
constexpr size_t kMaxUnpackedBytes = size_t{256} << 20;  // 3.8 hours at 60 Hz
constexpr double kLargestSubFrame = 0.999;               // with the three decimals that the app writes

/// Reads big-endian numbers from the front of some bytes.
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  uint8_t u8(const char* what) { return static_cast<uint8_t>(take(1, what)[0]); }
  uint32_t u32(const char* what) {
    uint32_t value = 0;
    for (const std::byte byte : take(4, what)) value = value << 8 | static_cast<uint32_t>(byte);
    return value;
  }
  int32_t i32(const char* what) { return static_cast<int32_t>(u32(what)); }
  float f32(const char* what) { return std::bit_cast<float>(u32(what)); }
  std::string text(const char* what) {
    const auto bytes = take(u32(what), what);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::span<const std::byte> take(size_t size, const char* what) {
    if (size > left()) {
      fail(where_, ": ends within its ", what, ", which needs ", size, " bytes at byte ", position_, " of ",
           bytes_.size(), ".");
    }
    position_ += size;
    return bytes_.subspan(position_ - size, size);
  }
  size_t position() const { return position_; }
  size_t left() const { return bytes_.size() - position_; }

 private:
  std::span<const std::byte> bytes_;
  const std::string& where_;
  size_t position_ = 0;
};

void check_same_source(const LiveLinkPacket& packet, const LiveLinkPacket& first, const std::string& where) {
  if (packet.rate.num != first.rate.num || packet.rate.den != first.rate.den) {
    fail(where, ": has a rate of ", frame_rate_text(packet.rate), " Hz, expected ", frame_rate_text(first.rate),
         " Hz as in the first packet.");
  }
  if (packet.subject != first.subject) {
    fail(where, ": is of subject ", quoted_text(packet.subject), ", expected ", quoted_text(first.subject),
         " as in the first packet.");
  }
  if (packet.device_id != first.device_id) {
    fail(where, ": is of device ", quoted_text(packet.device_id), ", expected ", quoted_text(first.device_id),
         " as in the first packet.");
  }
}

// Whether the next packet is longer than the remaining bytes.
bool is_cut(ByteReader reader) { return reader.left() < 4 || reader.u32("size") > reader.left(); }

void add_row(const LiveLinkPacket& packet, TakeTable& table) {
  table.lines.push_back(static_cast<int64_t>(table.num_rows() + 1));
  table.time.cells.push_back(
      time_from_number(packet.frame + std::clamp<double>(packet.sub_frame, 0, kLargestSubFrame)));
  table.values.insert(table.values.end(), packet.values.begin(), packet.values.end());
}

}  // namespace

LiveLinkPacket decode_live_link_packet(std::span<const std::byte> bytes, const std::string& where) {
  ByteReader reader(bytes, where);
  LiveLinkPacket packet;
  if (const int version = reader.u8("version"); version != kVersion) {
    fail(where, ": has packet version ", version, ", expected ", int{kVersion}, ".");
  }
  packet.device_id = reader.text("device id");
  packet.subject = reader.text("subject name");
  packet.frame = reader.i32("frame number");
  packet.sub_frame = reader.f32("sub-frame");
  if (!std::isfinite(packet.sub_frame)) fail(where, ": its sub-frame is not a finite number.");
  const int32_t num = reader.i32("frame rate");
  const int32_t den = reader.i32("frame rate");
  packet.rate = checked_frame_rate(num, den, where);
  if (const size_t count = reader.u8("count of values"); count != kLiveLinkValues) {
    fail(where, ": has ", count, " values, expected ", kLiveLinkValues, ".");
  }
  for (size_t i = 0; i < kLiveLinkValues; ++i) {
    packet.values[i] = reader.f32("values");
    if (!std::isfinite(packet.values[i])) fail(where, ": its ", live_link_names()[i], " is not a finite number.");
  }
  if (reader.left() > 0) fail(where, ": has ", reader.left(), " bytes after its values, expected none.");
  return packet;
}

TakeTable parse_live_link_packets(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.empty()) fail(where, ": holds no packet.");
  TakeTable table;
  table.names = live_link_names();
  table.line_word = "packet";
  std::optional<LiveLinkPacket> first;
  std::string packet_where;
  ByteReader reader(bytes, packet_where);
  while (reader.left() > 0) {
    packet_where =
        where + ": packet " + std::to_string(table.num_rows() + 1) + " at byte " + std::to_string(reader.position());
    if (first && is_cut(reader)) {
      table.notes.push_back("The last packet, at byte " + std::to_string(reader.position()) +
                            ", is truncated and was dropped.");
      break;
    }
    const uint32_t size = reader.u32("size");
    const LiveLinkPacket packet = decode_live_link_packet(reader.take(size, "bytes"), packet_where);
    if (!first) first = packet;
    check_same_source(packet, *first, packet_where);
    add_row(packet, table);
  }
  table.rate = first->rate;
  table.time.unit = TimeUnit::kFrames;
  table.time.name = "frame number";
  table.time.day = frames_of_day(first->rate, false);
  return table;
}

TakeTable parse_live_link_gesichter(std::span<const std::byte> bytes, const std::string& where) {
  const std::vector<std::byte> unpacked = gunzip(bytes, where, kMaxUnpackedBytes);
  const std::string inside = where + " (unpacked)";
  ByteReader reader(unpacked, inside);
  if (const int version = reader.u8("version"); version != kVersion) {
    fail(where, ": has file version ", version, ", expected ", int{kVersion}, ".");
  }
  const uint32_t count = reader.u32("count of packets");
  TakeTable table = parse_live_link_packets(std::span(unpacked).subspan(reader.position()), inside);
  if (count != table.num_rows()) {
    fail(where, ": declares ", count, " packets, but has ", table.num_rows(), ".");
  }
  return table;
}

}  // namespace bisque
