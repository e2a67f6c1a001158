#include <bisque/renderer/pictures/wav.h>

#include <string_view>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>

namespace bisque {
namespace {

constexpr size_t kChunkHeader = 8;
constexpr uint32_t kUnknownLength = 0xffffffff;
enum : uint32_t { kPcm = 1, kFloat = 3, kExtensible = 0xfffe };

std::string_view text_at(std::span<const std::byte> bytes, size_t offset) {
  return {reinterpret_cast<const char*>(bytes.data()) + offset, 4};
}

uint32_t little_endian(std::span<const std::byte> bytes, size_t offset, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) value |= std::to_integer<uint32_t>(bytes[offset + i]) << (8 * i);
  return value;
}

// ffmpeg converts to 7350 to 96000 Hz. Rates far outside cost it gigabytes or minutes, because a block of samples
// becomes thousands of blocks.
constexpr int64_t kLowestRate = 1000, kHighestRate = 1000000;

/// AAC's channel counts; ffmpeg rejects others, but only after the video is written.
bool has_encodable_channels(int channels) { return channels <= 8 || channels == 16; }

void check_can_be_encoded(const WavInfo& info, const std::string& name) {
  if (info.sample_rate < kLowestRate || info.sample_rate > kHighestRate) {
    fail(name, ": its sample rate is ", info.sample_rate, " Hz, expected ", kLowestRate, " to ", kHighestRate, " Hz.");
  }
  if (!has_encodable_channels(info.channels)) {
    fail(name, ": has ", info.channels, " channels, expected 1 to 8, or 16.");
  }
}

WavInfo parse_format(std::span<const std::byte> chunk, const std::string& name) {
  if (chunk.size() < 16) fail(name, ": its fmt chunk has ", chunk.size(), " bytes, expected 16 or more.");
  uint32_t coding = little_endian(chunk, 0, 2);
  if (coding == kExtensible) {
    if (chunk.size() < 40) fail(name, ": its extensible fmt chunk has ", chunk.size(), " bytes, expected 40.");
    coding = little_endian(chunk, 24, 2);  // the first field of the sub-format's GUID
  }
  if (coding != kPcm && coding != kFloat) {
    fail(name, ": its samples have coding ", coding, ", expected 1 (PCM) or 3 (float).");
  }
  WavInfo info;
  info.is_float = coding == kFloat;
  info.channels = static_cast<int>(little_endian(chunk, 2, 2));
  info.sample_rate = little_endian(chunk, 4, 4);
  info.bit_depth = static_cast<int>(little_endian(chunk, 14, 2));
  const bool depth_is_known = info.is_float ? info.bit_depth == 32 || info.bit_depth == 64
                                            : info.bit_depth > 0 && info.bit_depth <= 32 && info.bit_depth % 8 == 0;
  if (info.channels == 0 || info.sample_rate == 0 || !depth_is_known) {
    fail(name, ": its format of ", info.channels, " channels, ", info.sample_rate, " Hz, ", info.bit_depth,
         info.is_float ? "-bit float" : "-bit PCM", " is not valid, expected e.g. 2 channels, 48000 Hz, 16-bit PCM.");
  }
  const int64_t frame_size = int64_t{info.channels} * info.bit_depth / 8;
  if (little_endian(chunk, 12, 2) != frame_size) {
    fail(name, ": its format gives ", little_endian(chunk, 12, 2), " bytes to a sample of all channels, expected ",
         frame_size, ".");
  }
  check_can_be_encoded(info, name);
  return info;
}

}  // namespace

WavInfo wav_info(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() < 12 || text_at(bytes, 0) != "RIFF" || text_at(bytes, 8) != "WAVE") {
    fail(name, ": is not a WAV file, expected RIFF and WAVE in its first 12 bytes.");
  }
  WavInfo info;
  size_t offset = 12;
  while (bytes.size() - offset >= kChunkHeader) {
    const std::string_view id = text_at(bytes, offset);
    const uint32_t announced = little_endian(bytes, offset + 4, 4);
    const size_t rest = bytes.size() - offset - kChunkHeader;
    const bool is_data = id == "data";
    // If no length is known, writers leave all ones, or the zero that they intended to overwrite.
    const bool to_end = is_data && (announced == kUnknownLength || announced == 0);
    const size_t length = to_end ? rest : announced;
    if (length > rest) {
      fail(name, ": the chunk at byte ", offset, " declares ", announced, " bytes, but ", rest,
           " follow; the file is truncated.");
    }
    const auto chunk = bytes.subspan(offset + kChunkHeader, length);
    if (id == "fmt " && info.channels == 0) info = parse_format(chunk, name);  // ffmpeg also uses the first one
    if (is_data) {
      if (info.channels == 0) fail(name, ": has no fmt chunk before its data chunk.");
      info.num_samples = static_cast<int64_t>(length) / (int64_t{info.channels} * info.bit_depth / 8);
      if (info.num_samples == 0) fail(name, ": holds no samples.");
      return info;
    }
    offset += kChunkHeader + length;
    if (length % 2 == 1 && offset < bytes.size()) ++offset;  // chunks start at even bytes
  }
  fail(name, ": has no data chunk.");
}

WavInfo read_wav_info(const std::string& path) { return wav_info(MappedFile::open(path)->bytes(), path); }

}  // namespace bisque
