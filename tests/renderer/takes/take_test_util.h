// Takes made in the test.
#pragma once
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include <bisque/tests/testing/bytes.h>

namespace bisque::take_test {

using test::big_endian;

/// The header line of the app's files, written out as an independent reference.
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

/// The content of a packet; values are first, first + 1, ...
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

}  // namespace bisque::take_test
