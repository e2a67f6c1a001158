#include <bisque/renderer/takes/read_take.h>

#include <bisque/core/serialization/formats.h>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

const std::string kJson = R"([{"jawOpen": 1}, {"jawOpen": 0}])";

TEST(ReadTake, ReadsByExtension) {
  const TempFolder folder;
  const Take csv = read_take(folder.write("a.CSV", take_test::csv({"00:00:00:00.000", "00:00:00:03.000"})));
  EXPECT_EQ(csv.source, "CSV");
  EXPECT_EQ(csv.num_frames, 4);
  EXPECT_EQ(csv.filled, 2);
  const Take packets = read_take(folder.write("a.packets", take_test::recording({{}})));
  EXPECT_EQ(packets.source, "Live Link packets");
  const Take json = read_take(folder.write("a.json", "\xEF\xBB\xBF " + kJson), FrameRate{25, 1});
  EXPECT_EQ(json.source, "JSON");
  EXPECT_EQ(json.rate.num, 25);
  EXPECT_FALSE(json.rate_is_guess);
}

TEST(ReadTake, ReadsNpyWithTheNamesBesideIt) {
  const TempFolder folder;
  const std::string bytes = npy_bytes(npy_header("'<f4'", "(1, 1)"), raw<float>({0}));
  const std::string path = folder.write("a.b.npy", bytes);
  EXPECT_NE(error_of([&] { read_take(path); }).find("does not name its columns"), std::string::npos);
  folder.write("a.b.names.json", R"({"names": ["jawOpen"], "fps": 60})");
  const Take take = read_take(path);
  EXPECT_EQ(take.source, "npy");
  EXPECT_EQ(take.names, std::vector<std::string>{"jawOpen"});
  EXPECT_EQ(take.rate.num, 60);
}

TEST(ReadTake, RejectsUnknownExtensions) {
  EXPECT_EQ(error_of([] { read_take("a/face.obj"); }),
            "a/face.obj: the extension \".obj\" is none of a take, expected one of .csv, .packets, .gesichter, .json, "
            ".jsonl, .npy, "
            ".safetensors, .txt, .tsv.");
  EXPECT_NE(error_of([] { read_take("face"); }).find("the extension \"\" is none"), std::string::npos);
}

TEST(ReadTake, RejectsContentsOfAnotherFormat) {
  const TempFolder folder;
  const std::string csv = take_test::csv({"00:00:00:00.000"});
  const std::string path = folder.write("a.csv", kJson);
  EXPECT_EQ(error_of([&] { read_take(path); }), path + ": is named .csv but begins like a .json file.");
  const auto other = [&](const std::string& name, const std::string& content, const std::string& format) {
    const std::string error = error_of([&] { read_take(folder.write(name, content)); });
    EXPECT_NE(error.find("but begins like a " + format + " file."), std::string::npos) << error;
  };
  other("b.json", csv, ".csv");
  other("b.packets", csv, ".csv");
  other("b.csv", take_test::recording({{}}), ".packets");
  other("b.gesichter", take_test::recording({{}}), ".packets");
  other("c.csv", "\x1F\x8B\x08", ".gesichter");
  other("d.csv", "\x93NUMPY", ".npy");
}

TEST(ReadTake, ReportsUnknownNames) {
  const TempFolder folder;
  const Take take = read_take(folder.write("a.tsv", "jawOpen\tfoo\thead.yaw\n1\t2\t3\n"));
  EXPECT_EQ(take.source, "text");
  EXPECT_EQ(take.names, (std::vector<std::string>{"jawOpen", "foo", "head.yaw"}));
  EXPECT_EQ(take.notes, std::vector<std::string>{"Columns with unknown names: foo."});
}

TEST(ReadTake, AFormatOfAPluginIsReadAndRepaired) {
  const TempFolder folder;
  const std::string path = folder.write("a.KEYS", "ignored");
  EXPECT_FALSE(is_take_path(path));
  formats().add({kTakeFormat, ".keys", TakeFormat{.parse = [](std::string_view text, const std::string& name) {
                   EXPECT_EQ(text, "ignored");
                   EXPECT_TRUE(name.ends_with("a.KEYS"));
                   TakeTable table;
                   table.names = {"jawOpen"};
                   table.values = {1, kMissingValue, 2};
                   table.lines = {1, 2, 3};
                   table.rate = FrameRate{25, 1};
                   return table;
                 }}});
  EXPECT_TRUE(is_take_path(path));
  EXPECT_EQ(take_extensions().back(), ".keys");
  const Take take = read_take(path);
  formats().remove(kTakeFormat, ".keys");
  EXPECT_EQ(take.source, ".keys");
  EXPECT_EQ(take.values, (std::vector<float>{1, 1.5F, 2}));
  EXPECT_EQ(take.rate.num, 25);
  EXPECT_EQ(take.filled, 1);
  EXPECT_NE(error_of([&] { read_take(path); }).find("the extension \".keys\" is none of a take"), std::string::npos);
}

TEST(ReadTake, RejectsMissingAndEmptyFiles) {
  const TempFolder folder;
  EXPECT_NE(error_of([] { read_take("/nowhere/a.csv"); }).find("/nowhere/a.csv: cannot be opened"), std::string::npos);
  const std::string empty = folder.write("a.csv", "");
  EXPECT_EQ(error_of([&] { read_take(empty); }), empty + ": is empty.");
}

TEST(ReadTake, RejectsAJumpInTime) {
  const TempFolder folder;
  const std::string path = folder.write("a.csv", take_test::csv({"00:00:00:00.000", "11:00:00:00.000"}));
  EXPECT_EQ(error_of([&] { read_take(path); }),
            path + ": rows 0 and 1 are 39600 seconds apart, expected at most 60 in one take.");
}

TEST(ReadTake, TheRealTakesHaveTheirFrames) {
  BISQUE_NEEDS_SHARED(folder, "live_link");
  struct Expected {
    const char* name;
    int64_t rows, frames, filled;
  };
  for (const Expected& expected : {Expected{"dao", 180, 187, 7}, Expected{"debug-all-blendshapes", 3660, 3720, 60}}) {
    std::vector<float> values;
    for (const std::string extension : {".csv", ".packets", ".gesichter"}) {
      const Take take = read_take(folder + "/" + expected.name + extension);
      EXPECT_EQ(take.rows, expected.rows);
      EXPECT_EQ(take.num_frames, expected.frames);
      EXPECT_EQ(take.filled, expected.filled);
      EXPECT_EQ(shared_rows(take), 0);
      EXPECT_EQ(take.rate.num, 60);
      EXPECT_EQ(take.rate_is_guess, extension == ".csv");
      if (values.empty()) values = take.values;
      ASSERT_EQ(take.values.size(), values.size());
      for (size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(take.values[i], values[i], 1e-8);
    }
  }
}

TEST(ReadTake, TheGapOfTheRealTakeIsFilledLinearly) {
  BISQUE_NEEDS_SHARED(path, "live_link/dao.csv");
  const Take take = read_take(path);
  const auto at = [&](int64_t frame, size_t name) { return take.values[static_cast<size_t>(frame) * 61 + name]; };
  // Rows 5 and 6 of the file are frames 5 and 13.
  for (size_t name = 0; name < 61; ++name) {
    for (int64_t frame = 5; frame <= 13; ++frame) {
      const float weight = static_cast<float>(frame - 5) / 8;
      EXPECT_NEAR(at(frame, name), at(5, name) * (1 - weight) + at(13, name) * weight, 1e-6);
    }
  }
  const auto lines = take_test::split(read_file(path), '\n');
  EXPECT_EQ(std::stof(take_test::split(lines[6], ',')[19]), at(5, 17));
  EXPECT_EQ(std::stof(take_test::split(lines[7], ',')[19]), at(13, 17));
  EXPECT_EQ(std::stof(take_test::split(lines[180], ',')[19]), at(186, 17));
}

}  // namespace
}  // namespace bisque
