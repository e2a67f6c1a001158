#include <bisque/core/serialization/safetensors.h>

#include <cstdlib>
#include <vector>

#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

std::string safetensors_error(const std::string& bytes) {
  return error_of([&] { SafetensorsFile::parse(bytes_of(bytes), "f"); });
}

std::string header_error(const std::string& header, const std::string& data = "") {
  return safetensors_error(safetensors_bytes(header, data));
}

TEST(Safetensors, ReadsTensorsAndMetadata) {
  const std::string bytes = safetensors_bytes(R"({"__metadata__":{"k":"v"},"b":)" + tensor("U8", "[3]", "[8,11]") +
                                                  R"(,"a":)" + tensor("F32", "[1,2]", "[0,8]") + "}",
                                              raw<float>({1.5F, -2}) + "xyz");
  const auto file = SafetensorsFile::parse(bytes_of(bytes), "f");
  ASSERT_EQ(file.tensors().size(), 2U);
  EXPECT_EQ(file.tensors()[0].name, "a");  // by place in the data
  EXPECT_EQ(file.tensors()[0].shape, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(file.tensors()[1].dtype, Dtype::U8);
  EXPECT_EQ(file.metadata(), (std::map<std::string, std::string>{{"k", "v"}}));
  const Array<float> a = file.array<float>("a", {{1, kAnySize}});
  EXPECT_EQ(std::vector<float>(a.begin(), a.end()), (std::vector<float>{1.5F, -2}));
  EXPECT_EQ(file.find("c"), nullptr);
}

TEST(Safetensors, AcceptsAnEmptyFileScalarsAndEmptyTensors) {
  EXPECT_TRUE(SafetensorsFile::parse(bytes_of(safetensors_bytes("{}", "")), "f").tensors().empty());
  const std::string bytes =
      safetensors_bytes(R"({"a":)" + tensor("F32", "[0,3]", "[0,0]") + R"(,"s":)" + tensor("F32", "[]", "[0,4]") +
                            R"(,"z":)" + tensor("I64", "[0]", "[4,4]") + "}   ",
                        raw<float>({7}));
  const auto file = SafetensorsFile::parse(bytes_of(bytes), "f");
  EXPECT_TRUE(file.array<float>("a").empty());
  EXPECT_EQ(file.array<float>("s", std::vector<int64_t>{})[0], 7);
}

TEST(Safetensors, KnowsTheSizeOfEveryDtype) {
  const std::map<std::string, size_t> bits{
      {"BOOL", 8},    {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6},     {"U8", 8},          {"I8", 8},
      {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16},
      {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},        {"U32", 32},        {"F32", 32},
      {"C64", 64},    {"F64", 64},    {"I64", 64},    {"U64", 64}};
  for (const auto& [name, size] : bits) {
    const auto dtype = dtype_from_name(name);
    ASSERT_TRUE(dtype) << name;
    EXPECT_EQ(dtype_bits(*dtype), size) << name;
    EXPECT_EQ(dtype_name(*dtype), name);
    const std::string end = std::to_string(size);  // 8 elements
    const std::string header = R"({"x":)" + tensor(name, "[8]", "[0," + end + "]") + "}";
    EXPECT_NO_THROW(SafetensorsFile::parse(bytes_of(safetensors_bytes(header, std::string(size, '\0'))), "f")) << name;
  }
  EXPECT_FALSE(dtype_from_name("f32"));
}

TEST(Safetensors, CopiesOnlyMisalignedData) {
  alignas(64) char memory[256];
  for (const size_t padding : {0, 1}) {
    std::string header = R"({"x":)" + tensor("F32", "[2]", "[0,8]") + "}";
    header.append((8 - header.size() % 8) % 8 + padding, ' ');
    const std::string bytes = safetensors_bytes(header, raw<float>({1, 2}));
    std::copy(bytes.begin(), bytes.end(), memory);
    const auto file = SafetensorsFile::parse(bytes_of({memory, bytes.size()}), "f");
    const Array<float> x = file.array<float>("x");
    EXPECT_EQ(x[0], 1);
    EXPECT_EQ(x[1], 2);
    EXPECT_EQ(static_cast<const void*>(x.data()) == file.tensors()[0].bytes.data(), padding == 0);
  }
}

TEST(Safetensors, AnArrayKeepsTheMappedFileAlive) {
  const TempFolder folder;
  const std::vector<float> values{1, 2, 3};
  const TensorView view = tensor_view("x", {3}, std::span<const float>(values));
  write_safetensors(folder / "f", {{view}});
  Array<float> x;
  {
    const auto file = SafetensorsFile::open(folder / "f");
    x = file.array<float>("x");
    EXPECT_EQ(static_cast<const void*>(x.data()), file.tensors()[0].bytes.data());
  }
  EXPECT_EQ(x[2], 3);
}

TEST(Safetensors, HeaderLengthIsCheckedBeforeItIsUsed) {
  EXPECT_EQ(safetensors_error("1234567"), "f: has 7 bytes, expected at least 8 for a safetensors file.");
  EXPECT_EQ(safetensors_error(std::string(8, '\xFF')),
            "f: declares a header of 18446744073709551615 bytes, expected at most 0 for a safetensors file.");
  EXPECT_EQ(safetensors_error(safetensors_bytes("{}", "").substr(0, 9)),
            "f: declares a header of 2 bytes, expected at most 1 for a safetensors file.");
}

TEST(Safetensors, HeaderIsStrictJson) {
  EXPECT_EQ(header_error(" {}"), "f: the header does not begin with {, as that of a safetensors file.");
  EXPECT_EQ(header_error(""), "f: the header does not begin with {, as that of a safetensors file.");
  EXPECT_EQ(header_error("{} x"), "f: byte 4 of the JSON is not what JSON allows there.");
  const std::string x = R"("x":)" + tensor("U8", "[1]", "[0,1]");
  EXPECT_EQ(header_error("{" + x + "," + x + "}", "a"), "f: JSON key \"x\" appears twice in one object.");
  EXPECT_EQ(header_error(R"({"x":[[[]]]})"), "f: JSON is nested deeper than 3 levels.");
}

TEST(Safetensors, MetadataMapsStringsToStrings) {
  EXPECT_EQ(header_error(R"({"__metadata__":1})"), "f: __metadata__ is not a JSON object.");
  EXPECT_EQ(header_error(R"({"__metadata__":{"k":1}})"), "f: __metadata__ key \"k\" has a value that is not a string.");
}

TEST(Safetensors, ATensorHasThreeKeysOfTheRightTypes) {
  EXPECT_EQ(header_error(R"({"x":1})"), "f: tensor \"x\" is not described by a JSON object.");
  EXPECT_EQ(header_error(R"({"x":{"dtype":"U8","shape":[0]}})"), "f: tensor \"x\" has no data_offsets.");
  EXPECT_EQ(header_error(R"({"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"y":1}})"),
            "f: tensor \"x\" has an unknown key \"y\", expected dtype, shape and data_offsets.");
  EXPECT_EQ(header_error(R"({"x":)" + tensor("F33", "[0]", "[0,0]") + "}"),
            "f: tensor \"x\" has an unknown dtype \"F33\".");
  EXPECT_EQ(header_error(R"({"x":)" + tensor("U8", "0", "[0,0]") + "}"),
            "f: tensor \"x\" has a shape that is not a list.");
  EXPECT_EQ(header_error(R"({"x":)" + tensor("U8", "[0]", "[0]") + "}"),
            "f: tensor \"x\" has 1 data_offsets, expected 2.");
  for (const char* number : {"-1", "1.0", "1e0", "\"1\"", "true", "18446744073709551616"}) {
    const std::string message =
        header_error(R"({"x":)" + tensor("U8", std::string("[") + number + "]", "[0,1]") + "}", "a");
    EXPECT_NE(message.find("in its shape, expected a non-negative integer."), std::string::npos) << message;
  }
}

TEST(Safetensors, SizesDoNotOverflow) {
  for (const char* shape : {"[4294967296,4294967296]", "[9223372036854775807,2]", "[2305843009213693952]"}) {
    EXPECT_EQ(header_error(R"({"x":)" + tensor("F64", shape, "[0,0]") + "}"),
              "f: tensor \"x\" has a shape whose size is not a number of bytes below 2^61.")
        << shape;
  }
  EXPECT_EQ(header_error(R"({"x":)" + tensor("U8", "[9223372036854775808]", "[0,0]") + "}"),
            "f: tensor \"x\" has a size above 2^63.");
  EXPECT_EQ(header_error(R"({"x":)" + tensor("F4", "[3]", "[0,2]") + "}", "ab"),
            "f: tensor \"x\" has a shape whose size is not a number of bytes below 2^61.");
}

TEST(Safetensors, TensorsCoverTheDataExactly) {
  const auto two = [](const std::string& a, const std::string& b) {
    return header_error(R"({"a":)" + tensor("U8", "[2]", a) + R"(,"b":)" + tensor("U8", "[2]", b) + "}", "12345");
  };
  EXPECT_EQ(two("[0,2]", "[3,5]"), "f: tensor \"b\" begins at byte 3 of the data, expected 2 (a hole).");
  EXPECT_EQ(two("[0,2]", "[1,3]"), "f: tensor \"b\" begins at byte 1 of the data, expected 2 (an overlap).");
  EXPECT_EQ(two("[0,2]", "[0,2]"), "f: tensor \"b\" begins at byte 0 of the data, expected 2 (an overlap).");
  EXPECT_EQ(two("[0,2]", "[2,4]"), "f: the tensors end at byte 4 of the data, which has 5 bytes.");
  EXPECT_EQ(two("[0,2]", "[4,6]"), "f: tensor \"b\" is at bytes 4 to 6 of the data, which has 5 bytes.");
  EXPECT_EQ(two("[0,2]", "[5,3]"), "f: tensor \"b\" is at bytes 5 to 3 of the data, which has 5 bytes.");
  EXPECT_EQ(two("[0,2]", "[2,5]"), "f: tensor \"b\" of U8 and shape [2] takes 2 bytes, but its data_offsets hold 3.");
  EXPECT_EQ(header_error("{}", "1"), "f: the tensors end at byte 0 of the data, which has 1 bytes.");
}

TEST(Safetensors, AskingForTheWrongArrayIsAnError) {
  const std::string bytes = safetensors_bytes(R"({"x":)" + tensor("F32", "[2]", "[0,8]") + "}", raw<float>({1, 2}));
  const auto file = SafetensorsFile::parse(bytes_of(bytes), "f");
  EXPECT_EQ(error_of([&] { file.array<float>("y"); }), "f: has no tensor \"y\".");
  EXPECT_EQ(error_of([&] { file.array<int32_t>("x"); }), "f: tensor \"x\" is F32, expected I32.");
  EXPECT_EQ(error_of([&] {
              file.array<float>("x", {{kAnySize, 3}});
            }),
            "f: tensor \"x\" has shape [2], expected [any, 3].");
}

TEST(Safetensors, WhatIsWrittenReadsBackAlignedAndInOrderOfSize) {
  const TempFolder folder;
  const std::vector<uint8_t> bytes{1, 2, 3};
  const std::vector<double> doubles{0.5};
  const std::vector<int16_t> empty;
  const std::vector<TensorView> tensors{tensor_view("bytes", {3}, std::span(std::as_const(bytes))),
                                        tensor_view("doubles", {1, 1}, std::span(std::as_const(doubles))),
                                        tensor_view("empty", {0, 7}, std::span(std::as_const(empty)))};
  write_safetensors(folder / "f", tensors, {{"né", "v\"\n"}});
  const auto file = SafetensorsFile::open(folder / "f");
  ASSERT_EQ(file.tensors().size(), 3U);
  EXPECT_EQ(file.tensors()[0].name, "doubles");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(file.tensors()[0].bytes.data()) % 64, 0U);
  EXPECT_EQ(file.array<double>("doubles", {{1, 1}})[0], 0.5);
  EXPECT_EQ(file.array<uint8_t>("bytes")[2], 3);
  EXPECT_EQ(file.array<int16_t>("empty", {{0, 7}}).size(), 0U);
  EXPECT_EQ(file.metadata().at("né"), "v\"\n");
}

TEST(Safetensors, WritingRejectsWhatWouldNotReadBack) {
  const TempFolder folder;
  const std::vector<float> values{1, 2};
  const auto view = [&](const std::string& name, std::vector<int64_t> shape) {
    return tensor_view(name, std::move(shape), std::span(values));
  };
  const auto error = [&](const std::vector<TensorView>& tensors,
                         const std::map<std::string, std::string>& metadata = {}) {
    return error_of([&] { write_safetensors(folder / "f", tensors, metadata); }).substr((folder / "f").size());
  };
  EXPECT_EQ(error({view("x", {2}), view("x", {2})}), ": tensor name \"x\" is taken.");
  EXPECT_EQ(error({view("__metadata__", {2})}), ": tensor name \"__metadata__\" is taken.");
  EXPECT_EQ(error({view("x", {3})}), ": tensor \"x\" of F32 and shape [3] comes with 8 bytes.");
  EXPECT_EQ(error({view("x", {-2})}), ": tensor \"x\" of F32 and shape [-2] comes with 8 bytes.");
  EXPECT_EQ(error({view("\xFF", {2})}), ": a name or the metadata holds text that is not UTF-8.");
  EXPECT_EQ(error({}, {{"k", "\xFF"}}), ": a name or the metadata holds text that is not UTF-8.");
  EXPECT_EQ(folder.num_files(), 0U);
}

TEST(Safetensors, EveryTruncationIsAnError) {
  const std::string bytes = safetensors_bytes(R"({"x":)" + tensor("F32", "[2]", "[0,8]") + "}", raw<float>({1, 2}));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(SafetensorsFile::parse(bytes_of(std::string_view(bytes).substr(0, size)), "f"), Error) << size;
  }
}

}  // namespace
}  // namespace bisque
