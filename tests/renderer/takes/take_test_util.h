// Takes made in the test, and where the real ones are.
#pragma once
#include <unistd.h>

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <bisque/core/error.h>

namespace bisque::take_test {

/// The header line of the app's files, written out here as a truth of its own.
inline const std::string kCsvHeader =
    "Timecode,BlendShapeCount,EyeBlinkLeft,EyeLookDownLeft,EyeLookInLeft,EyeLookOutLeft,EyeLookUpLeft,EyeSquintLeft,"
    "EyeWideLeft,EyeBlinkRight,EyeLookDownRight,EyeLookInRight,EyeLookOutRight,EyeLookUpRight,EyeSquintRight,"
    "EyeWideRight,JawForward,JawRight,JawLeft,JawOpen,MouthClose,MouthFunnel,MouthPucker,MouthRight,MouthLeft,"
    "MouthSmileLeft,MouthSmileRight,MouthFrownLeft,MouthFrownRight,MouthDimpleLeft,MouthDimpleRight,MouthStretchLeft,"
    "MouthStretchRight,MouthRollLower,MouthRollUpper,MouthShrugLower,MouthShrugUpper,MouthPressLeft,MouthPressRight,"
    "MouthLowerDownLeft,MouthLowerDownRight,MouthUpperUpLeft,MouthUpperUpRight,BrowDownLeft,BrowDownRight,BrowInnerUp,"
    "BrowOuterUpLeft,BrowOuterUpRight,CheekPuff,CheekSquintLeft,CheekSquintRight,NoseSneerLeft,NoseSneerRight,"
    "TongueOut,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll";

/// A row with the values first, first + 1, ...
inline std::string csv_row(const std::string& timecode, int first = 0, int count = 61) {
  std::string row = timecode + ",61";
  for (int i = 0; i < count; ++i) row += "," + std::to_string(first + i);
  return row;
}

inline std::string csv(const std::vector<std::string>& timecodes) {
  std::string text = kCsvHeader;
  for (size_t i = 0; i < timecodes.size(); ++i) text += "\n" + csv_row(timecodes[i], static_cast<int>(100 * i));
  return text;
}

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

inline std::string big_endian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
  return bytes;
}

/// What a packet is made of; values are first, first + 1, ...
struct PacketSpec {
  int32_t frame = 0;
  float sub_frame = 0.125F;
  float first = 0;
  int32_t num = 60;
  int32_t den = 1;
  std::string device = "device";
  std::string subject = "subject";
  int version = 6;
  int count = 61;
};

inline std::string packet(const PacketSpec& spec) {
  std::string bytes(1, static_cast<char>(spec.version));
  bytes += big_endian(static_cast<uint32_t>(spec.device.size())) + spec.device;
  bytes += big_endian(static_cast<uint32_t>(spec.subject.size())) + spec.subject;
  bytes += big_endian(static_cast<uint32_t>(spec.frame));
  bytes += big_endian(std::bit_cast<uint32_t>(spec.sub_frame));
  bytes += big_endian(static_cast<uint32_t>(spec.num)) + big_endian(static_cast<uint32_t>(spec.den));
  bytes += static_cast<char>(spec.count);
  for (int i = 0; i < spec.count; ++i) {
    bytes += big_endian(std::bit_cast<uint32_t>(spec.first + static_cast<float>(i)));
  }
  return bytes;
}

inline std::string recorded(const std::string& packet) {
  return big_endian(static_cast<uint32_t>(packet.size())) + packet;
}

inline std::string recording(const std::vector<PacketSpec>& specs) {
  std::string bytes;
  for (const PacketSpec& spec : specs) bytes += recorded(packet(spec));
  return bytes;
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// A folder of the test's own, removed at its end.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "bisque_take_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  /// The path of a new file with this content.
  std::string write(const std::string& name, const std::string& content) const {
    const std::string path = (path_ / name).string();
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

 private:
  std::filesystem::path path_;
};

/// The message that `action` fails with; empty where it does not fail.
template <class Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// The folder of real data; empty where there is none.
inline std::filesystem::path shared_data() {
  const char* given = std::getenv("BISQUE_SHARED");
  const std::filesystem::path root = std::filesystem::path(__FILE__).parent_path() / "../../..";
  const std::filesystem::path data = (given ? std::filesystem::path(given) : root / "../shared") / "data";
  return std::filesystem::exists(data) ? data : std::filesystem::path();
}

inline std::string read_whole_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace bisque::take_test

/// Skips the test where the real data are not there.
#define BISQUE_NEEDS_SHARED(data)                              \
  const std::filesystem::path data = take_test::shared_data(); \
  if (data.empty()) GTEST_SKIP() << "no shared/data beside the tree (BISQUE_SHARED)"
