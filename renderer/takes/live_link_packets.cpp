#include <bisque/renderer/takes/live_link_packets.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/frame_rate.h>
#include <bisque/renderer/takes/gzip.h>
#include <bisque/renderer/takes/shape_names.h>

namespace bisque {
namespace {

constexpr uint8_t kVersion = 6;
constexpr size_t kMaxUnpackedBytes = size_t{256} << 20;  // 3.8 hours at 60 Hz
constexpr double kLargestSubFrame = 0.999;               // of the three decimals that the app writes
constexpr double kDaySeconds = 86'400;

/// Big-endian numbers off the front of some bytes.
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

/// Times of packets in their order of arrival: over midnights, and never more than a second late.
class Clock {
 public:
  explicit Clock(const FrameRate& rate) : second_(static_cast<double>(nominal_rate(rate))) {}

  double place(const LiveLinkPacket& packet, const std::string& where) {
    const double half_day = second_ * kDaySeconds / 2;
    double time = packet.frame + std::clamp<double>(packet.sub_frame, 0, kLargestSubFrame) + midnights_;
    if (!started_) latest_ = time;
    started_ = true;
    if (latest_ - time > half_day) {
      midnights_ += 2 * half_day;
      time += 2 * half_day;
    } else if (midnights_ > 0 && time - latest_ > half_day) {
      time -= 2 * half_day;  // from before midnight, overtaken by one from after it
    }
    if (latest_ - time > second_) {
      fail(where, ": comes ", std::llround(latest_ - time),
           " frames late, expected at most a second, as one recording holds one take.");
    }
    latest_ = std::max(latest_, time);
    return time;
  }

 private:
  double second_;  // in frames
  double midnights_ = 0;
  double latest_ = 0;
  bool started_ = false;
};

// Puts rows into the order of their times; equal times stay in the order of arrival.
void sort_rows(TakeRows& rows) {
  if (std::is_sorted(rows.frames.begin(), rows.frames.end())) return;
  std::vector<size_t> order(rows.frames.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rows.frames[a] < rows.frames[b]; });
  TakeRows sorted;
  sorted.values.reserve(rows.values.size());
  for (const size_t row : order) {
    sorted.frames.push_back(rows.frames[row]);
    const auto* values = rows.values.data() + row * kLiveLinkValues;
    sorted.values.insert(sorted.values.end(), values, values + kLiveLinkValues);
  }
  rows.frames = std::move(sorted.frames);
  rows.values = std::move(sorted.values);
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
  if (!std::isfinite(packet.sub_frame)) fail(where, ": its sub-frame is no finite number.");
  const int32_t num = reader.i32("frame rate");
  const int32_t den = reader.i32("frame rate");
  packet.rate = checked_frame_rate(num, den, where);
  if (const size_t count = reader.u8("count of values"); count != kLiveLinkValues) {
    fail(where, ": has ", count, " values, expected ", kLiveLinkValues, ".");
  }
  for (size_t i = 0; i < kLiveLinkValues; ++i) {
    packet.values[i] = reader.f32("values");
    if (!std::isfinite(packet.values[i])) fail(where, ": its ", live_link_names()[i], " is no finite number.");
  }
  if (reader.left() > 0) fail(where, ": has ", reader.left(), " bytes after its values, expected none.");
  return packet;
}

TakeRows parse_live_link_packets(std::span<const std::byte> bytes, const std::string& where,
                                 const std::optional<FrameRate>& rate) {
  if (bytes.empty()) fail(where, ": holds no packet.");
  TakeRows rows;
  rows.names = live_link_names();
  std::optional<LiveLinkPacket> first;
  std::optional<Clock> clock;
  std::string packet_where;
  ByteReader reader(bytes, packet_where);
  while (reader.left() > 0) {
    packet_where =
        where + ": packet " + std::to_string(rows.frames.size() + 1) + " at byte " + std::to_string(reader.position());
    const uint32_t size = reader.u32("size");
    const LiveLinkPacket packet = decode_live_link_packet(reader.take(size, "bytes"), packet_where);
    if (!first) {
      first = packet;
      rows.rate = rate.value_or(packet.rate);
      clock.emplace(packet.rate);
    }
    check_same_source(packet, *first, packet_where);
    rows.frames.push_back(clock->place(packet, packet_where));
    rows.values.insert(rows.values.end(), packet.values.begin(), packet.values.end());
  }
  sort_rows(rows);
  return rows;
}

TakeRows parse_live_link_gesichter(std::span<const std::byte> bytes, const std::string& where,
                                   const std::optional<FrameRate>& rate) {
  const std::vector<std::byte> unpacked = gunzip(bytes, where, kMaxUnpackedBytes);
  const std::string inside = where + " (unpacked)";
  ByteReader reader(unpacked, inside);
  if (const int version = reader.u8("version"); version != kVersion) {
    fail(where, ": has file version ", version, ", expected ", int{kVersion}, ".");
  }
  const uint32_t count = reader.u32("count of packets");
  TakeRows rows = parse_live_link_packets(std::span(unpacked).subspan(reader.position()), inside, rate);
  if (count != rows.frames.size()) {
    fail(where, ": says that it holds ", count, " packets, but holds ", rows.frames.size(), ".");
  }
  return rows;
}

}  // namespace bisque
