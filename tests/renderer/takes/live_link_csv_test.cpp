#include <bisque/renderer/takes/live_link_csv.h>

#include <algorithm>
#include <chrono>

#include <bisque/renderer/takes/resample.h>
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

std::string csv_error(const std::string& text) {
  return error_of([&] { parse_live_link_csv(text, "take.csv"); });
}

// One good row, then one of which `column` (from 0) reads `value`.
std::string with_value(size_t column, const std::string& value) {
  auto fields = take_test::split(csv_row("00:00:00:01.000"), ',');
  fields[column] = value;
  std::string row;
  for (const std::string& field : fields) row += (row.empty() ? "" : ",") + field;
  return csv({"00:00:00:00.000"}) + "\n" + row;
}

TEST(LiveLinkCsv, ReadsNamesValuesAndTimes) {
  const TakeRows rows = parse_live_link_csv(csv({"00:00:00:10.500", "00:00:00:31.250"}), "take.csv");
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
}

TEST(LiveLinkCsv, ReadsBomCrlfQuotesBlanksAndTrailingNewlines) {
  const TakeRows plain = parse_live_link_csv(csv({"00:00:00:00.000", "00:00:00:01.000"}), "take.csv");
  std::string text;
  for (const std::string& line : take_test::split(csv({"00:00:00:00.000", "00:00:00:01.000"}), '\n')) {
    for (const std::string& field : take_test::split(line, ',')) {
      text += (text.empty() || text.ends_with('\n') ? "\"" : " , \"") + field + "\"";
    }
    text += "\r\n";
  }
  const TakeRows rows = parse_live_link_csv("\xEF\xBB\xBF" + text + "\r\n\r\n", "take.csv");
  EXPECT_EQ(rows.names, plain.names);
  EXPECT_EQ(rows.values, plain.values);
  EXPECT_EQ(rows.frames, plain.frames);
}

TEST(LiveLinkCsv, ColumnsAreFoundByNameInAnyOrder) {
  std::string text;
  for (const std::string& line : take_test::split(csv({"00:00:00:00.000", "00:00:00:01.000"}), '\n')) {
    auto fields = take_test::split(line, ',');
    std::reverse(fields.begin(), fields.end());
    for (const std::string& field : fields) text += field + (&field == &fields.back() ? "\n" : ",");
  }
  const TakeRows rows = parse_live_link_csv(text, "take.csv");
  EXPECT_EQ(rows.names[0], "RightEyeRoll");
  EXPECT_EQ(rows.values[0], 60);
  EXPECT_EQ(rows.names[60], "EyeBlinkLeft");
  EXPECT_EQ(rows.values[60], 0);
}

TEST(LiveLinkCsv, KeepsFurtherColumns) {
  const TakeRows rows = parse_live_link_csv(
      kCsvHeader + ",\"a \"\"b\"\", c\"\n00:00:00:00,62" + csv_row("", 0, 62).substr(3), "take.csv");
  EXPECT_EQ(rows.names[61], "a \"b\", c");
  EXPECT_EQ(rows.values[61], 61);
}

TEST(LiveLinkCsv, ReadsNumbersAsWritten) {
  EXPECT_EQ(parse_live_link_csv(with_value(2, "-0.0001778221"), "x").values[61], -0.0001778221F);
  EXPECT_EQ(parse_live_link_csv(with_value(2, "1e-3"), "x").values[61], 1e-3F);
}

TEST(LiveLinkCsv, AGivenRateCountsTheTimecodes) {
  const std::string text = csv({"00:00:01:10.000", "00:00:02:10.000"});
  const TakeRows rows = parse_live_link_csv(text, "take.csv", FrameRate{60, 1});
  EXPECT_DOUBLE_EQ(rows.frames[0], 70);
  EXPECT_DOUBLE_EQ(rows.frames[1], 130);
  EXPECT_FALSE(rows.rate_is_guess);
  EXPECT_EQ(error_of([&] {
              parse_live_link_csv(csv({"0:0:0:0", "0:0:0:30"}), "take.csv", FrameRate{30, 1});
            }),
            "take.csv: line 3: frame 30 of its second is not below the rate of 30 Hz.");
}

TEST(LiveLinkCsv, RefusesBadHeaders) {
  const std::string expected = ", expected Timecode, BlendShapeCount and the 61 names of Live Link.";
  EXPECT_EQ(csv_error(""), "take.csv: is empty, expected the header line of a Live Link Face CSV.");
  EXPECT_EQ(csv_error("\r\n\n"), "take.csv: is empty, expected the header line of a Live Link Face CSV.");
  EXPECT_EQ(csv_error("a,b\n1,2"), "take.csv: line 1: has no column Timecode" + expected);
  EXPECT_EQ(csv_error("Timecode,b\n1,2"), "take.csv: line 1: has no column BlendShapeCount" + expected);
  const std::string without_last = kCsvHeader.substr(0, kCsvHeader.rfind(','));
  EXPECT_EQ(csv_error(without_last), "take.csv: line 1: has no column RightEyeRoll" + expected);
  EXPECT_EQ(csv_error(kCsvHeader + ",JawOpen"), "take.csv: line 1: column 64 is the second one named \"JawOpen\".");
  EXPECT_EQ(csv_error(kCsvHeader + ","), "take.csv: line 1: column 64 has no name.");
  EXPECT_EQ(csv_error(kCsvHeader + ",\x1B[2J"),
            "take.csv: line 1: column 64 is named \"\\x1B[2J\", expected UTF-8 without control characters.");
  EXPECT_EQ(csv_error(kCsvHeader + ",\xFF"),
            "take.csv: line 1: column 64 is named \"\\xFF\", expected UTF-8 without control characters.");
  EXPECT_EQ(csv_error(kCsvHeader + "\r\n"), "take.csv: holds no row below its header.");
}

TEST(LiveLinkCsv, EachOfThe61NamesIsNeeded) {
  const auto names = take_test::split(kCsvHeader, ',');
  for (size_t missing = 2; missing < names.size(); ++missing) {
    std::string header = "Timecode,BlendShapeCount";
    for (size_t i = 2; i < names.size(); ++i) header += i == missing ? "" : "," + names[i];
    EXPECT_NE(csv_error(header).find("has no column " + names[missing] + ","), std::string::npos);
  }
}

TEST(LiveLinkCsv, RefusesShortAndLongRows) {
  const std::string good = csv({"00:00:00:00.000"}) + "\n";
  EXPECT_EQ(csv_error(good + csv_row("00:00:00:01.000", 0, 60)),
            "take.csv: line 3: has 62 values, expected 63 as the header has columns.");
  EXPECT_EQ(csv_error(good + csv_row("00:00:00:01.000", 0, 62)),
            "take.csv: line 3: has 64 values, expected 63 as the header has columns.");
  EXPECT_EQ(csv_error(good + csv_row("00:00:00:01.000") + ","),
            "take.csv: line 3: has 64 values, expected 63 as the header has columns.");
  EXPECT_EQ(csv_error(good + "\n" + csv_row("00:00:00:01.000")),
            "take.csv: line 3: has 1 values, expected 63 as the header has columns.");
}

TEST(LiveLinkCsv, RefusesValuesThatAreNoFiniteNumber) {
  for (const std::string value : {"nan", "NaN", "-nan", "inf", "-inf", "Infinity", "1e39", "-1e300", "1e999", "", "abc",
                                  "0.5x", "+1", "0x1p3", "1 2", "--1"}) {
    EXPECT_EQ(csv_error(with_value(19, value)),
              "take.csv: line 3, column 20 (JawOpen): \"" + value + "\" is no finite number.");
  }
  EXPECT_EQ(csv_error(with_value(62, std::string(1000, 'x'))),
            "take.csv: line 3, column 63 (RightEyeRoll): \"" + std::string(60, 'x') + "...\" is no finite number.");
  EXPECT_EQ(csv_error(with_value(2, std::string("1\0", 2))),
            "take.csv: line 3, column 3 (EyeBlinkLeft): \"1\\x00\" is no finite number.");
}

TEST(LiveLinkCsv, RefusesBadTimecodesAndCounts) {
  EXPECT_EQ(csv_error(with_value(0, "00:00:01")),
            "take.csv: line 3, column 1 (Timecode): \"00:00:01\" is no timecode, expected HH:MM:SS:FF.fff.");
  EXPECT_EQ(csv_error(with_value(1, "52")),
            "take.csv: line 3, column 2 (BlendShapeCount): says \"52\", expected 61 as the header has names.");
}

TEST(LiveLinkCsv, RefusesTimeThatGoesBackwards) {
  EXPECT_EQ(csv_error(csv({"00:00:00:02.000", "00:00:00:03.000", "00:00:00:01.000"})),
            "take.csv: line 4: its timecode is earlier than that of the row before, expected rising times.");
}

TEST(LiveLinkCsv, RefusesBrokenQuotes) {
  EXPECT_EQ(csv_error(with_value(2, "\"1")), "take.csv: line 3, column 3: a quoted field does not end.");
  EXPECT_EQ(csv_error(with_value(2, "\"1\"2")),
            "take.csv: line 3, column 3: a quoted field is followed by \"2\", expected a comma.");
}

TEST(LiveLinkCsv, ATextCutAnywhereIsReadOrRefused) {
  const std::string text = csv({"00:00:00:00.000", "00:00:00:01.000"});
  for (size_t size = 0; size < text.size(); ++size) {
    const std::string error = csv_error(text.substr(0, size));
    const size_t first_row_end = text.find('\n', kCsvHeader.size() + 1);
    const bool whole_rows = size >= first_row_end - 1 && size <= first_row_end + 1;
    const bool last_number_shortened = size == text.size() - 1 || size == text.size() - 2;
    EXPECT_EQ(error.empty(), whole_rows || last_number_shortened) << size << " " << error;
  }
}

TEST(LiveLinkCsv, ReadsTheRealTake) {
  BISQUE_NEEDS_SHARED(path, "live_link/dao.csv");
  const std::string text = read_file(path);
  const TakeRows rows = parse_live_link_csv(text, "dao.csv");
  EXPECT_EQ(rows.names, live_link_names());
  EXPECT_EQ(rows.num_rows(), 180);
  EXPECT_EQ(rows.rate.num, 60);
  EXPECT_TRUE(rows.rate_is_guess);
  EXPECT_EQ(rows.values[0], 0.0001778221F);
  EXPECT_EQ(rows.values[17], 0.0773283392F);  // JawOpen
  EXPECT_NEAR(rows.frames[0], (53 * 60 + 15) * 60 + 35.121, 1e-6);
}

}  // namespace
}  // namespace bisque
