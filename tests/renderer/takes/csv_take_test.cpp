#include <bisque/renderer/takes/csv_take.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <bisque/renderer/takes/shape_names.h>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>

namespace bisque {
namespace {

using namespace test;
using take_test::csv;
using take_test::csv_row;
using take_test::kCsvHeader;
using Strings = std::vector<std::string>;

TakeRows parse_csv(const std::string& text, const std::optional<FrameRate>& rate = {}) {
  return order_rows(parse_text_take(text, "take.csv"), rate, "take.csv");
}
std::string csv_error(const std::string& text) {
  return error_of([&] { parse_csv(text); });
}

// Three good rows, of which `column` (from 0) of the second reads `value`.
std::string with_value(size_t column, const std::string& value) {
  auto fields = take_test::split(csv_row("00:00:00:01.000", 100), ',');
  fields[column] = value;
  std::string row;
  for (const std::string& field : fields) row += (row.empty() ? "" : ",") + field;
  return csv({"00:00:00:00.000"}) + "\n" + row + "\n" + csv_row("00:00:00:02.000", 200);
}

TEST(CsvTake, ReadsNamesValuesAndTimes) {
  const TakeRows rows = parse_csv(csv({"00:00:00:10.500", "00:00:00:31.250"}));
  ASSERT_EQ(rows.names.size(), 61U);
  EXPECT_EQ(rows.names[0], "EyeBlinkLeft");
  EXPECT_EQ(rows.names[60], "RightEyeRoll");
  ASSERT_EQ(rows.values.size(), 122U);
  for (size_t i = 0; i < 61; ++i) {
    EXPECT_EQ(rows.values[i], static_cast<float>(i));
    EXPECT_EQ(rows.values[61 + i], static_cast<float>(100 + i));
  }
  EXPECT_DOUBLE_EQ(rows.frames[0], 10.5);
  EXPECT_DOUBLE_EQ(rows.frames[1], 31.25);
  EXPECT_EQ(rows.rate.num, 48);
  EXPECT_TRUE(rows.rate_is_guess);
  EXPECT_EQ(rows.notes, Strings{});
}

TEST(CsvTake, TheNameOfTheCountMayBeInAnyCase) {
  for (const char* name : {"BlendshapeCount", "BlendShapeCount", "blendshapecount"}) {
    const std::string header = "Timecode," + std::string(name) + ",JawOpen";
    const TakeRows rows = parse_csv(header + "\n00:00:00:00.000,1,0.5\n00:00:00:01.000,0\n00:00:00:02.000,1,1\n");
    EXPECT_EQ(rows.names, Strings{"JawOpen"});
    EXPECT_EQ(rows.values, (std::vector<float>{0.5F, 0.75F, 1}));
    EXPECT_EQ(rows.notes,
              Strings{"1 row without values (tracking lost) is filled from the rows around, the first on line 3."});
  }
}

TEST(CsvTake, ACountOfZeroMarksALostRow) {
  const TakeRows rows = parse_csv("Timecode,BlendshapeCount,a\n00:00:00:00,1,2\n00:00:00:01,0,9\n00:00:00:02,1,4\n");
  EXPECT_EQ(rows.values, (std::vector<float>{2, 3, 4}));
}

TEST(CsvTake, AnotherCountIsReported) {
  EXPECT_EQ(parse_csv("Timecode,BlendshapeCount,JawOpen\n00:00:00:00,61,2\n00:00:00:01,1,9\n").notes,
            Strings{"The count of shapes is not that of the header, which has 1, in 1 row, the first on line 2."});
  // The count of the app with a column that someone added.
  EXPECT_EQ(parse_csv("Timecode,BlendshapeCount,JawOpen,extra\n00:00:00:00,1,2,3\n").notes, Strings{});
}

TEST(CsvTake, ReadsBomCrlfQuotesBlanksAndTrailingNewlines) {
  const TakeRows plain = parse_csv(csv({"00:00:00:00.000", "00:00:00:01.000"}));
  std::string text;
  for (const std::string& line : take_test::split(csv({"00:00:00:00.000", "00:00:00:01.000"}), '\n')) {
    for (const std::string& field : take_test::split(line, ',')) {
      text += (text.empty() || text.ends_with('\n') ? "\"" : " , \"") + field + "\"";
    }
    text += ",,\r\n\r\n,,\r\n";
  }
  const TakeRows rows = parse_csv("\xEF\xBB\xBF" + text + "\r\n\r\n");
  EXPECT_EQ(rows.names, plain.names);
  EXPECT_EQ(rows.values, plain.values);
  EXPECT_EQ(rows.frames, plain.frames);
  EXPECT_EQ(rows.notes, Strings{});
}

TEST(CsvTake, ReadsOtherDelimitersAndDecimalCommas) {
  for (const std::string text :
       {"time,a,b\n0,0.5,1\n0.04,0.25,2\n", "time;a;b\n0;0,5;1\n0,04;0,25;2\n",
        "time\ta\tb\n0\t0.5\t1\n0.04\t0.25\t2\n", "sep=;\ntime;a;b\n0;0.5;1\n0.04;0.25;2\n",
        "\n\nsep=;\r\ntime;a;b\r\n0;0.5;1\r\n0.04;0.25;2\r\n", "time,a,b\r0,0.5,1\r0.04,0.25,2"}) {
    const TakeRows rows = parse_csv(text);
    EXPECT_EQ(rows.values, (std::vector<float>{0.5F, 1, 0.25F, 2})) << text;
    EXPECT_EQ(rows.rate.num, 25) << text;
  }
}

TEST(CsvTake, ReadsUtf16) {
  const auto utf16 = [](const std::string& text, bool big) {
    std::string bytes = big ? "\xFE\xFF" : "\xFF\xFE";
    for (const char c : text) bytes += big ? std::string{'\0', c} : std::string{c, '\0'};
    return bytes;
  };
  for (const bool big : {false, true}) {
    EXPECT_EQ(parse_csv(utf16("jawOpen\tb\r\n0.5\t1\r\n", big)).values, (std::vector<float>{0.5F, 1}));
  }
  const std::string face("\xFF\xFE\x3D\xD8\x00\xDE", 6);  // U+1F600
  const std::string half("\x3D\xD8", 2);
  EXPECT_EQ(parse_csv(face + half +
                      std::string("\n\0"
                                  "1\0",
                                  4))
                .names[0],
            "\xF0\x9F\x98\x80\xEF\xBF\xBD");
}

TEST(CsvTake, ColumnsAreFoundByNameInAnyOrder) {
  std::string text;
  for (const std::string& line : take_test::split(csv({"00:00:00:00.000", "00:00:00:01.000"}), '\n')) {
    auto fields = take_test::split(line, ',');
    std::reverse(fields.begin(), fields.end());
    for (const std::string& field : fields) text += field + (&field == &fields.back() ? "\n" : ",");
  }
  const TakeRows rows = parse_csv(text);
  EXPECT_EQ(rows.names[0], "RightEyeRoll");
  EXPECT_EQ(rows.values[0], 60);
  EXPECT_EQ(rows.names[60], "EyeBlinkLeft");
  EXPECT_EQ(rows.values[60], 0);
}

TEST(CsvTake, ReadsAnySubsetWithAndWithoutATimeColumn) {
  const TakeRows rows = parse_csv("jawOpen,\"a \"\"b\"\", c\"\n0.5,1\n0.25,2\n");
  EXPECT_EQ(rows.names, (Strings{"jawOpen", "a \"b\", c"}));
  EXPECT_EQ(rows.frames, (std::vector<double>{0, 1}));
  EXPECT_EQ(parse_csv("# jawOpen,b\n1,2\n").names, (Strings{"jawOpen", "b"}));
  EXPECT_EQ(parse_csv("caf\xE9\n1\n").names, Strings{"caf\xC3\xA9"});
}

TEST(CsvTake, LinesBeforeTheHeaderAreLeftOut) {
  const TakeRows rows = parse_csv("Recorded with X 1.2\n# a, remark\n\ntime;jawOpen\n0;1\n0.04;\n0.08;3\n");
  EXPECT_EQ(rows.names, Strings{"jawOpen"});
  EXPECT_EQ(rows.values, (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(rows.notes,
            (Strings{"2 lines before the header ignored.",
                     "1 row without values (tracking lost) is filled from the rows around, the first on line 6."}));
}

TEST(CsvTake, ReadsAudio2Face3d) {
  const TakeRows rows =
      parse_csv(",timeCode,blendShapes.EyeBlinkLeft,blendShapes.JawOpen\n0,0.0,0.1,0.2\n1,0.033333,0.3,0.4\n");
  EXPECT_EQ(rows.names, (Strings{"blendShapes.EyeBlinkLeft", "blendShapes.JawOpen"}));
  EXPECT_EQ(rows.values, (std::vector<float>{0.1F, 0.2F, 0.3F, 0.4F}));
  EXPECT_EQ(rows.rate.num, 30);
  EXPECT_EQ(rows.notes, Strings{"1 column without a name is dropped."});
}

TEST(CsvTake, TimecodesArePreferredToOtherTimes) {
  const TakeRows rows = parse_csv("frame,time,Timecode,a\n7,5,00:00:00:02,1\n9,6,00:00:00:03,2\n");
  EXPECT_EQ(rows.frames, (std::vector<double>{2, 3}));
  EXPECT_EQ(rows.notes, Strings{"Further columns of times are ignored: frame, time."});
}

TEST(CsvTake, ReadsNumbersAsWritten) {
  EXPECT_EQ(parse_csv(with_value(2, "-0.0001778221")).values[61], -0.0001778221F);
  EXPECT_EQ(parse_csv(with_value(2, "1e-3")).values[61], 1e-3F);
  EXPECT_EQ(parse_csv(with_value(2, "+1")).values[61], 1);
}

TEST(CsvTake, AGivenRateCountsTheTimecodes) {
  const std::string text = csv({"00:00:01:10.000", "00:00:02:10.000"});
  const TakeRows rows = parse_csv(text, FrameRate{60, 1});
  EXPECT_DOUBLE_EQ(rows.frames[0], 70);
  EXPECT_DOUBLE_EQ(rows.frames[1], 130);
  EXPECT_FALSE(rows.rate_is_guess);
}

TEST(CsvTake, ValuesThatAreNoFiniteNumberAreFilled) {
  for (const std::string value : {"nan", "NaN", "-nan", "inf", "-inf", "Infinity", "1e39", "-1e300", "1e999", "", "abc",
                                  "0.5x", "0x1p3", "1 2", "--1", "-"}) {
    const TakeRows rows = parse_csv(with_value(19, value));
    EXPECT_EQ(rows.values[61 + 17], 117) << value;
    EXPECT_EQ(rows.notes,
              Strings{"1 value without a finite number is filled from the rows around, the first on line 3."})
        << value;
  }
}

TEST(CsvTake, ShortAndLongRowsAreReported) {
  const std::string good = csv({"00:00:00:00.000"}) + "\n";
  const std::string last = "\n" + csv_row("00:00:00:02.000", 200);
  const TakeRows with_short = parse_csv(good + csv_row("00:00:00:01.000", 100, 60) + last);
  EXPECT_EQ(with_short.values[61 + 60], 160);
  EXPECT_EQ(with_short.notes,
            Strings{"1 value without a finite number is filled from the rows around, the first on line 3."});
  EXPECT_EQ(parse_csv(good + csv_row("00:00:00:01.000", 0, 62) + last).notes,
            Strings{"Values beyond the columns of the header are ignored in 1 row, the first on line 3."});
  EXPECT_EQ(parse_csv(good + csv_row("00:00:00:01.000") + ",," + last).notes, Strings{});
  EXPECT_EQ(parse_csv(good + "\n" + csv_row("00:00:00:01.000")).num_rows(), 2);
}

TEST(CsvTake, ATextCutAnywhereLosesItsLastRowAlone) {
  const std::string text = csv({"00:00:00:00.000", "00:00:00:01.000"});
  const size_t first_row_end = text.find('\n', kCsvHeader.size() + 1);
  for (size_t size = 0; size < text.size(); ++size) {
    const std::string part = text.substr(0, size);
    if (size < first_row_end - 1) {
      EXPECT_NE(csv_error(part), "") << size;
      continue;
    }
    const TakeRows rows = parse_csv(part);
    const bool is_number_cut = size == text.size() - 1 || size == text.size() - 2;
    const bool is_row_cut = size > first_row_end + 1 && !is_number_cut;
    EXPECT_EQ(rows.num_rows(), is_number_cut ? 2 : 1) << size;
    EXPECT_EQ(rows.notes, is_row_cut ? Strings{"The last row, on line 3, is truncated and was dropped."} : Strings{})
        << size;
  }
}

TEST(CsvTake, ALastRowWithSomeOfItsValuesIsCut) {
  EXPECT_EQ(parse_csv("a,b\n1,2\n3,4\n5\n").num_rows(), 2);
  EXPECT_EQ(parse_csv("a,b\n1,2\n3,").num_rows(), 1);
  EXPECT_EQ(parse_csv("a,b\n1,2\n2,\n3,").num_rows(), 3);
  // Where no row has a value for the last column, none is cut.
  const TakeRows rows = parse_csv("a,b,c\n1,2\n3,4\n5,6\n");
  EXPECT_EQ(rows.num_rows(), 3);
  EXPECT_EQ(rows.notes, Strings{"Columns without any number are dropped: c."});
  EXPECT_EQ(parse_csv("Timecode,BlendshapeCount,a\n00:00:00:00,1,2\n00:00:00:01,0\n").num_rows(), 2);
}

TEST(CsvTake, BrokenQuotesCostTheirFieldAlone) {
  EXPECT_EQ(parse_csv("a,b,c\n1,2,3\n4,\"5,6\n7,8,9\n").values, (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(parse_csv("a,b\n1,\"2\"x\n3,4\n").values, (std::vector<float>{1, 4, 3, 4}));
}

TEST(CsvTake, RejectsTextsThatAreNoTable) {
  EXPECT_EQ(csv_error(""), "take.csv: is empty, expected a header line of names.");
  EXPECT_EQ(csv_error("\r\n\n"), "take.csv: is empty, expected a header line of names.");
  EXPECT_EQ(csv_error(kCsvHeader + "\r\n"), "take.csv: holds no row below its header.");
  EXPECT_EQ(csv_error("0.1,0.2\n1,2\n"),
            "take.csv: line 1: is a row of numbers, expected a header line of names such as "
            "Timecode,jawOpen,eyeBlinkLeft.");
  EXPECT_EQ(csv_error("hello\nworld\n"), "take.csv: holds no row with values.");
  EXPECT_EQ(csv_error(kCsvHeader + ",\x1B[2J\n" + csv_row("00:00:00:00", 0, 62)),
            "take.csv: column 62 is named \"\\x1B[2J\", expected UTF-8 without control characters.");
}

TEST(CsvTake, RejectsRowsThatMultiplyTheirSize) {
  std::string text = "a";
  for (int i = 0; i < 100'000; ++i) text += ",b" + std::to_string(i);
  for (int i = 0; i < 1'000; ++i) text += "\n1";
  EXPECT_EQ(csv_error(text), "take.csv: has 672 rows of 100001 names, expected at most 67108864 values.");
}

TEST(CsvTake, ReadsTheRealTake) {
  BISQUE_NEEDS_SHARED(path, "live_link/dao.csv");
  const TakeRows rows = parse_csv(read_file(path));
  EXPECT_EQ(rows.names, live_link_names());
  EXPECT_EQ(rows.num_rows(), 180);
  EXPECT_EQ(rows.rate.num, 60);
  EXPECT_TRUE(rows.rate_is_guess);
  EXPECT_EQ(rows.values[0], 0.0001778221F);
  EXPECT_EQ(rows.values[17], 0.0773283392F);  // JawOpen
  EXPECT_NEAR(rows.frames[0], (53 * 60 + 15) * 60 + 35.121, 1e-6);
  EXPECT_EQ(rows.notes, Strings{});
}

const std::string kFaceCap =
    "info,version,1\nbs,browInnerUp,browDown_L,jawOpen,\n"
    "k,0,1,2,3,90,180,45,10,20,30,40,0.1,0.2,0.3\n"
    "k,16.667,1,2,3,90,180,45,10,20,30,40,0.4,0.5,0.6\n";

TEST(FaceCap, ReadsPoseAndWeights) {
  const TakeRows rows = parse_csv(kFaceCap);
  EXPECT_EQ(rows.names, (Strings{"headPositionX", "headPositionY", "headPositionZ", "headPitch", "headYaw", "headRoll",
                                 "leftEyePitch", "leftEyeYaw", "rightEyePitch", "rightEyeYaw", "browInnerUp",
                                 "browDown_L", "jawOpen"}));
  EXPECT_EQ(rows.rate.num, 60);
  constexpr auto kPi = std::numbers::pi_v<float>;
  const std::vector<float> first{1,    2,    3,   kPi / 2, -kPi, -kPi / 4, kPi / 18, -kPi / 9, kPi / 6, -kPi * 2 / 9,
                                 0.1F, 0.2F, 0.3F};
  for (size_t i = 0; i < first.size(); ++i) EXPECT_FLOAT_EQ(rows.values[i], first[i]) << rows.names[i];
  EXPECT_EQ(rows.values.back(), 0.6F);
  EXPECT_EQ(rows.notes, Strings{"Head and eye angles are converted from degrees to radians."});
}

TEST(FaceCap, BadLinesCostThemselvesAlone) {
  const TakeRows cut = parse_csv(kFaceCap + "k,33.333,1,2,3,90,1");
  EXPECT_EQ(cut.num_rows(), 2);
  EXPECT_EQ(cut.notes[0], "The last row, on line 5, is truncated and was dropped.");
  const TakeRows lost = parse_csv(kFaceCap + "k,33.333\nx,1\n");
  EXPECT_EQ(lost.num_rows(), 3);
  EXPECT_TRUE(lost.is_filled[2]);
  EXPECT_EQ(lost.notes[0], "1 line other than info, bs and k ignored.");
  EXPECT_EQ(csv_error("k,0,1\n"), "take.csv: line 1: is a key before the line of names (bs,...).");
  EXPECT_EQ(csv_error("bs,jawOpen\n"), "take.csv: holds no key, expected lines of k,time,...");
}

}  // namespace
}  // namespace bisque
