#include <bisque/renderer/takes/array_take.h>

#include <limits>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

const std::string kPlain = npy_header("'<f4'", "(2, 2)");
const std::string kNamed = npy_header("[('jawOpen', '<f4'), ('b', '<f8')]", "(2,)");
const std::string kFour = raw<float>({1, 2, 3, 4});
const ColumnNames kColumns{{"jawOpen", "b"}, {}};

TakeRows parse_array(const std::string& bytes, const std::optional<ColumnNames>& columns = kColumns,
                     const std::optional<FrameRate>& rate = {}) {
  return order_rows(parse_npy_take(bytes_of(bytes), "a.npy", columns), rate, "a.npy");
}
std::string array_error(const std::string& bytes, const std::optional<ColumnNames>& columns = kColumns) {
  return error_of([&] { parse_array(bytes, columns); });
}

TEST(NpyTake, ReadsNamedFields) {
  const std::string data = raw<float>({1}) + raw<double>({0.1}) + raw<float>({3}) + raw<double>({-4});
  const std::string bytes = npy_bytes(kNamed, data);
  const TakeRows rows = parse_array(bytes, std::nullopt);
  EXPECT_EQ(rows.names, kColumns.names);
  EXPECT_EQ(rows.values, (std::vector<float>{1, 0.1F, 3, -4}));
  EXPECT_EQ(rows.frames, (std::vector<double>{0, 1}));
  EXPECT_EQ(rows.rate.num, 30);
  EXPECT_TRUE(rows.rate_is_guess);
}

TEST(NpyTake, ReadsPlainArraysWithNamesFromElsewhere) {
  for (const int version : {1, 2, 3}) {
    const std::string bytes = npy_bytes(kPlain, kFour, version);
    const TakeRows rows = parse_array(bytes, kColumns);
    EXPECT_EQ(rows.names, kColumns.names);
    EXPECT_EQ(rows.values, (std::vector<float>{1, 2, 3, 4}));
  }
  const std::string doubles =
      npy_bytes("{\"shape\":(1,2),\"fortran_order\":False,\"descr\":\"<f8\"}", raw<double>({0.5, 0.25}));
  EXPECT_EQ(parse_array(doubles, kColumns).values, (std::vector<float>{0.5F, 0.25F}));
}

TEST(NpyTake, TheRateComesFromTheCallThenFromTheNames) {
  const std::string bytes = npy_bytes(kPlain, kFour);
  const ColumnNames columns{{"a", "b"}, FrameRate{60, 1}};
  EXPECT_EQ(parse_array(bytes, columns).rate.num, 60);
  EXPECT_FALSE(parse_array(bytes, columns).rate_is_guess);
  EXPECT_EQ(parse_array(bytes, columns, FrameRate{24, 1}).rate.num, 24);
}

TEST(NpyTake, ColumnsAreNeverToldByPosition) {
  EXPECT_EQ(array_error(npy_bytes(kPlain, kFour), std::nullopt),
            "a.npy: does not name its columns, expected named fields (a structured dtype) or a file NAME.names.json "
            "beside it.");
  EXPECT_EQ(array_error(npy_bytes(kPlain, kFour), ColumnNames{{"a"}, {}}),
            "a.npy: has 2 columns, but 1 names are given for them.");
  EXPECT_EQ(array_error(npy_bytes(kNamed, std::string(24, '\0')), ColumnNames{{"a", "b"}, {}}),
            "a.npy: its fields are not those of the file of names beside it.");
}

TEST(NpyTake, SkipsThePaddingOfAlignedFields) {
  const std::string header = npy_header("[('jawOpen', '<f4'), ('', '|V4'), ('b', '<f8')]", "(2,)");
  const std::string data = raw<float>({1, 9}) + raw<double>({2}) +
                           raw<float>({3, std::numeric_limits<float>::infinity()}) + raw<double>({4});
  const std::string bytes = npy_bytes(header, data);
  EXPECT_EQ(parse_array(bytes, kColumns).values, (std::vector<float>{1, 2, 3, 4}));
}

TEST(NpyTake, RejectsOtherArrays) {
  const auto error = [](const std::string& descr, const std::string& shape, const std::string& data) {
    return array_error(npy_bytes(npy_header(descr, shape), data), std::nullopt);
  };
  const auto other_type = [](const std::string& what) {
    return "a.npy: " + what + ", expected f4 or f8 (float32 or float64) in a take.";
  };
  EXPECT_EQ(error("'<i4'", "(2, 2)", kFour), other_type("the array is of type i4"));
  EXPECT_EQ(error("'|b1'", "(2, 8)", kFour), other_type("the array is of type b1"));
  EXPECT_EQ(error("[('a', '<f4'), ('b', '<u2')]", "(2,)", std::string(12, '\0')), other_type("\"b\" is of type u2"));
  EXPECT_EQ(error("'<f4'", "(4,)", kFour), "a.npy: has 1 dimensions, expected 2 (frames and names).");
  EXPECT_EQ(error("'<f4'", "()", raw<float>({1})), "a.npy: has 0 dimensions, expected 2 (frames and names).");
  EXPECT_EQ(error("[('a', '<f4')]", "(2, 2)", kFour), "a.npy: has 2 dimensions, expected 1 with named fields.");
  EXPECT_EQ(error("[('a', '<f4')]", "()", raw<float>({1})), "a.npy: has 0 dimensions, expected 1 with named fields.");
  EXPECT_EQ(error("[('a\x01', '<f4')]", "(4,)", kFour),
            "a.npy: column 1 is named \"a\\x01\", expected UTF-8 without control characters.");
  EXPECT_EQ(array_error(npy_bytes(npy_header("'<f4'", "(4, 0)"), ""), ColumnNames{}),
            "a.npy: has no column, expected one per shape.");
}

TEST(NpyTake, RejectsNoFrame) {
  EXPECT_EQ(array_error(npy_bytes(npy_header("'<f4'", "(0, 2)"), "")), "a.npy: holds no frame.");
  EXPECT_EQ(array_error(npy_bytes(npy_header("[('jawOpen', '<f4'), ('b', '<f8')]", "(0,)"), "")),
            "a.npy: holds no frame.");
}

TEST(NpyTake, ValuesThatAreNotFiniteAreFilled) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::string header = npy_header("'<f4'", "(3, 2)");
  const TakeRows rows = parse_array(npy_bytes(header, raw<float>({1, 2, kNan, kNan, 3, 6})));
  EXPECT_EQ(rows.values, (std::vector<float>{1, 2, 2, 4, 3, 6}));
  EXPECT_EQ(rows.notes,
            std::vector<std::string>{
                "1 row without values (tracking lost) is filled from the rows around, the first at frame 1."});
  EXPECT_EQ(parse_array(npy_bytes(npy_header("'<f8'", "(2, 2)"), raw<double>({1e39, 0, 4, 5}))).values,
            (std::vector<float>{4, 0, 4, 5}));
  EXPECT_EQ(array_error(npy_bytes(kPlain, raw<float>({kNan, kNan, kNan, kNan}))), "a.npy: holds no row with values.");
}

// The tests of parse_npy cover its errors; here the messages contain the take.
TEST(NpyTake, RejectsWhatIsNoNpyFile) {
  EXPECT_EQ(array_error("hello"), "a.npy: does not begin with \\x93NUMPY, as .npy files do.");
  EXPECT_EQ(array_error(npy_bytes(kPlain, kFour + "x")),
            "a.npy: has 17 bytes of data, which is not what its shape and element type take.");
  EXPECT_EQ(array_error(npy_bytes(npy_header("'<f4'", "(2, 2)", "True"), kFour)),
            "a.npy: the array is in Fortran order, expected C order.");
}

TEST(NpyTake, AFileCutAnywhereIsRejected) {
  const std::string whole = npy_bytes(kPlain, kFour);
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_NE(array_error(whole.substr(0, size)), "") << size;
}

std::string values_tensor(const std::string& metadata, const std::string& name = "values",
                          const std::string& shape = "[2, 2]", const std::string& dtype = "F32") {
  return safetensors_bytes("{\"__metadata__\": {" + metadata + "}, \"" + name + "\": {\"dtype\": \"" + dtype +
                               "\", \"shape\": " + shape + ", \"data_offsets\": [0, 16]}}",
                           kFour);
}

const std::string kNamesJson = R"("names": "[\"jawOpen\", \"b\"]")";

TakeRows parse_st(const std::string& bytes, const std::optional<FrameRate>& rate = {}) {
  return order_rows(parse_safetensors_take(bytes_of(bytes), "a.safetensors"), rate, "a.safetensors");
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
  EXPECT_EQ(parse_st(safetensors_bytes(header, raw<double>({0.5, -1}))).values, (std::vector<float>{0.5F, -1}));
}

TEST(SafetensorsTake, RejectsOtherContents) {
  const std::string where = "a.safetensors: ";
  EXPECT_EQ(error_in_st(values_tensor("")),
            where + "does not name its columns, expected a JSON list under \"names\" in its __metadata__.");
  EXPECT_EQ(error_in_st(values_tensor(R"("names": "[\"a\"]")")),
            where + "has 2 columns, but 1 names are given for them.");
  EXPECT_EQ(error_in_st(values_tensor(R"("names": "jawOpen,b")")),
            where + "names in __metadata__: byte 1 of the JSON is not what JSON allows there.");
  EXPECT_EQ(error_in_st(values_tensor(kNamesJson, "deltas")),
            where + "holds 1 tensors, expected one named \"values\" or \"coefficients\" in a take.");
  EXPECT_EQ(error_in_st(safetensors_bytes("{}", "")),
            where + "holds 0 tensors, expected one named \"values\" or \"coefficients\" in a take.");
  EXPECT_EQ(error_in_st(values_tensor(kNamesJson, "values", "[4]")),
            where + "tensor \"values\" has 1 dimensions, expected 2 (frames and names).");
  EXPECT_EQ(error_in_st(values_tensor(kNamesJson, "values", "[2, 2]", "I32")),
            where + "tensor \"values\" is I32, expected F32 or F64.");
  EXPECT_EQ(error_in_st(values_tensor(kNamesJson + R"(, "fps": "fast")")),
            where +
                "fps in __metadata__: \"fast\" is not a frame rate, expected a number or a fraction such as 60, 29.97 "
                "or 30000/1001.");
}

TEST(SafetensorsTake, AFileCutAnywhereIsRejected) {
  const std::string whole = values_tensor(kNamesJson);
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_NE(error_in_st(whole.substr(0, size)), "") << size;
}

}  // namespace
}  // namespace bisque
