#include <bisque/renderer/takes/json_take.h>

#include <algorithm>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

using Strings = std::vector<std::string>;

TakeRows parse_json_rows(const std::string& text, const std::optional<FrameRate>& rate = {}) {
  return order_rows(parse_json_take(text, "a.json"), rate, "a.json");
}
std::string json_error(const std::string& text) {
  return error_of([&] { parse_json_rows(text); });
}

TEST(JsonTake, ReadsAListOfObjects) {
  const TakeRows rows = parse_json_rows(R"([{"jawOpen": 0.5, "a": 1}, {"a": -2e-1, "jawOpen": 0}])");
  EXPECT_EQ(rows.names, (std::vector<std::string>{"a", "jawOpen"}));
  EXPECT_EQ(rows.values, (std::vector<float>{1, 0.5F, -0.2F, 0}));
  EXPECT_EQ(rows.frames, (std::vector<double>{0, 1}));
  EXPECT_EQ(rows.rate.num, 30);
  EXPECT_TRUE(rows.rate_is_guess);
}

TEST(JsonTake, ReadsNamesAndRows) {
  const TakeRows rows =
      parse_json_rows(R"({"names": ["jawOpen", "a"], "rows": [[0.5, 1], [0, 2]], "fps": 60, "frames": [3, 4.5]})");
  EXPECT_EQ(rows.names, (std::vector<std::string>{"jawOpen", "a"}));
  EXPECT_EQ(rows.values, (std::vector<float>{0.5F, 1, 0, 2}));
  EXPECT_EQ(rows.frames, (std::vector<double>{3, 4.5}));
  EXPECT_EQ(rows.rate.num, 60);
  EXPECT_FALSE(rows.rate_is_guess);
}

TEST(JsonTake, ReadsEveryFormOfRate) {
  const auto rate = [](const std::string& fps) {
    const FrameRate rate = parse_json_rows(R"({"names": ["a"], "rows": [[0]], "fps": )" + fps + "}").rate;
    return std::to_string(rate.num) + "/" + std::to_string(rate.den);
  };
  EXPECT_EQ(rate("60"), "60/1");
  EXPECT_EQ(rate("60.0"), "60/1");
  EXPECT_EQ(rate("\"60\""), "60/1");
  EXPECT_EQ(rate("null"), "30/1");
  EXPECT_EQ(rate("29.97"), "30000/1001");
  EXPECT_EQ(rate("29.97002997002997"), "30000/1001");
  EXPECT_EQ(rate("[30000, 1001]"), "30000/1001");
  EXPECT_EQ(rate("[120, 2]"), "60/1");
}

TEST(JsonTake, ReadsTimecodes) {
  const std::string text = R"({"names": ["a"], "rows": [[0], [1]], "timecodes": ["00:00:01:00", "00:00:01:40.5"]})";
  const TakeRows guessed = parse_json_rows(text);
  EXPECT_EQ(guessed.rate.num, 48);
  EXPECT_EQ(guessed.frames, (std::vector<double>{48, 88.5}));
  const TakeRows given = parse_json_rows(text, FrameRate{60, 1});
  EXPECT_EQ(given.frames, (std::vector<double>{60, 100.5}));
  EXPECT_FALSE(given.rate_is_guess);
}

TEST(JsonTake, AGivenRateTakesThePlaceOfFps) {
  const TakeRows rows = parse_json_rows(R"({"names": ["a"], "rows": [[0]], "fps": 60})", FrameRate{24, 1});
  EXPECT_EQ(rows.rate.num, 24);
  EXPECT_FALSE(rows.rate_is_guess);
}

TEST(JsonTake, AMissingNameIsZeroAndAnEmptyObjectALostFrame) {
  const TakeRows rows = parse_json_rows(R"([{"a": 1, "b": 2}, {"a": 3}, {}, {"a": 5, "c": 4}, null])");
  EXPECT_EQ(rows.names, (Strings{"a", "b", "c"}));
  EXPECT_EQ(rows.values, (std::vector<float>{1, 2, 0, 3, 0, 0, 4, 0, 2, 5, 0, 4, 5, 0, 4}));
  EXPECT_EQ(rows.notes,
            Strings{"2 rows without values (tracking lost) are filled from the rows around, the first at frame 2."});
}

TEST(JsonTake, TimeGivesTheRateAndIsNoShape) {
  for (const char* text :
       {R"([{"time": 0, "a": 1}, {"time": 0.04, "a": 2}, {"time": 0.08, "a": 3}])",
        R"([{"timestampMs": 0, "a": 1}, {"timestampMs": 40, "a": 2}, {"timestampMs": 80, "a": 3}])",
        R"([{"timestamp": "0", "a": 1}, {"timestamp": "0.04", "a": 2}, {"timestamp": "0.08", "a": 3}])",
        R"({"a": [1, 2, 3], "time": [0, 0.04, 0.08]})",
        R"({"names": ["a"], "rows": [[1], [2], [3]], "times": [0, 0.04, 0.08]})"}) {
    const TakeRows rows = parse_json_rows(text);
    EXPECT_EQ(rows.names, Strings{"a"}) << text;
    EXPECT_EQ(rows.values, (std::vector<float>{1, 2, 3})) << text;
    EXPECT_EQ(rows.rate.num, 25) << text;
    EXPECT_FALSE(rows.rate_is_guess) << text;
    EXPECT_EQ(rows.notes, Strings{}) << text;
  }
  EXPECT_EQ(parse_json_rows(R"([{"frame": 3, "a": 1}, {"frame": 5, "a": 2}])").frames, (std::vector<double>{3, 5}));
  const TakeRows both = parse_json_rows(R"([{"frame": 3, "timecode": "00:00:00:07", "a": 1}])");
  EXPECT_EQ(both.frames, std::vector<double>{7});
  EXPECT_EQ(both.notes, Strings{"Keys of frames that are not read: frame."});
}

TEST(JsonTake, ReadsNestedObjectsAndWrappers) {
  for (const char* text :
       {R"([{"time": 0, "blendshapes": {"jawOpen": 0.5}}, {"time": 0.02, "blendshapes": {"jawOpen": 1}}])",
        R"({"fps": 50, "frames": [{"blendShapes": {"jawOpen": 0.5}}, {"blendShapes": {"jawOpen": 1}}]})",
        R"({"animation": {"fps": "50", "data": [{"shapes": {"weights": {"jawOpen": 0.5}}}, {"jawOpen": 1}]}})",
        R"([{"t": 0, "categories": [{"name": "jawOpen", "value": 0.5}]},
            {"t": 0.02, "categories": [{"name": "jawOpen", "value": 1}]}])"}) {
    const TakeRows rows = parse_json_rows(text);
    EXPECT_EQ(rows.names, Strings{"jawOpen"}) << text;
    EXPECT_EQ(rows.values, (std::vector<float>{0.5F, 1})) << text;
    EXPECT_EQ(rows.rate.num, 50) << text;
  }
  const TakeRows head = parse_json_rows(R"([{"head": {"yaw": 0.1}, "id": "x", "blendshapes": {}}])");
  EXPECT_EQ(head.names, Strings{"head.yaw"});
  EXPECT_EQ(head.notes, Strings{"Keys of frames that are not read: id."});
}

TEST(JsonTake, ReadsJsonLines) {
  const TakeRows rows =
      parse_json_rows("{\"time\": 0, \"a\": 1}\r\n{\"time\": 0.1, \"a\": NaN}\n\n{\"time\": 0.2, \"a\": 3}\n");
  EXPECT_EQ(rows.values, (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(rows.rate.num, 10);
  EXPECT_NE(json_error("{\"a\": 1} {\"a\": 2}"), "");
}

TEST(JsonTake, ReadsFramesByTheirTimes) {
  std::string numbers = "{";
  for (int i = 0; i < 12; ++i)
    numbers += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\": {\"a\": " + std::to_string(i) + "}";
  const TakeRows rows = parse_json_rows(numbers + "}");
  EXPECT_EQ(rows.num_rows(), 12);
  for (size_t i = 0; i < 12; ++i) EXPECT_EQ(rows.values[i], static_cast<float>(i));
  EXPECT_EQ(rows.notes, Strings{});
  EXPECT_EQ(parse_json_rows(R"({"frames": {"0.0": {"a": 1}, "0.04": {"a": 2}, "0.08": {}}})").rate.num, 25);
}

TEST(JsonTake, ReadsAudio2Face) {
  const TakeRows rows = parse_json_rows(R"({"exportFps": 24.0, "trackPath": "a.wav", "numPoses": 2, "numFrames": 3,
      "facsNames": ["jawOpen", "a"], "weightMat": [[0.5, 1], [0.25, 2]], "joints": ["jaw"], "rotations": [[[0]]]})");
  EXPECT_EQ(rows.names, (Strings{"jawOpen", "a"}));
  EXPECT_EQ(rows.values, (std::vector<float>{0.5F, 1, 0.25F, 2}));
  EXPECT_EQ(rows.rate.num, 24);
  EXPECT_EQ(rows.notes,
            (Strings{"The file declares 3 frames, and has 2.", "Keys that are not read: joints, rotations."}));
}

TEST(JsonTake, ReadsMediaPipe) {
  const std::string face = R"({"categories": [{"index": 0, "score": 0.9, "categoryName": "_neutral", "displayName": ""},
      {"index": 1, "score": 0.5, "categoryName": "jawOpen"}], "headIndex": -1, "headName": ""})";
  for (const std::string& text :
       Strings{"[{\"faceBlendshapes\": [" + face + "]}, {\"faceBlendshapes\": []}]", "[[" + face + "], []]",
               "{\"results\": [{\"face_blendshapes\": [[{\"category_name\": \"_neutral\", \"score\": 1}, "
               "{\"category_name\": \"jawOpen\", \"score\": 0.5}]]}, {\"face_blendshapes\": []}]}"}) {
    const TakeRows rows = parse_json_rows(text);
    EXPECT_EQ(rows.names, Strings{"jawOpen"}) << text;
    EXPECT_EQ(rows.values, (std::vector<float>{0.5F, 0.5F})) << text;
    EXPECT_TRUE(rows.is_filled[1]) << text;
    EXPECT_NE(std::find(rows.notes.begin(), rows.notes.end(), "The column _neutral is ignored, as it is not a shape."),
              rows.notes.end());
  }
  const TakeRows two = parse_json_rows("[{\"faceBlendshapes\": [" + face + ", " + face + "]}]");
  EXPECT_EQ(two.notes[1], "Only the first face is used in 1 frame with several.");
  EXPECT_EQ(parse_json_rows(R"([{"categoryName": "jawOpen", "score": 1}, {"categoryName": "a", "score": 2}])").values,
            (std::vector<float>{1, 2}));
}

TEST(JsonTake, ReadsOneFrame) {
  EXPECT_EQ(parse_json_rows(R"({"jawOpen": 0.5, "x": 1})").values, (std::vector<float>{0.5F, 1}));
  EXPECT_EQ(parse_json_rows(R"({"blendshapes": {"jawOpen": 0.5}})").values, std::vector<float>{0.5F});
  EXPECT_NE(json_error(R"({"version": 1})").find("a.json: holds no take, expected a list of frames"),
            std::string::npos);
}

TEST(JsonTake, ValuesThatAreNoNumberAreFilled) {
  for (const std::string value : {"null", "\"x\"", "\"\"", "1e39", "-1e300", "NaN", "-Infinity", "Infinity"}) {
    const TakeRows rows =
        parse_json_rows("{\"names\": [\"a\", \"b\"], \"rows\": [[1, 0], [" + value + ", 0], [3, 0]]}");
    EXPECT_EQ(rows.values, (std::vector<float>{1, 0, 2, 0, 3, 0})) << value;
    EXPECT_EQ(rows.notes,
              Strings{"1 value without a finite number is filled from the rows around, the first at frame 1."})
        << value;
  }
  EXPECT_EQ(parse_json_rows(R"([{"a": "0.5"}, {"a": " 1 "}])").values, (std::vector<float>{0.5F, 1}));
  EXPECT_EQ(parse_json_rows(R"([{"a": 1, "b": true, "NaN": 2}])").notes,
            Strings{"Keys of frames that are not read: b."});
  EXPECT_EQ(parse_json_rows(R"({"names": ["a", "b"], "rows": [[1, 2], [3], null, [], [5, 6]]})").values,
            (std::vector<float>{1, 2, 3, 3, 3.6666667F, 4, 4.3333335F, 5, 5, 6}));
}

TEST(JsonTake, RejectsTextThatIsNotJson) {
  for (const std::string text : {"", "[", "{\"a\": NaN2}", "[{\"a\": 1},]", "[] []", "[{\"a\": 1, \"a\": 2}]",
                                 "// c\n[]", "[{\"a\": 1e999}]", "[{\"\xFF\": 1}]"}) {
    EXPECT_TRUE(json_error(text).starts_with("a.json: ")) << text;
  }
  EXPECT_EQ(json_error(R"([{"a": 1, "a": 2}])"), "a.json: JSON key \"a\" appears twice in one object.");
  EXPECT_EQ(json_error(std::string(100, '[')), "a.json: JSON is nested deeper than 16 levels.");
  EXPECT_EQ(json_error("[{\"a\": NaN, x}]"), "a.json: byte 13 of the JSON is not what JSON allows there.");
}

TEST(JsonTake, RejectsOtherShapesOfJson) {
  EXPECT_EQ(json_error("7"), "a.json: is neither a list of frames nor an object that holds one.");
  EXPECT_EQ(json_error("[]"), "a.json: holds no frame.");
  EXPECT_EQ(json_error("[{}]"), "a.json: has no column, expected one per shape.");
  EXPECT_EQ(json_error("[7]"), "a.json: frame 0: is \"7\", expected an object of names and values.");
  EXPECT_EQ(json_error(R"({"frames": []})"), "a.json: holds no frame.");
  EXPECT_EQ(json_error(R"({"names": ["a"], "rows": []})"), "a.json: holds no frame.");
  EXPECT_EQ(json_error(R"({"names": ["a"], "rows": [[null]]})"), "a.json: holds no row with values.");
  EXPECT_EQ(
      json_error(R"({"rows": [[1]]})"),
      "a.json: holds no take, expected a list of frames ([{\"jawOpen\": 0.1}, ...]), {\"names\": [...], \"rows\": "
      "[[...], ...]} or one list of numbers per name.");
  EXPECT_EQ(json_error(R"({"names": ["a"], "rows": [[1], [1, 2]]})"),
            "a.json: frame 1: has 2 values, expected 1, one per name.");
  EXPECT_EQ(json_error(R"({"a": [1, 2], "b": [1]})"), R"(a.json: "b" has 1 values, expected 2 as "a" has.)");
  EXPECT_EQ(json_error(R"([{"a\u001b": 1}])"),
            "a.json: column 1 is named \"a\\x1B\", expected UTF-8 without control characters.");
}

TEST(JsonTake, RejectsFramesThatMultiplyTheirSize) {
  std::string text = "[";
  for (int i = 0; i < 9000; ++i) text += (i > 0 ? ",{\"a" : "{\"a") + std::to_string(i) + "\":1}";
  EXPECT_EQ(json_error(text + "]"), "a.json: has 9000 rows of 9000 names, expected at most 67108864 values.");
}

TEST(JsonTake, OtherKeysAndRepeatedNamesAreReported) {
  EXPECT_EQ(parse_json_rows(R"({"names": ["a", "a"], "rows": [[1, 2]], "x": 1})").notes,
            (Strings{"Keys that are not read: x.", "Only the first column of each name is used; repeated: a."}));
}

TEST(JsonTake, RejectsBadRatesAndTimes) {
  const auto with = [](const std::string& more) { return R"({"names": ["a"], "rows": [[1], [2]], )" + more + "}"; };
  EXPECT_EQ(json_error(with(R"("fps": true)")),
            "a.json: fps: is \"true\", expected a number or two integers such as [30000, 1001].");
  EXPECT_EQ(json_error(with(R"("fps": [60])")),
            "a.json: fps: is \"[60]\", expected a number or two integers such as [30000, 1001].");
  EXPECT_EQ(json_error(with(R"("fps": 0)")), "a.json: fps: 0/1 Hz is not a frame rate, expected 1 to 1000 Hz.");
  EXPECT_EQ(json_error(with(R"("fps": [1, 0])")), "a.json: fps: 1/0 Hz is not a frame rate, expected 1 to 1000 Hz.");
  EXPECT_EQ(json_error(with(R"("frames": [1])")), "a.json: has 1 frames, expected 2, one per row.");
  EXPECT_EQ(json_error(with(R"("timecodes": ["00:00:00:00"])")), "a.json: has 1 timecodes, expected 2, one per row.");
  EXPECT_EQ(json_error(with(R"("frames": [1, 2], "timecodes": ["", ""])")),
            "a.json: has both frames and timecodes, expected at most one of them.");
}

TEST(JsonTake, BadTimesCostTheirRowsAlone) {
  const auto frames = [](const std::string& times) {
    return parse_json_rows(R"({"names": ["a"], "rows": [[1], [2], [3]], )" + times + "}").frames;
  };
  EXPECT_EQ(frames(R"("frames": [2, 1, 5])"), (std::vector<double>{1, 2, 5}));
  EXPECT_EQ(frames(R"("frames": [1, null, 4])"), (std::vector<double>{1, 4}));
  EXPECT_EQ(frames(R"("timecodes": ["00:00:00:01", 7, "00:00:00:03"])"), (std::vector<double>{1, 3}));
}

TEST(JsonTake, ATextCutAnywhereIsRejected) {
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

TEST(ColumnNames, RejectsOtherJson) {
  const std::string expected =
      "n: holds no list of names, expected [\"jawOpen\", ...] or {\"names\": [...], \"fps\": 60}.";
  for (const std::string text : {"7", "{}", R"({"names": 7})", R"({"fps": 60})"}) {
    EXPECT_EQ(error_of([&] { parse_column_names(text, "n"); }), expected) << text;
  }
  EXPECT_EQ(error_of([] { parse_column_names("[]", "n"); }), "n: has no column, expected one per shape.");
  EXPECT_EQ(error_of([] { parse_column_names(R"({"names": ["a"], "rows": []})", "n"); }),
            "n: has an unknown key \"rows\", expected names, fps.");
  EXPECT_EQ(error_of([] { parse_column_names(R"(["a", 1])", "n"); }), "n: name 2 is \"1\", expected a string.");
}

}  // namespace
}  // namespace bisque
