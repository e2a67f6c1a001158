#include <bisque/renderer/pictures/video.h>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <map>
#include <sstream>

#include <bisque/tests/renderer/pictures/pictures_testing.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

class VideoTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_ffmpeg()) GTEST_SKIP() << "ffmpeg and ffprobe are not installed";
  }
  TempFolder folder_;
};

// PATH holds nothing but `folder`, until the end of the scope.
class PathOf {
 public:
  explicit PathOf(const std::string& folder) : before_(std::getenv("PATH")) { ::setenv("PATH", folder.c_str(), 1); }
  ~PathOf() { ::setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

// Puts a program named ffmpeg into the folder.
void write_fake_ffmpeg(const TempFolder& folder, const std::string& script) {
  folder.write("ffmpeg", "#!/bin/sh\n" + script);
  std::filesystem::permissions(folder / "ffmpeg", std::filesystem::perms::owner_all);
}

std::map<std::string, std::string> probe(const std::string& path, const std::string& stream = "v:0") {
  std::istringstream lines(output_of("ffprobe -v error -count_frames -select_streams " + stream +
                                     " -show_entries stream:format=duration -of default=nw=1 " + path));
  std::map<std::string, std::string> values;
  for (std::string line; std::getline(lines, line);) {
    const size_t equals = line.find('=');
    values[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return values;
}

// All frames as RGB, read as what the tags say: BT.709, limited range.
std::string decoded_video(const std::string& path) {
  return output_of("ffmpeg -v error -i " + path +
                   " -vf scale=in_color_matrix=bt709:in_range=tv:flags=accurate_rnd+full_chroma_int" +
                   " -f rawvideo -pix_fmt rgb24 -");
}

void write_video(const std::string& path, const Picture& picture, int frames, FrameRate rate = {30, 1},
                 const VideoOptions& options = {}) {
  VideoWriter video(path, picture.width, picture.height, rate, options);
  for (int i = 0; i < frames; ++i) video.write(picture);
  video.finish();
}

TEST_F(VideoTest, IsTaggedAndCountedAsItIs) {
  for (const char* name : {"a.mp4", "a.mov", "a.mkv", "a.MP4"}) {
    const std::string path = folder_ / name;
    write_video(path, test_picture(64, 48, 3), 10, {30000, 1001});
    auto values = probe(path);
    EXPECT_EQ(values["codec_name"], "h264") << name;
    EXPECT_EQ(values["pix_fmt"], "yuv420p");
    EXPECT_EQ(values["color_space"], "bt709");
    EXPECT_EQ(values["color_primaries"], "bt709");
    EXPECT_EQ(values["color_transfer"], "bt709");
    EXPECT_EQ(values["color_range"], "tv");
    EXPECT_EQ(values["width"], "64");
    EXPECT_EQ(values["height"], "48");
    EXPECT_EQ(values["nb_read_frames"], "10");
    EXPECT_EQ(values["r_frame_rate"], "30000/1001");
  }
  EXPECT_EQ(folder_.num_files(), 4u);
}

TEST_F(VideoTest, ColoursAreConvertedAsTheTagsSay) {
  for (const std::vector<uint8_t>& color :
       {std::vector<uint8_t>{200, 40, 60}, {20, 180, 70}, {30, 60, 220}, {255, 255, 255}, {0, 0, 0}, {128, 128, 128}}) {
    write_video(folder_ / "a.mp4", flat_picture(32, 32, color), 3);
    const std::string pixels = decoded_video(folder_ / "a.mp4");
    ASSERT_EQ(pixels.size(), 3u * 32 * 32 * 3);
    for (size_t i = 0; i < pixels.size(); ++i) {
      ASSERT_NEAR(static_cast<uint8_t>(pixels[i]), color[i % 3], 3);
    }
  }
}

TEST_F(VideoTest, FramesKeepTheirOrder) {
  VideoWriter video(folder_ / "a.mp4", 32, 32, {25, 1});
  for (int i = 0; i < 40; ++i) {
    const auto level = static_cast<uint8_t>(40 + 4 * i);
    video.write(flat_picture(32, 32, {level, level, level}));
  }
  video.finish();
  const std::string pixels = decoded_video(folder_ / "a.mp4");
  ASSERT_EQ(pixels.size(), 40u * 32 * 32 * 3);
  for (int i = 0; i < 40; ++i) {
    EXPECT_NEAR(static_cast<uint8_t>(pixels[static_cast<size_t>(i) * 32 * 32 * 3]), 40 + 4 * i, 3);
  }
}

TEST_F(VideoTest, OddSidesAreMadeEvenByRepeatingTheEdge) {
  Picture picture = flat_picture(33, 17, {0, 0, 0});
  for (int64_t y = 0; y < 17; ++y) {
    for (int64_t x = 0; x < 33; ++x) {
      if (x == 32 || y == 16) picture.pixels[static_cast<size_t>((y * 33 + x) * 3 + 1)] = 200;  // green edges
    }
  }
  write_video(folder_ / "a.mp4", picture, 2);
  EXPECT_EQ(probe(folder_ / "a.mp4")["width"], "34");
  EXPECT_EQ(probe(folder_ / "a.mp4")["height"], "18");
  const std::string pixels = decoded_video(folder_ / "a.mp4");
  const auto green = [&](size_t x, size_t y) { return static_cast<uint8_t>(pixels[(y * 34 + x) * 3 + 1]); };
  EXPECT_NEAR(green(33, 5), 200, 25);
  EXPECT_NEAR(green(5, 17), 200, 25);
  EXPECT_NEAR(green(33, 17), 200, 25);
  EXPECT_NEAR(green(5, 5), 0, 25);
}

TEST_F(VideoTest, StartsPlayingBeforeAllIsThere) {
  write_video(folder_ / "a.mp4", test_picture(64, 48, 3), 10);
  const std::string bytes = read_file(folder_ / "a.mp4");
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
}

TEST_F(VideoTest, TheVideoDecidesTheLengthOfTheAudio) {
  for (const char* seconds : {"0.5", "5"}) {
    const std::string wav = folder_ / "a.wav";
    output_of(std::string("ffmpeg -v error -y -f lavfi -i sine=duration=") + seconds + " " + wav);
    for (const char* name : {"a.mp4", "a.mkv"}) {
      write_video(folder_ / name, test_picture(64, 48, 3), 60, {30, 1}, {wav});
      auto video = probe(folder_ / name);
      auto audio = probe(folder_ / name, "a:0");
      EXPECT_EQ(video["nb_read_frames"], "60");
      EXPECT_EQ(audio["codec_name"], "aac");
      EXPECT_NEAR(std::stod(video["duration"]), 2.0, 0.1) << name << " " << seconds;
      EXPECT_NEAR(std::stoi(audio["nb_read_frames"]) * 1024 / 44100.0, 2.0, 0.1) << name << " " << seconds;
    }
  }
}

TEST_F(VideoTest, AudioOfUnusualFormsIsTaken) {
  for (const char* form : {"-c:a pcm_u8 -ar 8000 -ac 1", "-c:a pcm_f32le -ar 96000 -ac 2", "-ar 192000 -ac 6"}) {
    const std::string wav = folder_ / "a.wav";
    output_of(std::string("ffmpeg -v error -y -f lavfi -i sine=duration=1 ") + form + " " + wav);
    write_video(folder_ / "a.mp4", test_picture(32, 32, 3), 15, {30, 1}, {wav});
    EXPECT_EQ(probe(folder_ / "a.mp4", "a:0")["codec_name"], "aac") << form;
    output_of("ffmpeg -v error -i " + wav + " -f wav - > " + folder_ / "streamed.wav");
    write_video(folder_ / "a.mp4", test_picture(32, 32, 3), 15, {30, 1}, {folder_ / "streamed.wav"});
  }
}

TEST_F(VideoTest, NamesThatLookLikeSomethingElseAreFileNames) {
  const std::string before = std::filesystem::current_path().string();
  std::filesystem::current_path(folder_ / "");
  std::filesystem::create_directory("http:");
  output_of("ffmpeg -v error -f lavfi -i sine=duration=0.1 file:http:/a.wav");
  for (const char* name : {"-y.mp4", "a:b.mp4", "a b'$.mp4", "%05d.mp4", "http:/a.mp4"}) {
    write_video(name, test_picture(32, 32, 3), 2, {30, 1}, {"http:/a.wav"});
    EXPECT_TRUE(std::filesystem::exists(name)) << name;
  }
  std::filesystem::current_path(before);
  EXPECT_EQ(folder_.num_files(), 5u);
}

TEST_F(VideoTest, WithoutFinishNothingIsLeftAndAnOldFileStays) {
  folder_.write("a.mp4", "old");
  {
    VideoWriter video(folder_ / "a.mp4", 64, 48, {30, 1});
    video.write(test_picture(64, 48, 3));
  }
  EXPECT_EQ(read_file(folder_ / "a.mp4"), "old");
  EXPECT_EQ(folder_.num_files(), 1u);
}

TEST_F(VideoTest, ALinkIsFollowed) {
  std::filesystem::create_directory(folder_ / "real");
  folder_.write("real/a.mp4", "old");
  std::filesystem::create_symlink("real/a.mp4", folder_ / "link.mp4");
  write_video(folder_ / "link.mp4", test_picture(32, 32, 3), 2);
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "link.mp4"));
  EXPECT_GT(std::filesystem::file_size(folder_ / "real/a.mp4"), 500u);
}

TEST_F(VideoTest, FramesThatDoNotFitAreRejected) {
  const std::string path = folder_ / "a.mp4";
  VideoWriter video(path, 64, 48, {30, 1});
  EXPECT_EQ(error_of([&] { video.write(test_picture(48, 64, 3)); }),
            path + ": frame 0 has 48 x 64 pixels, expected 64 x 48.");
  EXPECT_EQ(error_of([&] { video.write(test_picture(64, 48, 4)); }),
            path + ": a video has no alpha channel, expected RGB pictures (a background colour).");
  EXPECT_EQ(error_of([&] { video.write(std::vector<uint8_t>(7)); }), path + ": frame 0 has 7 bytes, expected 9216.");
  EXPECT_EQ(error_of([&] { video.finish(); }), path + ": no frame was written, expected one or more.");
}

TEST_F(VideoTest, AFinishedVideoTakesNoMore) {
  const std::string path = folder_ / "a.mp4";
  VideoWriter video(path, 32, 32, {30, 1});
  video.write(test_picture(32, 32, 3));
  video.finish();
  EXPECT_EQ(error_of([&] { video.write(test_picture(32, 32, 3)); }),
            path + ": is finished, or has failed, and takes no more frames.");
  EXPECT_EQ(error_of([&] { video.finish(); }), path + ": is finished, or has failed, and cannot be finished again.");
}

TEST_F(VideoTest, AFullDiskIsAnErrorWhereverItIsHit) {
  const std::string tiny = folder_ / "tiny";
  std::filesystem::create_directory(tiny);
  if (::mount("tmpfs", tiny.c_str(), "tmpfs", 0, "size=8k") != 0) {
    GTEST_SKIP() << "a small tmpfs cannot be mounted here";
  }
  // Detected only at the end (ffmpeg's exit status is 0 then), and during writing.
  for (const auto& [name, frames] : std::vector<std::pair<std::string, int>>{
           {"a.mp4", 2}, {"a.mp4", 300}, {"a.mov", 2}, {"a.mkv", 2}, {"a.mkv", 300}}) {
    const std::string path = tiny + "/" + name;
    const std::string message = error_of([&, frames = frames] {
      VideoWriter video(path, 256, 256, {30, 1});
      for (int i = 0; i < frames; ++i) {
        Picture noise = test_picture(256, 256, 3);
        for (size_t k = 0; k < noise.pixels.size(); ++k) noise.pixels[k] ^= static_cast<uint8_t>(k * k * (i + 3) >> 7);
        video.write(noise);
      }
      video.finish();
    });
    expect_contains(message, path + ": ffmpeg could not write the video (");
    expect_contains(message, "No space left on device");
    EXPECT_EQ(message.find(".bisque-"), std::string::npos) << message;
    EXPECT_TRUE(std::filesystem::is_empty(tiny));
  }
  ::umount(tiny.c_str());
}

TEST(Video, AnFfmpegThatDiesIsAnErrorInItsOwnWords) {
  const TempFolder folder;
  write_fake_ffmpeg(folder, "echo first >&2\necho 'out of paint' >&2\necho 'Conversion failed!' >&2\nexit 7\n");
  const PathOf path(folder / "");
  ASSERT_EQ(std::signal(SIGPIPE, SIG_DFL), SIG_DFL);
  VideoWriter video(folder / "a.mp4", 512, 512, {30, 1});
  const std::string message = error_of([&] {
    for (int i = 0; i < 100; ++i) video.write(flat_picture(512, 512, {1, 2, 3}));
  });
  EXPECT_EQ(message, folder / "a.mp4" + ": ffmpeg could not write the video (out of paint).");
  EXPECT_THROW(video.write(flat_picture(512, 512, {1, 2, 3})), Error);
}

TEST(Video, AnFfmpegThatFailsInSilenceIsAnError) {
  const TempFolder folder;
  write_fake_ffmpeg(folder, "/bin/cat >/dev/null\nexit 7\n");
  const PathOf path(folder / "");
  {
    VideoWriter video(folder / "a.mp4", 8, 8, {30, 1});
    video.write(flat_picture(8, 8, {1, 2, 3}));
    EXPECT_EQ(error_of([&] { video.finish(); }),
              folder / "a.mp4" + ": ffmpeg could not write the video (ended with status 7).");
  }
  EXPECT_EQ(folder.num_files(), 1u);  // the fake
}

TEST_F(VideoTest, WhatFfmpegSaysDoesNotDecide) {
  ::setenv("OMP_NUM_THREADS", "0", 1);  // of which its libraries complain
  const TempFolder programs;
  write_fake_ffmpeg(programs,
                    "echo 'a word of warning' >&2\nPATH=" + std::string(std::getenv("PATH")) + " exec ffmpeg \"$@\"\n");
  {
    const PathOf path(programs / "");
    for (const char* name : {"a.mp4", "a.mov", "a.mkv"}) write_video(folder_ / name, test_picture(64, 48, 3), 5);
  }
  for (const char* name : {"a.mp4", "a.mov", "a.mkv"}) EXPECT_EQ(probe(folder_ / name)["nb_read_frames"], "5");
  ::unsetenv("OMP_NUM_THREADS");
}

TEST_F(VideoTest, AFileThatLacksFramesIsAnErrorWhateverFfmpegSays) {
  const TempFolder programs;
  const std::string real = std::string("PATH=") + std::getenv("PATH") + "\n";
  const auto error_with = [&](const std::string& script, const std::string& name) {
    write_fake_ffmpeg(programs, real + script);
    const PathOf path(programs / "");
    const std::string message = error_of([&] { write_video(folder_ / name, test_picture(64, 48, 3), 5); });
    EXPECT_EQ(folder_.num_files(), 0u);
    return message;
  };
  for (const char* name : {"a.mp4", "a.mkv"}) {
    const std::string start = folder_ / name + ": ffmpeg could not write the video (the file ";
    EXPECT_EQ(error_with("cat >/dev/null\n", name), start + "is empty).");
    EXPECT_EQ(error_with("head -c 27648 | ffmpeg \"$@\"; cat >/dev/null\n", name), start + "holds 3 of 5 frames).");
    expect_contains(error_with("ffmpeg \"$@\"\nfor file; do :; done\ntruncate -s -100 \"${file#file:}\"\n", name),
                    " that is truncated or damaged).");
    const std::string slow = "for word; do shift; [ $word = 30/1 ] && word=1/1; set -- \"$@\" \"$word\"; done\n";
    expect_contains(error_with(slow + "ffmpeg \"$@\"\n", name), start + "lasts ");
  }
}

TEST_F(VideoTest, UnusualFrameRatesAreWhole) {
  for (const FrameRate rate : {FrameRate{1, 10}, {1, 1000}, {24000, 1001}, {1000, 1}, {12345, 678}, {960, 1}}) {
    for (const char* name : {"a.mp4", "a.mov", "a.mkv"}) {
      write_video(folder_ / name, test_picture(32, 32, 3), 7, rate);
      EXPECT_EQ(probe(folder_ / name)["nb_read_frames"], "7") << rate.num << "/" << rate.den << " " << name;
    }
  }
}

TEST(Video, AnFfmpegThatIsKilledIsAnError) {
  const TempFolder folder;
  write_fake_ffmpeg(folder, "kill -9 $$\n");
  const PathOf path(folder / "");
  VideoWriter video(folder / "a.mp4", 512, 512, {30, 1});
  EXPECT_EQ(error_of([&] {
              for (int i = 0; i < 100; ++i) video.write(flat_picture(512, 512, {1, 2, 3}));
            }),
            folder / "a.mp4" + ": ffmpeg could not write the video (ended by a signal: Killed).");
}

TEST(Video, AMissingFfmpegIsNamedWithItsCure) {
  const TempFolder folder;
  const PathOf path(folder / "");
  EXPECT_EQ(
      error_of([&] {
        VideoWriter(folder / "a.mp4", 8, 8, {30, 1});
      }),
      folder / "a.mp4" + ": the ffmpeg program was not found, which writes videos; install it (apt install ffmpeg).");
  EXPECT_EQ(folder.num_files(), 0u);
  EXPECT_FALSE(ffmpeg_version());
}

TEST(Video, ArgumentsAreChecked) {
  EXPECT_EQ(error_of([] {
              VideoWriter("a.avi", 8, 8, {30, 1});
            }),
            "a.avi: has no known video extension, expected .mp4, .mov or .mkv.");
  EXPECT_EQ(error_of([] {
              VideoWriter("a.mp4", 16385, 8, {30, 1});
            }),
            "a.mp4: a video of 16385 x 8 pixels cannot be written, expected 1 to 16384 pixels per side.");
  EXPECT_EQ(error_of([] {
              VideoWriter("a.mp4", 8, 8, {30, 0});
            }),
            "a.mp4: frame rate 30/0, expected e.g. 30/1 or 30000/1001.");
  expect_contains(error_of([] { VideoWriter("a.mp4", 8, 8, {30, 1}, {"/nowhere/a.wav"}); }), "/nowhere/a.wav: ");
  expect_contains(error_of([] {
                    VideoWriter("/dev/null/a.mp4", 8, 8, {30, 1});
                  }),
                  "/dev/null/a.mp4: cannot be written in its folder (Not a directory).");
  const TempFolder folder;
  std::filesystem::create_directory(folder / "a.mp4");
  EXPECT_EQ(error_of([&] {
              VideoWriter(folder / "a.mp4", 8, 8, {30, 1});
            }),
            folder / "a.mp4" + ": is not a regular file, which a video needs.");
}

TEST(Video, TheVersionIsTheProgramsOwn) {
  const TempFolder folder;
  write_fake_ffmpeg(folder, "echo 'ffmpeg version 9.8-7 Copyright'\n");
  const PathOf path(folder / "");
  EXPECT_EQ(ffmpeg_version(), "9.8-7");
  write_fake_ffmpeg(folder, "echo hello\n");
  EXPECT_FALSE(ffmpeg_version());
}

}  // namespace
}  // namespace bisque
