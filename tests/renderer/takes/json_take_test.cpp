#include <bisque/renderer/takes/json_take.h>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

std::string json_error(const std::string& text) {
  return error_of([&] { parse_json_take(text, "a.json"); });
}

TEST(JsonTake, ReadsAListOfObjects) {
  const TakeRows rows = parse_json_take(R"([{"jawOpen": 0.5, "a": 1}, {"a": -2e-1, "jawOpen": 0}])", "a.json");
  EXPECT_EQ(rows.names, (std::vector<std::string>{"a", "jawOpen"}));
  EXPECT_EQ(rows.values, (std::vector<float>{1, 0.5F, -0.2F, 0}));
  EXPECT_EQ(rows.frames, (std::vector<double>{0, 1}));
  EXPECT_EQ(rows.rate.num, 30);
  EXPECT_TRUE(rows.rate_is_guess);
}

TEST(JsonTake, ReadsNamesAndRows) {
  const TakeRows rows = parse_json_take(
      R"({"names": ["jawOpen", "a"], "rows": [[0.5, 1], [0, 2]], "fps": 60, "frames": [3, 4.5]})", "a.json");
  EXPECT_EQ(rows.names, (std::vector<std::string>{"jawOpen", "a"}));
  EXPECT_EQ(rows.values, (std::vector<float>{0.5F, 1, 0, 2}));
  EXPECT_EQ(rows.frames, (std::vector<double>{3, 4.5}));
  EXPECT_EQ(rows.rate.num, 60);
  EXPECT_FALSE(rows.rate_is_guess);
}

TEST(JsonTake, ReadsEveryFormOfRate) {
  const auto rate = [](const std::string& fps) {
    const FrameRate rate = parse_json_take(R"({"names": ["a"], "rows": [[0]], "fps": )" + fps + "}", "a.json").rate;
    return std::to_string(rate.num) + "/" + std::to_string(rate.den);
  };
  EXPECT_EQ(rate("60"), "60/1");
  EXPECT_EQ(rate("60.0"), "60/1");
  EXPECT_EQ(rate("29.97"), "30000/1001");
  EXPECT_EQ(rate("29.97002997002997"), "30000/1001");
  EXPECT_EQ(rate("[30000, 1001]"), "30000/1001");
  EXPECT_EQ(rate("[120, 2]"), "60/1");
}

TEST(JsonTake, ReadsTimecodes) {
  const std::string text = R"({"names": ["a"], "rows": [[0], [1]], "timecodes": ["00:00:01:00", "00:00:01:40.5"]})";
  const TakeRows guessed = parse_json_take(text, "a.json");
  EXPECT_EQ(guessed.rate.num, 48);
  EXPECT_EQ(guessed.frames, (std::vector<double>{48, 88.5}));
  const TakeRows given = parse_json_take(text, "a.json", FrameRate{60, 1});
  EXPECT_EQ(given.frames, (std::vector<double>{60, 100.5}));
  EXPECT_FALSE(given.rate_is_guess);
}

TEST(JsonTake, AGivenRateTakesThePlaceOfFps) {
  const TakeRows rows = parse_json_take(R"({"names": ["a"], "rows": [[0]], "fps": 60})", "a.json", FrameRate{24, 1});
  EXPECT_EQ(rows.rate.num, 24);
  EXPECT_FALSE(rows.rate_is_guess);
}

TEST(JsonTake, RefusesFramesWithOtherNames) {
  EXPECT_EQ(json_error(R"([{"a": 1, "b": 2}, {"a": 1}])"), "a.json: frame 1: lacks \"b\", which frame 0 has.");
  EXPECT_EQ(json_error(R"([{"a": 1}, {"a": 1, "b": 2}])"), "a.json: frame 1: has \"b\", which frame 0 lacks.");
  EXPECT_EQ(json_error(R"([{"a": 1}, [1]])"), "a.json: frame 1: is \"[1]\", expected an object of names and values.");
  EXPECT_EQ(json_error("[{}]"), "a.json: frame 0: has no column, expected one a shape.");
  EXPECT_EQ(json_error(R"([{"": 1}])"), "a.json: frame 0: column 1 has no name.");
}

TEST(JsonTake, RefusesValuesThatAreNoNumber) {
  for (const std::string value : {"null", "true", "[1]", "1e39", "-1e300"}) {
    EXPECT_NE(json_error("[{\"a\": 0}, {\"a\": " + value + "}]").find("a.json: frame 1: \"a\" is \""),
              std::string::npos);
  }
  EXPECT_EQ(json_error(R"([{"a": "x"}])"), R"(a.json: frame 0: "a" is "\x22x\x22", expected a number.)");
  EXPECT_EQ(json_error(R"({"names": ["a"], "rows": [[0], [null]]})"),
            "a.json: frame 1: \"a\" is \"null\", expected a number.");
}

TEST(JsonTake, RefusesTextThatIsNotStrictJson) {
  for (const std::string text : {"", "[", "{\"a\": NaN}", "[{\"a\": 1},]", "[] []", "[{\"a\": 1, \"a\": 2}]",
                                 "// c\n[]", "[[[[[[0]]]]]]", "[{\"a\": 1e999}]", "[{\"\xFF\": 1}]"}) {
    EXPECT_TRUE(json_error(text).starts_with("a.json: ")) << text;
  }
  EXPECT_EQ(json_error(R"([{"a": 1, "a": 2}])"), "a.json: JSON key \"a\" appears twice in one object.");
}

TEST(JsonTake, RefusesOtherShapesOfJson) {
  EXPECT_EQ(json_error("7"), "a.json: is neither a list of objects nor an object with names and rows.");
  EXPECT_EQ(json_error("[]"), "a.json: holds no frame.");
  EXPECT_EQ(json_error(R"({"names": ["a"], "rows": []})"), "a.json: holds no frame.");
  EXPECT_EQ(json_error(R"({"names": ["a"], "rows": [[1]], "x\u001b": 1})"),
            "a.json: has an unknown key \"x\\x1B\", expected names, rows, fps, frames, timecodes.");
  EXPECT_EQ(json_error(R"({"rows": [[1]]})"),
            "a.json: has no list \"names\", expected {\"names\": [...], \"rows\": [[...], ...]} or a list of objects.");
  EXPECT_EQ(json_error(R"({"names": ["a"], "rows": 1})"),
            "a.json: has no list \"rows\", expected {\"names\": [...], \"rows\": [[...], ...]} or a list of objects.");
  EXPECT_EQ(json_error(R"({"names": ["a", 1], "rows": [[1, 2]]})"), "a.json: name 2 is \"1\", expected a string.");
  EXPECT_EQ(json_error(R"({"names": ["a", "a"], "rows": [[1, 2]]})"),
            "a.json: column 2 is the second one named \"a\".");
  EXPECT_EQ(json_error(R"({"names": ["a"], "rows": [[1], [1, 2]]})"),
            "a.json: frame 1: is no list of 1 values as there are names.");
  EXPECT_EQ(json_error(R"({"names": ["a"], "rows": [[1], 2]})"),
            "a.json: frame 1: is no list of 1 values as there are names.");
}

TEST(JsonTake, RefusesBadRatesAndTimes) {
  const auto with = [](const std::string& more) { return R"({"names": ["a"], "rows": [[1], [2]], )" + more + "}"; };
  EXPECT_EQ(json_error(with(R"("fps": "60")")),
            R"(a.json: fps: is "\x2260\x22", expected a number or two integers such as [30000, 1001].)");
  EXPECT_EQ(json_error(with(R"("fps": [60])")),
            "a.json: fps: is \"[60]\", expected a number or two integers such as [30000, 1001].");
  EXPECT_EQ(json_error(with(R"("fps": 0)")), "a.json: fps: 0/1 Hz is no frame rate, expected 1 to 1000 Hz.");
  EXPECT_EQ(json_error(with(R"("fps": [1, 0])")), "a.json: fps: 1/0 Hz is no frame rate, expected 1 to 1000 Hz.");
  EXPECT_EQ(json_error(with(R"("frames": [1])")), "a.json: has 1 frames, expected 2 as there are rows.");
  EXPECT_EQ(json_error(with(R"("frames": [2, 1])")),
            "a.json: frames entry 1: is less than the entry before, expected rising times.");
  EXPECT_EQ(json_error(with(R"("frames": [1, "2"])")), R"(a.json: frames entry 1: is "\x222\x22", expected a number.)");
  EXPECT_EQ(json_error(with(R"("timecodes": ["00:00:00:00"])")),
            "a.json: has 1 timecodes, expected 2 as there are rows.");
  EXPECT_EQ(json_error(with(R"("timecodes": ["00:00:00:00", 1])")),
            "a.json: timecodes entry 1: is \"1\", expected \"HH:MM:SS:FF.fff\".");
  EXPECT_EQ(json_error(with(R"("timecodes": ["00:00:00:01", "00:00:00:00"])")),
            "a.json: frame 1: its timecode is earlier than that of the row before, expected rising times.");
  EXPECT_EQ(json_error(with(R"("frames": [1, 2], "timecodes": [])")),
            "a.json: has both frames and timecodes, expected at most one of them.");
}

TEST(JsonTake, ATextCutAnywhereIsRefused) {
  const std::string text = R"({"names": ["a"], "rows": [[0.25]], "fps": [60, 1], "timecodes": ["00:00:00:00"]})";
  EXPECT_EQ(json_error(text), "");
  for (size_t size = 0; size < text.size(); ++size) EXPECT_NE(json_error(text.substr(0, size)), "") << size;
}

TEST(ColumnNames, ReadsBothForms) {
  EXPECT_EQ(parse_column_names(R"(["a", "b"])", "n").names, (std::vector<std::string>{"a", "b"}));
  const ColumnNames columns = parse_column_names(R"({"names": ["a"], "fps": 60})", "n");
  EXPECT_EQ(columns.names, std::vector<std::string>{"a"});
  EXPECT_EQ(columns.rate->num, 60);
}

TEST(ColumnNames, RefusesOtherJson) {
  const std::string expected =
      "n: holds no list of names, expected [\"jawOpen\", ...] or {\"names\": [...], \"fps\": 60}.";
  for (const std::string text : {"7", "{}", R"({"names": 7})", R"({"fps": 60})"}) {
    EXPECT_EQ(error_of([&] { parse_column_names(text, "n"); }), expected) << text;
  }
  EXPECT_EQ(error_of([] { parse_column_names("[]", "n"); }), "n: has no column, expected one a shape.");
  EXPECT_EQ(error_of([] { parse_column_names(R"({"names": ["a"], "rows": []})", "n"); }),
            "n: has an unknown key \"rows\", expected names, fps.");
}

}  // namespace
}  // namespace bisque
