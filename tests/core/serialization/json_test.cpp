#include <bisque/core/serialization/json.h>

#include <nlohmann/json.hpp>

#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

std::string json_error(std::string_view text, const JsonLimits& limits = {}) {
  return error_of([&] { parse_json(text, "f.json", limits); });
}

TEST(Json, ParsesAValue) {
  const nlohmann::json value = parse_json(R"( {"a": [1, -2.5, "é", null, true]} )", "f.json");
  EXPECT_EQ(value["a"][0], 1);
  EXPECT_EQ(value["a"][1], -2.5);
  EXPECT_EQ(value["a"][2], "é");
  EXPECT_TRUE(value["a"][3].is_null());
}

TEST(Json, ErrorsNameTheByte) {
  EXPECT_EQ(json_error(R"({"a": nan})"), "f.json: byte 8 of the JSON is not what JSON allows there.");
  EXPECT_EQ(json_error("[1, 2"), "f.json: byte 6 of the JSON is not what JSON allows there.");
  EXPECT_EQ(json_error("1 2"), "f.json: byte 3 of the JSON is not what JSON allows there.");
  EXPECT_EQ(json_error(std::string("1\0 2", 4)), "f.json: byte 2 of the JSON is not what JSON allows there.");
  EXPECT_EQ(json_error(""), "f.json: byte 1 of the JSON is not what JSON allows there.");
}

TEST(Json, RejectsWhatIsNotStrict) {
  for (const char* text : {"// c\n1", "[1,]", "{'a': 1}", "\"\xFF\"", "\"\xC3\"", "01", "+1", ".5", "\"\n\""}) {
    EXPECT_NE(json_error(text).find("is not what JSON allows there."), std::string::npos) << text;
  }
}

TEST(Json, RejectsDuplicateKeysOfOneObjectAlone) {
  EXPECT_EQ(json_error(R"({"a": 1, "b": {"c": 1, "c": 2}})"), "f.json: JSON key \"c\" appears twice in one object.");
  EXPECT_EQ(json_error(R"({"a": 1, "\u0061": 2})"), "f.json: JSON key \"a\" appears twice in one object.");
  EXPECT_NO_THROW(parse_json(R"({"a": {"a": [{"a": 1}, {"a": 2}]}})", "f.json"));
}

TEST(Json, LimitsDepthAndSize) {
  EXPECT_NO_THROW(parse_json("[[1]]", "f.json", {100, 2}));
  EXPECT_EQ(json_error("[[[1]]]", {100, 2}), "f.json: JSON is nested deeper than 2 levels.");
  EXPECT_EQ(json_error(std::string(10'000'000, '[')), "f.json: JSON is nested deeper than 64 levels.");
  EXPECT_EQ(json_error("[1, 2]", {5, 2}), "f.json: holds 6 bytes of JSON, expected at most 5.");
}

TEST(Json, RejectsANumberBeyondDouble) { EXPECT_NE(json_error("1e999").find("out of range"), std::string::npos); }

TEST(Json, KeepsEveryTypeInItsPlace) {
  const char* text = R"({"a":{"b":[[],{},[{"c":[1,-1,1.5,18446744073709551615]}],false]},"d":"e"})";
  const nlohmann::json value = parse_json(text, "f.json");
  EXPECT_EQ(value, nlohmann::json::parse(text));
  EXPECT_TRUE(value["a"]["b"][2][0]["c"][3].is_number_unsigned());
  EXPECT_TRUE(value["a"]["b"][2][0]["c"][1].is_number_integer());
}

// A parser that looks at all siblings again for each of them takes minutes here.
TEST(Json, ManySiblingsAreReadInLinearTime) {
  std::string list = "[";
  std::string object = "{";
  for (int i = 0; i < 300'000; ++i) {
    list += "{},";
    object += "\"" + std::to_string(i) + "\":{},";
  }
  EXPECT_EQ(parse_json(list + "[]]", "f.json").size(), 300'001U);
  EXPECT_EQ(parse_json(object + "\"x\":[]}", "f.json").size(), 300'001U);
}

}  // namespace
}  // namespace bisque
