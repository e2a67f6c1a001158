#include <bisque/renderer/pictures/video_file.h>

#include <gtest/gtest.h>

#include <random>

#include <bisque/tests/renderer/pictures/pictures_testing.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

class VideoFileTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_ffmpeg()) GTEST_SKIP() << "ffmpeg and ffprobe are not installed";
  }
  /// A video of this many seconds at 25 Hz made by ffmpeg; `options` are its output options.
  std::string make(const std::string& name, double seconds, const std::string& options = "") {
    const std::string length = std::to_string(seconds);
    output_of("ffmpeg -v error -y -f lavfi -i testsrc=size=64x48:rate=25:duration=" + length +
              " -f lavfi -i sine=duration=" + length + " -c:v libx264 -pix_fmt yuv420p " + options + " " +
              folder_ / name);
    return read_file(folder_ / name);
  }
  TempFolder folder_;
};

VideoInfo info_of(const std::string& bytes) { return video_info(bytes_of(bytes), "a"); }
std::string error_of_video(const std::string& bytes) {
  return error_of([&] { info_of(bytes); });
}

TEST_F(VideoFileTest, IsAgreedOnByAnotherProgram) {
  for (const char* name : {"a.mp4", "a.mov", "a.mkv"}) {
    for (const char* options : {"-map 0:v", "-map 0:v -movflags +faststart", "-map 1:a -map 0:v -c:a aac"}) {
      const std::string bytes = make(name, 2, options);
      const std::string counted = output_of(
          "ffprobe -v error -count_frames -select_streams v:0 -show_entries stream=nb_read_frames "
          "-of default=nw=1:nk=1 " +
          folder_ / name);
      const VideoInfo info = info_of(bytes);
      EXPECT_EQ(info.num_frames, std::stoi(counted)) << name << " " << options;
      EXPECT_NEAR(info.seconds, 2, 0.1) << name << " " << options;
    }
  }
}

TEST_F(VideoFileTest, ThatIsCutIsAnErrorWhereverItIsCut) {
  for (const char* name : {"a.mp4", "a.mkv"}) {
    const std::string bytes = make(name, 0.4, "-map 0:v -movflags +faststart");
    EXPECT_EQ(info_of(bytes).num_frames, 10);
    for (size_t size = 0; size < bytes.size(); size += size < 3000 ? 1 : 37) {
      EXPECT_NE(error_of_video(bytes.substr(0, size)), "") << name << " cut at " << size;
    }
  }
}

TEST_F(VideoFileTest, ThatIsDamagedCrashesNothing) {
  std::mt19937 random(1);
  for (const char* name : {"a.mp4", "a.mkv"}) {
    const std::string whole = make(name, 0.4, "-map 0:v");
    for (int i = 0; i < 500; ++i) {
      std::string bytes = whole;
      for (int k = 0; k < 4; ++k) bytes[random() % bytes.size()] = static_cast<char>(random());
      error_of_video(bytes);
    }
  }
}

TEST_F(VideoFileTest, WithoutVideoIsAnError) {
  EXPECT_EQ(error_of_video(make("a.mp4", 1, "-map 1:a -c:a aac")), "a: has no video track.");
  EXPECT_EQ(error_of_video(make("a.mkv", 1, "-map 1:a -c:a aac")), "a: has no video track.");
}

TEST(VideoFile, ThatLacksItsIndexIsAnError) {
  const auto box = [](const std::string& type, const std::string& content) {
    return std::string{0, 0, 0, static_cast<char>(content.size() + 8)} + type + content;
  };
  EXPECT_EQ(error_of_video(""), "a: is not a video, expected an MP4, QuickTime or Matroska file.");
  EXPECT_EQ(error_of_video(box("ftyp", "isom") + box("mdat", "data")), "a: has no index (moov box).");
  EXPECT_EQ(error_of_video(box("ftyp", "isom") + "rest"), "a: has a file that is truncated or damaged.");
  EXPECT_EQ(error_of_video(box("moov", box("trak", ""))), "a: has an index without mdia box.");
  EXPECT_EQ(error_of_video(box("moov", "")), "a: has no video track.");
  const auto track = [&](const std::string& table) {
    return box("moov", box("trak", box("mdia", box("minf", box("stbl", table)))));
  };
  EXPECT_EQ(error_of_video(track("")), "a: has an index without stsz box.");
  const std::string sizes = box("stsz", std::string(7, '\0') + '\x09' + std::string(3, '\0') + '\x02');
  EXPECT_EQ(error_of_video(track(sizes)), "a: has an index without stco box.");
  const std::string offsets = box("stco", std::string(7, '\0') + '\x01' + std::string(2, '\0') + "\x01\x01");
  EXPECT_EQ(error_of_video(track(sizes + offsets)), "a: has an index of frames beyond its end.");
  const std::string ebml = "\x1a\x45\xdf\xa3\x80";
  EXPECT_EQ(error_of_video(ebml + "\x18\x53\x80\x67\x80"), "a: has no index (Cues).");
  EXPECT_EQ(error_of_video(ebml + std::string("\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff")),
            "a: has a content that is truncated or damaged.");
}

}  // namespace
}  // namespace bisque
