#include <bisque/renderer/pictures/video_file.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <string_view>
#include <vector>

#include <bisque/core/error.h>

namespace bisque {
namespace {

using VideoBytes = std::span<const std::byte>;

[[noreturn]] void fail_cut(const std::string& name, const std::string& part) {
  fail(name, ": has a ", part, " that is truncated or damaged.");
}

uint64_t big_endian(VideoBytes bytes, size_t offset, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | std::to_integer<uint64_t>(bytes[offset + i]);
  return value;
}

/// Reads consecutive numbers of a box.
class BoxReader {
 public:
  BoxReader(VideoBytes bytes, const std::string& name, std::string part)
      : bytes_(bytes), name_(name), part_(std::move(part)) {}
  uint64_t number(size_t size) {
    need(size);
    const uint64_t value = big_endian(bytes_, 0, size);
    bytes_ = bytes_.subspan(size);
    return value;
  }
  void skip(size_t size) {
    need(size);
    bytes_ = bytes_.subspan(size);
  }
  /// A number of entries of `size` bytes each; all of them must be present.
  uint64_t count(size_t entry_size) {
    const uint64_t found = number(4);
    if (found > bytes_.size() / entry_size) fail_cut(name_, part_);
    return found;
  }

 private:
  void need(size_t size) const {
    if (bytes_.size() < size) fail_cut(name_, part_);
  }
  VideoBytes bytes_;
  const std::string& name_;
  std::string part_;
};

// --- MP4: boxes of a size, a type and content ---

struct Box {
  std::string_view type;
  VideoBytes content;
};

std::vector<Box> boxes_of(VideoBytes bytes, const std::string& name, const std::string& parent) {
  std::vector<Box> boxes;
  while (!bytes.empty()) {
    if (bytes.size() < 8) fail_cut(name, parent);
    size_t header = 8;
    uint64_t size = big_endian(bytes, 0, 4);
    if (size == 1) {
      header = 16;
      if (bytes.size() < header) fail_cut(name, parent);
      size = big_endian(bytes, 8, 8);
    }
    if (size < header || size > bytes.size()) fail_cut(name, parent);
    const std::string_view type(reinterpret_cast<const char*>(bytes.data()) + 4, 4);
    boxes.push_back({type, bytes.subspan(header, static_cast<size_t>(size) - header)});
    bytes = bytes.subspan(static_cast<size_t>(size));
  }
  return boxes;
}

std::optional<VideoBytes> find_box(const std::vector<Box>& boxes, std::string_view type) {
  const auto found = std::find_if(boxes.begin(), boxes.end(), [&](const Box& box) { return box.type == type; });
  return found == boxes.end() ? std::nullopt : std::optional(found->content);
}

VideoBytes box_in(VideoBytes parent, const std::string& name, const std::string& parent_type, std::string_view type) {
  const auto found = find_box(boxes_of(parent, name, parent_type), type);
  if (!found) fail(name, ": has an index without ", type, " box.");
  return *found;
}

/// stts: numbers of frames and their durations.
VideoInfo frames_of(VideoBytes stts, uint64_t timescale, const std::string& name) {
  BoxReader reader(stts, name, "stts box");
  reader.skip(4);
  VideoInfo info;
  double units = 0;
  for (uint64_t left = reader.count(8); left > 0; --left) {
    const uint64_t frames = reader.number(4), duration = reader.number(4);
    info.num_frames += static_cast<int64_t>(frames);
    units += static_cast<double>(frames) * static_cast<double>(duration);
  }
  info.seconds = units / static_cast<double>(timescale);
  return info;
}

struct SampleSizes {
  uint64_t total = 0, last = 0;
};

/// stsz: one size for all samples, or one per sample.
SampleSizes sample_sizes(VideoBytes stsz, const std::string& name) {
  BoxReader reader(stsz, name, "stsz box");
  reader.skip(4);
  const uint64_t size_of_all = reader.number(4);
  if (size_of_all != 0) return {size_of_all * reader.number(4), size_of_all};
  SampleSizes sizes;
  for (uint64_t left = reader.count(4); left > 0; --left) sizes.total += sizes.last = reader.number(4);
  return sizes;
}

std::vector<uint64_t> chunk_offsets(const std::vector<Box>& table, const std::string& name) {
  const auto wide = find_box(table, "co64"), narrow = find_box(table, "stco");
  if (!wide && !narrow) fail(name, ": has an index without stco box.");
  const size_t width = wide ? 8 : 4;
  BoxReader reader(wide ? *wide : *narrow, name, "stco box");
  reader.skip(4);
  std::vector<uint64_t> offsets(reader.count(width));
  for (uint64_t& offset : offsets) offset = reader.number(width);
  return offsets;
}

/// Checks that the bytes of a track given by the index are in the file: no chunk begins after its end, and all fit
/// between the first one and the end.
void check_samples(const std::vector<Box>& table, size_t file_size, const std::string& name) {
  const auto stsz = find_box(table, "stsz");
  if (!stsz) fail(name, ": has an index without stsz box.");
  const SampleSizes sizes = sample_sizes(*stsz, name);
  const auto offsets = chunk_offsets(table, name);
  if (offsets.empty()) return;
  const auto [first, last] = std::minmax_element(offsets.begin(), offsets.end());
  if (*last > file_size || sizes.last > file_size - *last || sizes.total > file_size - *first) {
    fail(name, ": has an index of frames beyond its end.");
  }
}

VideoInfo mp4_info(VideoBytes bytes, const std::string& name) {
  const auto moov = find_box(boxes_of(bytes, name, "file"), "moov");
  if (!moov) fail(name, ": has no index (moov box).");
  std::optional<VideoInfo> info;
  for (const Box& box : boxes_of(*moov, name, "moov box")) {
    if (box.type != "trak") continue;
    const auto media = box_in(box.content, name, "trak box", "mdia");
    const auto stbl = box_in(box_in(media, name, "mdia box", "minf"), name, "minf box", "stbl");
    const auto table = boxes_of(stbl, name, "stbl box");
    check_samples(table, bytes.size(), name);
    BoxReader handler(box_in(media, name, "mdia box", "hdlr"), name, "hdlr box");
    handler.skip(8);
    constexpr uint64_t kVideo = 0x76696465;  // "vide"
    if (info || handler.number(4) != kVideo) continue;
    BoxReader header(box_in(media, name, "mdia box", "mdhd"), name, "mdhd box");
    header.skip(header.number(1) == 1 ? 19 : 11);
    const uint64_t timescale = header.number(4);
    const auto stts = find_box(table, "stts");
    if (!stts || timescale == 0) fail(name, ": has an index that does not give the duration of a frame.");
    info = frames_of(*stts, timescale, name);
  }
  if (!info) fail(name, ": has no video track.");
  return *info;
}

// --- Matroska: elements of an identifier, a size and content ---

enum MatroskaId : uint32_t {
  kEbml = 0x1a45dfa3,
  kSegment = 0x18538067,
  kInfo = 0x1549a966,
  kTimestampScale = 0x2ad7b1,
  kDuration = 0x4489,
  kTracks = 0x1654ae6b,
  kTrackEntry = 0xae,
  kTrackNumber = 0xd7,
  kTrackType = 0x83,
  kCluster = 0x1f43b675,
  kSimpleBlock = 0xa3,
  kBlockGroup = 0xa0,
  kBlock = 0xa1,
  kCues = 0x1c53bb6b,
};

/// A number whose length is in its first bits. With `keeps_marker`, these bits are kept, as in identifiers.
uint64_t variable_number(VideoBytes& bytes, bool keeps_marker, const std::string& name) {
  const auto first = bytes.empty() ? uint8_t{0} : std::to_integer<uint8_t>(bytes[0]);
  const auto length = static_cast<size_t>(std::countl_zero(first)) + 1;
  if (first == 0 || length > bytes.size()) fail_cut(name, "content");
  uint64_t value = big_endian(bytes, 0, length);
  if (!keeps_marker) value &= (uint64_t{1} << (7 * length)) - 1;
  bytes = bytes.subspan(length);
  return value;
}

/// Calls `visit` with the identifier and the content of each element.
template <class Visit>
void for_each_element(VideoBytes bytes, const std::string& name, const Visit& visit) {
  while (!bytes.empty()) {
    const uint64_t id = variable_number(bytes, /*keeps_marker=*/true, name);
    const uint64_t size = variable_number(bytes, /*keeps_marker=*/false, name);
    if (size > bytes.size()) fail_cut(name, "content");  // also an unknown size, which ffmpeg fills in at the end
    visit(id, bytes.first(static_cast<size_t>(size)));
    bytes = bytes.subspan(static_cast<size_t>(size));
  }
}

uint64_t unsigned_of(VideoBytes content) { return content.size() > 8 ? 0 : big_endian(content, 0, content.size()); }

double float_of(VideoBytes content) {
  if (content.size() == 4) return std::bit_cast<float>(static_cast<uint32_t>(unsigned_of(content)));
  return content.size() == 8 ? std::bit_cast<double>(unsigned_of(content)) : 0;
}

struct Matroska {
  double duration = 0;
  double scale = 1e6;  // nanoseconds
  std::optional<uint64_t> video_track;
  int64_t num_frames = 0;
  bool has_cues = false;
};

void read_segment_info(VideoBytes content, Matroska& file, const std::string& name) {
  for_each_element(content, name, [&](uint64_t id, VideoBytes value) {
    if (id == kTimestampScale) file.scale = static_cast<double>(unsigned_of(value));
    if (id == kDuration) file.duration = float_of(value);
  });
}

void read_tracks(VideoBytes content, Matroska& file, const std::string& name) {
  for_each_element(content, name, [&](uint64_t id, VideoBytes entry) {
    if (id != kTrackEntry) return;
    uint64_t number = 0, type = 0;
    for_each_element(entry, name, [&](uint64_t field, VideoBytes value) {
      if (field == kTrackNumber) number = unsigned_of(value);
      if (field == kTrackType) type = unsigned_of(value);
    });
    if (type == 1 && !file.video_track) file.video_track = number;
  });
}

void count_block(VideoBytes block, Matroska& file, const std::string& name) {
  if (variable_number(block, /*keeps_marker=*/false, name) == file.video_track) ++file.num_frames;
}

void read_cluster(VideoBytes content, Matroska& file, const std::string& name) {
  for_each_element(content, name, [&](uint64_t id, VideoBytes value) {
    if (id == kSimpleBlock) count_block(value, file, name);
    if (id != kBlockGroup) return;
    for_each_element(value, name, [&](uint64_t inner, VideoBytes block) {
      if (inner == kBlock) count_block(block, file, name);
    });
  });
}

VideoInfo matroska_info(VideoBytes bytes, const std::string& name) {
  Matroska file;
  for_each_element(bytes, name, [&](uint64_t outer, VideoBytes segment) {
    if (outer != kSegment) return;
    for_each_element(segment, name, [&](uint64_t id, VideoBytes content) {
      if (id == kInfo) read_segment_info(content, file, name);
      if (id == kTracks) read_tracks(content, file, name);
      if (id == kCluster) read_cluster(content, file, name);
      file.has_cues |= id == kCues;
    });
  });
  if (!file.has_cues) fail(name, ": has no index (Cues).");
  if (!file.video_track) fail(name, ": has no video track.");
  return {file.num_frames, file.duration * file.scale * 1e-9};
}

}  // namespace

VideoInfo video_info(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() < 8) fail(name, ": is not a video, expected an MP4, QuickTime or Matroska file.");
  return big_endian(bytes, 0, 4) == kEbml ? matroska_info(bytes, name) : mp4_info(bytes, name);
}

}  // namespace bisque
