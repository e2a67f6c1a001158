#include <bisque/renderer/pictures/frame_sink.h>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bisque/renderer/pictures/picture_file.h>

#include <bisque/tests/renderer/pictures/pictures_testing.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/nobody.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

Picture numbered(int number) { return flat_picture(16, 8, {static_cast<uint8_t>(number), 0, 0}); }

std::string pattern_path(const std::string& output, int64_t number) {
  return parse_sequence_pattern(output)->path(number);
}

std::string open_error(const std::string& output, const SinkOptions& options = {}) {
  return error_of([&] { open_sink(output, 16, 8, {30, 1}, options); });
}

TEST(SequencePattern, PutsTheNumberIn) {
  EXPECT_EQ(pattern_path("f/%05d.png", 42), "f/00042.png");
  EXPECT_EQ(pattern_path("f/%d.png", 42), "f/42.png");
  EXPECT_EQ(pattern_path("a%02db.png", 12345), "a12345b.png");
  EXPECT_FALSE(parse_sequence_pattern("f/a.png"));
}

TEST(SequencePattern, AnythingElseIsRejected) {
  for (const char* output : {"%s.png", "%n.png", "%5d.png", "%00d.png", "%010d.png", "%.png", "%", "%0", "%0d.png",
                             "%-5d.png", "%ld.png", "%%.png", "a%05"}) {
    expect_contains(error_of([&] { parse_sequence_pattern(output); }),
                    " that is not a frame number, expected exactly one %d or %0Nd (frames/%05d.png).");
  }
  EXPECT_EQ(error_of([] { parse_sequence_pattern("%d-%d.png"); }),
            "%d-%d.png: has a % at character 4 that is not a frame number, expected exactly one %d or %0Nd "
            "(frames/%05d.png).");
  EXPECT_EQ(error_of([] { parse_sequence_pattern("%d/a.png"); }),
            "%d/a.png: has the frame number in a folder's name, expected it in the file's (frames/%05d.png).");
}

TEST(FrameSink, OnePictureIsWrittenAsOneFile) {
  const TempFolder folder;
  for (const char* name : {"a.png", "a.jpg"}) {
    const auto sink = open_sink(folder / name, 16, 8, {30, 1});
    sink->write(numbered(7));
    sink->finish();
    EXPECT_NEAR(read_picture(folder / name).pixels[0], 7, 2);
    EXPECT_EQ(error_of([&] { sink->write(numbered(8)); }),
              folder / name +
                  ": holds one picture, but there are more frames; expected a name with a number in it "
                  "(frames/%05d.png) or a video.");
  }
}

TEST(FrameSink, ASequenceIsOneFileAFrameInAFolderMadeForIt) {
  const TempFolder folder;
  const auto sink = open_sink(folder / "new/deep/%03d.png", 16, 8, {30, 1}, {std::nullopt, 5});
  for (int i = 0; i < 50; ++i) sink->write(numbered(i));
  sink->finish();
  for (int i = 0; i < 50; ++i) {
    const std::string number = (i + 5 < 10 ? "00" : "0") + std::to_string(i + 5);
    EXPECT_EQ(read_picture(folder / "new/deep/" + number + ".png").pixels, numbered(i).pixels);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "new/deep"), {}), 50);
}

TEST(FrameSink, ASequenceIsWrittenByTheCallerIfThereAreNoThreads) {
  const TempFolder folder;
  SinkOptions options;
  options.num_threads = 0;
  const auto sink = open_sink(folder / "%d.png", 16, 8, {30, 1}, options);
  for (int i = 0; i < 3; ++i) {
    sink->write(numbered(i));
    EXPECT_TRUE(std::filesystem::exists(folder / (std::to_string(i) + ".png"))) << "written when write() returns";
  }
  sink->finish();
}

TEST(FrameSink, AnOlderSequenceIsOverwritten) {
  const TempFolder folder;
  folder.write("0.png", "old");
  folder.write("9.png", "old");
  const auto sink = open_sink(folder / "%d.png", 16, 8, {30, 1});
  for (int i = 0; i < 2; ++i) sink->write(numbered(i));
  sink->finish();
  EXPECT_EQ(read_picture(folder / "0.png").pixels, numbered(0).pixels);
  EXPECT_EQ(read_file(folder / "9.png"), "old");
}

TEST(FrameSink, AnErrorOfAnotherThreadIsTold) {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "3.png");
  const auto sink = open_sink(folder / "%d.png", 16, 8, {30, 1});
  const std::string message = error_of([&] {
    for (int i = 0; i < 200; ++i) sink->write(numbered(i % 250));
    sink->finish();
  });
  expect_contains(message, folder / "3.png" + ": is a directory");
}

TEST(FrameSink, LeavingASequenceUnfinishedLeavesOnlyWholePictures) {
  const TempFolder folder;
  {
    const auto sink = open_sink(folder / "%d.png", 16, 8, {30, 1});
    for (int i = 0; i < 20; ++i) sink->write(numbered(i));
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder / "")) {
    EXPECT_EQ(read_picture(entry.path().string()).width, 16);
  }
}

TEST(FrameSink, NothingComesAfterTheEndOfASequence) {
  const TempFolder folder;
  const auto sink = open_sink(folder / "%d.png", 16, 8, {30, 1});
  sink->write(numbered(0));
  sink->finish();
  EXPECT_EQ(error_of([&] { sink->write(numbered(1)); }),
            folder / "1.png" + ": was added after the last picture was requested.");
}

TEST(FrameSink, VideosAreVideos) {
  if (!has_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  const TempFolder folder;
  const auto sink = open_sink(folder / "a.mp4", 16, 8, {30, 1});
  for (int i = 0; i < 3; ++i) sink->write(numbered(i));
  sink->finish();
  EXPECT_EQ(read_file(folder / "a.mp4").substr(4, 4), "ftyp");
}

TEST(FrameSink, NoFrameAtAllIsAnError) {
  const TempFolder folder;
  EXPECT_EQ(error_of([&] {
              open_sink(folder / "a.png", 16, 8, {30, 1})->finish();
            }),
            folder / "a.png" + ": no frame was written, expected one.");
  EXPECT_EQ(error_of([&] {
              open_sink(folder / "%d.png", 16, 8, {30, 1})->finish();
            }),
            folder / "%d.png" + ": no frame was written, expected one or more.");
}

TEST(FrameSink, AnotherSizeIsRejected) {
  const TempFolder folder;
  for (const char* name : {"a.png", "%d.png"}) {
    const auto sink = open_sink(folder / name, 16, 8, {30, 1});
    EXPECT_EQ(error_of([&] { sink->write(test_picture(8, 16, 3)); }),
              folder / name + ": a frame has 8 x 16 pixels, expected 16 x 8.");
  }
}

TEST(FrameSink, OutputsThatCannotBeAreRejectedBeforeAnyFrame) {
  EXPECT_EQ(open_error("a.gif"),
            "a.gif: is not a supported output, expected FILE.png, FILE.jpg, frames/%05d.png, FILE.mp4, "
            "FILE.mov or FILE.mkv.");
  EXPECT_EQ(open_error("a.png", {"a.wav", 0}), "a.png: a picture has no audio, expected a video (.mp4, .mov or .mkv).");
  EXPECT_EQ(open_error("/nowhere/a.png"),
            "/nowhere/a.png: its folder cannot be written to (No such file or directory).");
  EXPECT_EQ(open_error("/dev/null/a.png"), "/dev/null/a.png: its folder cannot be written to (Not a directory).");
  EXPECT_EQ(open_error("/dev/null/%d.png"), "/dev/null/%d.png: its folder cannot be made (Not a directory).");
}

TEST(FrameSink, AFolderWithoutWritePermissionIsRejectedBeforeAnyFrame) {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "locked");
  for (const std::string& path : {folder.path(), folder / "locked"}) ::chmod(path.c_str(), 0555);
  const std::string message = as_nobody([&] { return open_error(folder / "locked/a.png"); });
  ::chmod(folder.path().c_str(), 0755);
  expect_contains(message, "(Permission denied)");
}

TEST(FrameSink, AFullDiskLeavesNoPartOfAPicture) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const TempFolder folder;
  std::filesystem::create_symlink("/dev/full", folder / "0.png");
  const auto sink = open_sink(folder / "%d.png", 16, 8, {30, 1});
  expect_contains(error_of([&] {
                    sink->write(numbered(0));
                    sink->finish();
                  }),
                  "No space left on device");
  EXPECT_EQ(folder.num_files(), 1u);
}

}  // namespace
}  // namespace bisque
