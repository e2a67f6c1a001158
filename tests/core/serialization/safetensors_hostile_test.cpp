// .safetensors files with one thing broken each, and what the reader says of them.
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/serialization/safetensors.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

/// A file's bytes, and a part of what is said of it.
using Cases = std::vector<std::pair<std::string, std::string>>;

void expect_rejected(const Cases& cases) {
  for (const auto& [bytes, message] : cases) {
    const std::string error = error_of([&] { SafetensorsFile::parse(bytes_of(bytes), "f"); });
    EXPECT_TRUE(error.starts_with("f: ") && error.ends_with(".")) << bytes << "\n" << error;
    EXPECT_NE(error.find(message), std::string::npos) << bytes << "\n" << error << "\nexpected: " << message;
  }
  std::cout << cases.size() << " hostile files rejected\n";
}

std::string tensor_of(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

/// A file of one tensor "x" and data of 8 bytes.
std::string file_of(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return safetensors_bytes(R"({"x":)" + tensor_of(dtype, shape, offsets) + "}", std::string(8, 'd'));
}

/// Of two tensors of 2 bytes and data of 5.
std::string two_at(const std::string& a, const std::string& b) {
  const std::string header = R"({"a":)" + tensor_of(R"("U8")", "[2]", a) + R"(,"b":)" + tensor_of(R"("U8")", "[2]", b);
  return safetensors_bytes(header + "}", "12345");
}

TEST(HostileSafetensors, GoodFilesAreRead) {
  for (const std::string& bytes : {file_of(R"("F32")", "[2]", "[0,8]"), file_of(R"("F32")", "[1,2]", "[0,8]"),
                                   safetensors_bytes(R"({"x":)" + tensor_of(R"("F32")", "[0]", "[0,0]") + "}", "")}) {
    EXPECT_EQ(error_of([&] { SafetensorsFile::parse(bytes_of(bytes), "f"); }), "");
  }
}

TEST(HostileSafetensors, WhatIsNoIntegerFromZeroUp) {
  const std::vector<std::string> numbers{"-1",    "-0.0",  "1.0",  "8.0",  "0.5",         "1e0",  "2e0",
                                         "1E2",   "\"2\"", "true", "null", "false",       "\"\"", "-8",
                                         "1e300", "2.5",   "1e-1", "-2",   "2.0000000001"};
  Cases cases;
  for (const std::string& number : numbers) {
    cases.emplace_back(file_of(R"("F32")", "[" + number + "]", "[0,8]"),
                       "in its shape, expected a non-negative integer");
    cases.emplace_back(file_of(R"("F32")", "[1," + number + "]", "[0,8]"), "expected a non-negative integer");
    cases.emplace_back(file_of(R"("F32")", "[2]", "[" + number + ",8]"), "expected a non-negative integer");
    cases.emplace_back(file_of(R"("F32")", "[2]", "[0," + number + "]"), "expected a non-negative integer");
  }
  expect_rejected(cases);
}

TEST(HostileSafetensors, SizesBeyondAll) {
  Cases cases;
  for (const std::string shape : {"[4294967296,4294967296]", "[9223372036854775807,2]", "[2305843009213693952]",
                                  "[65536,65536,65536,65536]", "[4611686018427387904,4]", "[9223372036854775807]"}) {
    cases.emplace_back(file_of(R"("F64")", shape, "[0,8]"), "whose size is not a number of bytes below 2^61");
  }
  for (const std::string size :
       {"9223372036854775808", "18446744073709551615", "18446744073709551616", "99999999999999999999999999"}) {
    cases.emplace_back(file_of(R"("U8")", "[" + size + "]", "[0,8]"), "tensor \"x\"");
    cases.emplace_back(file_of(R"("U8")", "[8]", "[0," + size + "]"), "tensor \"x\"");
    cases.emplace_back(file_of(R"("U8")", "[8]", "[" + size + ",8]"), "tensor \"x\"");
  }
  for (const std::string shape : {"[1]", "[3]", "[5]", "[1,1]", "[3,3]"}) {
    cases.emplace_back(file_of(R"("F4")", shape, "[0,8]"), "is not a number of bytes");
  }
  for (const std::string shape : {"[]", "[1]", "[3]", "[2,2]", "[0]", "[1,1,1]", "[4]"}) {
    cases.emplace_back(file_of(R"("F32")", shape, "[0,8]"), "but its data_offsets hold 8");
  }
  expect_rejected(cases);
}

TEST(HostileSafetensors, UnknownDtypes) {
  Cases cases;
  for (const std::string name : {"",           "f32",
                                 "F31",        "F32 ",
                                 " F32",       "float32",
                                 "F128",       "U128",
                                 "I4",         "U1",
                                 "BOOLEAN",    "bool",
                                 "BF32",       "C32",
                                 "C128",       "F8",
                                 "F8_E4M3FN",  "F8_E5M3",
                                 "F6",         "F6_E2M2",
                                 "STR",        "O",
                                 "<f4",        "Q8",
                                 "F32\\u0000", "F3\\u0032\\u0020"}) {
    cases.emplace_back(file_of('"' + name + '"', "[2]", "[0,8]"), "has an unknown dtype");
  }
  for (const std::string dtype : {"1", "null", "[]", "{}", "true", "32.0"}) {
    cases.emplace_back(file_of(dtype, "[2]", "[0,8]"), "dtype");
  }
  expect_rejected(cases);
}

TEST(HostileSafetensors, HolesOverlapsAndEnds) {
  expect_rejected({
      {two_at("[0,2]", "[3,5]"), "a hole"},
      {two_at("[1,3]", "[3,5]"), "a hole"},
      {two_at("[3,5]", "[1,3]"), "a hole"},
      {two_at("[0,2]", "[1,3]"), "an overlap"},
      {two_at("[0,2]", "[0,2]"), "an overlap"},
      {two_at("[1,3]", "[0,2]"), "an overlap"},
      {two_at("[0,2]", "[2,4]"), "the tensors end at byte 4 of the data, which has 5 bytes"},
      {two_at("[2,4]", "[0,2]"), "the tensors end at byte 4 of the data, which has 5 bytes"},
      {two_at("[0,2]", "[4,6]"), "is at bytes 4 to 6"},
      {two_at("[0,2]", "[5,3]"), "is at bytes 5 to 3"},
      {two_at("[2,0]", "[2,4]"), "is at bytes 2 to 0"},
      {two_at("[0,2]", "[2,5]"), "but its data_offsets hold 3"},
      {two_at("[0,2]", "[2,3]"), "but its data_offsets hold 1"},
      {two_at("[0,2]", "[2,2]"), "but its data_offsets hold 0"},
      {two_at("[0,1]", "[1,3]"), "but its data_offsets hold 1"},
      {two_at("[0,9223372036854775807]", "[2,4]"), "is at bytes 0 to 9223372036854775807"},
      {two_at("[9223372036854775805,9223372036854775807]", "[0,2]"), "is at bytes 9223372036854775805"},
      {safetensors_bytes("{}", "1"), "the tensors end at byte 0 of the data, which has 1 bytes"},
      {file_of(R"("F32")", "[0]", "[0,0]"), "the tensors end at byte 0 of the data, which has 8 bytes"},
      {file_of(R"("F32")", "[1]", "[0,4]"), "the tensors end at byte 4 of the data, which has 8 bytes"},
      {file_of(R"("F32")", "[1]", "[4,8]"), "a hole"},
      {file_of(R"("F32")", "[0]", "[8,8]"), "a hole"},
      {file_of(R"("F32")", "[0]", "[9,9]"), "is at bytes 9 to 9"},
  });
}

TEST(HostileSafetensors, Members) {
  const auto x = [](const std::string& value) { return safetensors_bytes(R"({"x":)" + value + "}", "12345678"); };
  const std::string good = tensor_of(R"("U8")", "[8]", "[0,8]");
  const std::string open = good.substr(0, good.size() - 1);
  const auto metadata = [](const std::string& value) {
    return safetensors_bytes(R"({"__metadata__":)" + value + "}", "");
  };
  Cases cases{
      {x("1"), "is not described by a JSON object"},
      {x("null"), "is not described by a JSON object"},
      {x("[]"), "is not described by a JSON object"},
      {x("\"U8\""), "is not described by a JSON object"},
      {x("{}"), "has no "},
      {x(R"({"dtype":"U8"})"), "has no "},
      {x(R"({"shape":[8]})"), "has no "},
      {x(R"({"data_offsets":[0,8]})"), "has no "},
      {x(R"({"dtype":"U8","shape":[8]})"), "has no data_offsets"},
      {x(R"({"dtype":"U8","data_offsets":[0,8]})"), "has no shape"},
      {x(R"({"shape":[8],"data_offsets":[0,8]})"), "has no dtype"},
      {x(open + R"(,"y":1})"), "has an unknown key \"y\""},
      {x(open + R"(,"Shape":[8]})"), "has an unknown key \"Shape\""},
      {x(open + R"(,"":[8]})"), "has an unknown key \"\""},
      {x(open + R"(,"shape":[8]})"), "JSON key \"shape\" appears twice"},
      {x(open + R"(,"dtype":"U8"})"), "JSON key \"dtype\" appears twice"},
      {x(open + R"(,"data_offsets":[0,8]})"), "JSON key \"data_offsets\" appears twice"},
      {x(open + R"(,"dt\u0079pe":"U8"})"), "JSON key \"dtype\" appears twice"},
      {x(good + R"(,"x":)" + good), "JSON key \"x\" appears twice"},
      {x(good + R"(,"\u0078":)" + good), "JSON key \"x\" appears twice"},
      {x(good + R"(,"__metadata__":{},"__metadata__":{})"), "JSON key \"__metadata__\" appears twice"},
      {metadata("1"), "__metadata__ is not a JSON object"},
      {metadata("null"), "__metadata__ is not a JSON object"},
      {metadata("[]"), "__metadata__ is not a JSON object"},
      {metadata("\"a\""), "__metadata__ is not a JSON object"},
      {metadata(R"({"k":"a","k":"b"})"), "JSON key \"k\" appears twice"},
  };
  for (const std::string value : {"1", "null", "true", "[]", "{}", "1.5"}) {
    cases.emplace_back(metadata(R"({"k":)" + value + "}"), "has a value that is not a string");
  }
  for (const std::string deep : {"[[8]]", "[[]]", "[{}]", "[8,[]]"}) {
    cases.emplace_back(file_of(R"("U8")", deep, "[0,8]"), "nested deeper than 3");
    cases.emplace_back(file_of(R"("U8")", "[8]", deep), "nested deeper than 3");
  }
  for (const std::string shape : {"0", "null", "\"[8]\"", "{}", "true"}) {
    cases.emplace_back(file_of(R"("U8")", shape, "[0,8]"), "has a shape that is not a list");
  }
  for (const std::string offsets : {"[]", "[0]", "[0,8,8]", "[0,4,4,8]"}) {
    cases.emplace_back(file_of(R"("U8")", "[8]", offsets), "data_offsets, expected 2");
  }
  for (const std::string offsets : {"8", "null", "{}", "\"0,8\""}) {
    cases.emplace_back(file_of(R"("U8")", "[8]", offsets), "data_offsets");
  }
  expect_rejected(cases);
}

TEST(HostileSafetensors, HeadersThatAreNone) {
  Cases cases{{"", "has 0 bytes"}, {"1234567", "has 7 bytes"}};
  const std::string good = file_of(R"("U8")", "[8]", "[0,8]");
  const size_t behind = good.size() - 8;
  for (const uint64_t length : {uint64_t{0}, uint64_t{behind + 1}, uint64_t{1} << 31, uint64_t{1} << 32,
                                uint64_t{1} << 63, UINT64_MAX, UINT64_MAX - 7, UINT64_MAX - 8}) {
    std::string bytes = good;
    bytes.replace(0, 8, raw<uint64_t>({length}));
    cases.emplace_back(bytes, length == 0 ? "does not begin with {" : "declares a header of " + std::to_string(length));
  }
  for (const std::string header : {"", " {}", "\n{}", "[]", "null", "\"{}\"", "\xEF\xBB\xBF{}"}) {
    cases.emplace_back(safetensors_bytes(header, ""), "does not begin with {");
  }
  for (const std::string header :
       {"{",           "{} x",       "{}{}",       "{,}",         "{\"x\"}",      "{\"x\":}",     "{'x':1}",
        "{x:1}",       "{\"x\":1,}", "{\"x\":01}", "{\"x\":+1}",  "{\"x\":.5}",   "{\"x\":NaN}",  "{\"x\":Infinity}",
        "{\"x\":0x1}", "{/**/}",     "{}//",       "{\"\\x\":1}", "{\"\xFF\":1}", "{\"a\nb\":1}", "{\"\\ud800\":1}",
        "{\"x\":tru}", "{\"x\":1e}", "{\"x\":-}"}) {
    cases.emplace_back(safetensors_bytes(header, ""), "JSON");
  }
  cases.emplace_back(safetensors_bytes("{}" + std::string(1, '\0'), ""), "JSON");
  cases.emplace_back(safetensors_bytes(R"({"x":[[[]]]})", ""), "nested deeper than 3");
  cases.emplace_back(safetensors_bytes(R"({"x":)" + std::string(100'000, '['), ""), "nested deeper than 3");
  expect_rejected(cases);
}

}  // namespace
}  // namespace bisque
