#include <bisque/renderer/takes/array_take.h>

#include <limits>

#include "take_test_util.h"

namespace bisque {
namespace {

using take_test::bytes_of;
using take_test::error_of;

template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// As numpy.save writes it: version 1.0, the header padded to 64 bytes.
std::string npy(const std::string& dictionary, const std::string& data, char version = 1) {
  const size_t before = version == 1 ? 10 : 12;
  std::string header = dictionary;
  header.append(63 - (before + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes = std::string("\x93NUMPY") + version + '\0';
  for (size_t i = 0; i < before - 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return bytes + header + data;
}

const std::string kPlain = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
const std::string kNamed = "{'descr': [('jawOpen', '<f4'), ('b', '<f8')], 'fortran_order': False, 'shape': (2,), }";
const std::string kFour = raw<float>({1, 2, 3, 4});
const ColumnNames kColumns{{"jawOpen", "b"}, {}};

std::string error_in(const std::string& bytes, const std::optional<ColumnNames>& columns = kColumns) {
  return error_of([&] { parse_npy_take(bytes_of(bytes), "a.npy", columns); });
}

TEST(NpyTake, ReadsNamedFields) {
  const std::string data = raw<float>({1}) + raw<double>({0.1}) + raw<float>({3}) + raw<double>({-4});
  const std::string bytes = npy(kNamed, data);
  const TakeRows rows = parse_npy_take(bytes_of(bytes), "a.npy");
  EXPECT_EQ(rows.names, kColumns.names);
  EXPECT_EQ(rows.values, (std::vector<float>{1, 0.1F, 3, -4}));
  EXPECT_EQ(rows.frames, (std::vector<double>{0, 1}));
  EXPECT_EQ(rows.rate.num, 30);
  EXPECT_TRUE(rows.rate_is_guess);
}

TEST(NpyTake, ReadsPlainArraysWithNamesFromElsewhere) {
  for (const char version : {1, 2, 3}) {
    const std::string bytes = npy(kPlain, kFour, version);
    const TakeRows rows = parse_npy_take(bytes_of(bytes), "a.npy", kColumns);
    EXPECT_EQ(rows.names, kColumns.names);
    EXPECT_EQ(rows.values, (std::vector<float>{1, 2, 3, 4}));
  }
  const std::string doubles =
      npy("{\"shape\":(1,2),\"fortran_order\":False,\"descr\":\"<f8\"}", raw<double>({0.5, 0.25}));
  EXPECT_EQ(parse_npy_take(bytes_of(doubles), "a.npy", kColumns).values, (std::vector<float>{0.5F, 0.25F}));
}

TEST(NpyTake, TheRateComesFromTheCallThenFromTheNames) {
  const std::string bytes = npy(kPlain, kFour);
  const ColumnNames columns{{"a", "b"}, FrameRate{60, 1}};
  EXPECT_EQ(parse_npy_take(bytes_of(bytes), "a.npy", columns).rate.num, 60);
  EXPECT_FALSE(parse_npy_take(bytes_of(bytes), "a.npy", columns).rate_is_guess);
  EXPECT_EQ(parse_npy_take(bytes_of(bytes), "a.npy", columns, FrameRate{24, 1}).rate.num, 24);
}

TEST(NpyTake, ColumnsAreNeverToldByPosition) {
  EXPECT_EQ(error_in(npy(kPlain, kFour), std::nullopt),
            "a.npy: does not name its columns, expected named fields (a structured dtype) or a file NAME.names.json "
            "beside it.");
  EXPECT_EQ(error_in(npy(kPlain, kFour), ColumnNames{{"a"}, {}}),
            "a.npy: has 2 columns, but 1 names are given for them.");
  EXPECT_EQ(error_in(npy(kNamed, ""), ColumnNames{{"a", "b"}, {}}),
            "a.npy: its fields are not those of the file of names beside it.");
}

TEST(NpyTake, RefusesOtherArrays) {
  const auto with = [](const std::string& descr, const std::string& order, const std::string& shape) {
    return npy("{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }", kFour);
  };
  EXPECT_EQ(error_in(with("'<i4'", "False", "(2, 2)")), "a.npy: the array is of type \"<i4\", expected <f4 or <f8.");
  EXPECT_EQ(error_in(with("'>f4'", "False", "(2, 2)")), "a.npy: the array is of type \">f4\", expected <f4 or <f8.");
  EXPECT_EQ(error_in(with("'|O'", "False", "(2, 2)")), "a.npy: the array is of type \"|O\", expected <f4 or <f8.");
  EXPECT_EQ(error_in(with("'<f4'", "True", "(2, 2)")), "a.npy: is in Fortran order, expected C order.");
  EXPECT_EQ(error_in(with("'<f4'", "False", "(4,)")), "a.npy: has 1 dimensions, expected 2 (frames and names).");
  EXPECT_EQ(error_in(with("'<f4'", "False", "()")), "a.npy: has 0 dimensions, expected 2 (frames and names).");
  EXPECT_EQ(error_in(with("[('a', '<i2')]", "False", "(2,)")), "a.npy: \"a\" is of type \"<i2\", expected <f4 or <f8.");
  EXPECT_EQ(error_in(with("[('a', '<f4')]", "False", "(2, 2)")),
            "a.npy: has 2 dimensions, expected 1 with named fields.");
  EXPECT_EQ(error_in(with("[('a', '<f4'), ('a', '<f4')]", "False", "(2,)"), std::nullopt),
            "a.npy: column 2 is the second one named \"a\".");
  EXPECT_EQ(error_in(with("[]", "False", "(2,)"), std::nullopt), "a.npy: has no column, expected one a shape.");
}

TEST(NpyTake, RefusesASizeThatIsNotThatOfTheData) {
  EXPECT_EQ(error_in(npy(kPlain, kFour + "x")), "a.npy: has 17 bytes of data, expected 2 rows of 8 bytes.");
  EXPECT_EQ(error_in(npy(kPlain, kFour.substr(1))), "a.npy: has 15 bytes of data, expected 2 rows of 8 bytes.");
  EXPECT_EQ(error_in(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 2), }", kFour)),
            "a.npy: has 16 bytes of data, expected 9223372036854775807 rows of 8 bytes.");
  EXPECT_EQ(error_in(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2), }", "")), "a.npy: holds no frame.");
}

TEST(NpyTake, RefusesValuesThatAreNotFinite) {
  EXPECT_EQ(error_in(npy(kPlain, raw<float>({1, 2, 3, std::numeric_limits<float>::quiet_NaN()}))),
            "a.npy: frame 1: \"b\" is nan, expected a finite float32.");
  EXPECT_EQ(error_in(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }", raw<double>({1e39, 0}))),
            "a.npy: frame 0: \"jawOpen\" is 1e+39, expected a finite float32.");
}

TEST(NpyTake, RefusesBrokenHeaders) {
  EXPECT_EQ(error_in("hello"), "a.npy: does not begin as an npy file does.");
  EXPECT_EQ(error_in(npy(kPlain, kFour, 4)), "a.npy: has npy version 4, expected 1, 2 or 3.");
  EXPECT_EQ(error_in(std::string("\x93NUMPY\x01\x00\x05", 9)), "a.npy: ends within its npy header.");
  EXPECT_EQ(error_in(std::string("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF{", 13)),
            "a.npy: names an npy header of 4294967295 bytes, expected at most 1.");
  EXPECT_EQ(error_in(npy("[1]", "")).substr(0, 30), "a.npy: its npy header has \"[1]");
  const std::string unexpected = "a.npy: its npy header has \"";
  for (const std::string dictionary :
       {"{'descr': '<f4'", "{'descr': '<f4}", "{'descr': '<f4', 'shape': (1, 1)}", "{'a': 1}", "{'shape': (-1, 2)}",
        "{'shape': (1 2)}", "{'shape': (99999999999999999999,)}", "{'fortran_order': 0}", "{'descr': [('a')]}",
        "{'descr': [('a\\n', '<f4')]}", "{'descr': '<f4', 'descr': '<f4'}", "{'shape': (2, 2)} 1"}) {
    EXPECT_TRUE(error_in(npy(dictionary, kFour)).starts_with(unexpected)) << dictionary;
  }
}

TEST(NpyTake, AFileCutAnywhereIsRefused) {
  const std::string whole = npy(kPlain, kFour);
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_NE(error_in(whole.substr(0, size)), "") << size;
}

std::string safetensors(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return bytes + header + data;
}

std::string values_tensor(const std::string& metadata, const std::string& name = "values",
                          const std::string& shape = "[2, 2]", const std::string& dtype = "F32") {
  return safetensors("{\"__metadata__\": {" + metadata + "}, \"" + name + "\": {\"dtype\": \"" + dtype +
                         "\", \"shape\": " + shape + ", \"data_offsets\": [0, 16]}}",
                     kFour);
}

const std::string kNamesJson = R"("names": "[\"jawOpen\", \"b\"]")";

TakeRows parse_st(const std::string& bytes, const std::optional<FrameRate>& rate = {}) {
  return parse_safetensors_take(bytes_of(bytes), "a.safetensors", rate);
}
std::string error_in_st(const std::string& bytes) {
  return error_of([&] { parse_st(bytes); });
}

TEST(SafetensorsTake, ReadsValuesNamesAndRate) {
  for (const std::string name : {"values", "coefficients"}) {
    const TakeRows rows = parse_st(values_tensor(kNamesJson + R"(, "fps": "29.97", "format": "pt")", name));
    EXPECT_EQ(rows.names, kColumns.names);
    EXPECT_EQ(rows.values, (std::vector<float>{1, 2, 3, 4}));
    EXPECT_EQ(rows.rate.num, 30000);
    EXPECT_FALSE(rows.rate_is_guess);
  }
  EXPECT_TRUE(parse_st(values_tensor(kNamesJson)).rate_is_guess);
  EXPECT_EQ(parse_st(values_tensor(kNamesJson + R"(, "fps": "60")"), FrameRate{24, 1}).rate.num, 24);
}

TEST(SafetensorsTake, ReadsDoubles) {
  const std::string header = "{\"__metadata__\": {" + kNamesJson +
                             R"(}, "values": {"dtype": "F64", "shape": [1, 2], "data_offsets": [0, 16]}})";
  EXPECT_EQ(parse_st(safetensors(header, raw<double>({0.5, -1}))).values, (std::vector<float>{0.5F, -1}));
}

TEST(SafetensorsTake, RefusesOtherContents) {
  const std::string where = "a.safetensors: ";
  EXPECT_EQ(error_in_st(values_tensor("")),
            where + "does not name its columns, expected a JSON list under \"names\" in its __metadata__.");
  EXPECT_EQ(error_in_st(values_tensor(R"("names": "[\"a\"]")")),
            where + "has 2 columns, but 1 names are given for them.");
  EXPECT_EQ(error_in_st(values_tensor(R"("names": "jawOpen,b")")),
            where + "names in __metadata__: byte 1 of the JSON is not what JSON allows there.");
  EXPECT_EQ(error_in_st(values_tensor(kNamesJson, "deltas")),
            where + "holds 1 tensors, expected one named \"values\" or \"coefficients\" in a take.");
  EXPECT_EQ(error_in_st(safetensors("{}", "")),
            where + "holds 0 tensors, expected one named \"values\" or \"coefficients\" in a take.");
  EXPECT_EQ(error_in_st(values_tensor(kNamesJson, "values", "[4]")),
            where + "tensor \"values\" has 1 dimensions, expected 2 (frames and names).");
  EXPECT_EQ(error_in_st(values_tensor(kNamesJson, "values", "[2, 2]", "I32")),
            where + "tensor \"values\" is I32, expected F32 or F64.");
  EXPECT_EQ(error_in_st(values_tensor(kNamesJson + R"(, "fps": "fast")")),
            where +
                "fps in __metadata__: \"fast\" is no frame rate, expected a number or a fraction such as 60, 29.97 "
                "or 30000/1001.");
}

TEST(SafetensorsTake, AFileCutAnywhereIsRefused) {
  const std::string whole = values_tensor(kNamesJson);
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_NE(error_in_st(whole.substr(0, size)), "") << size;
}

}  // namespace
}  // namespace bisque
