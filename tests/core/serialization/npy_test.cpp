#include <bisque/core/serialization/npy.h>

#include <vector>

#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

NpyArray parse(const std::string& bytes) { return parse_npy(bytes_of(bytes), "f"); }

std::string npy_error(const std::string& bytes) {
  return error_of([&] { parse(bytes); });
}

template <class T>
void expect_reads(const std::string& type, const std::vector<T>& values) {
  const std::string bytes =
      npy_bytes(npy_header("'" + type + "'", "(" + std::to_string(values.size()) + ",)"), raw(values));
  const NpyArray array = parse(bytes);
  ASSERT_EQ(array.columns.size(), 1U);
  EXPECT_FALSE(array.is_structured());
  EXPECT_EQ(array.values(array.columns[0]), std::vector<double>(values.begin(), values.end())) << type;
}

TEST(Npy, ReadsEveryKindOfNumber) {
  expect_reads<float>("<f4", {1.5F, -2});
  expect_reads<double>("<f8", {0.1, 1e300});
  expect_reads<int8_t>("|i1", {-128, 127});
  expect_reads<uint8_t>("|u1", {0, 255});
  expect_reads<uint8_t>("|b1", {0, 1});
  expect_reads<int16_t>("<i2", {-32768, 1});
  expect_reads<uint16_t>("<u2", {65535, 1});
  expect_reads<int32_t>("<i4", {INT32_MIN, 1});
  expect_reads<uint32_t>("<u4", {UINT32_MAX, 1});
  expect_reads<int64_t>("<i8", {-(int64_t{1} << 53), 1});
  expect_reads<uint64_t>("<u8", {uint64_t{1} << 63, 1});
}

TEST(Npy, ReadsNamedFields) {
  const std::string item = raw<float>({1}) + raw<double>({2});
  const std::string bytes = npy_bytes(npy_header("[('jawOpen', '<f4'), (\"it's\", '<f8')]", "(2,)"),
                                      item + raw<float>({3}) + raw<double>({4}));
  const NpyArray array = parse(bytes);
  ASSERT_EQ(array.columns.size(), 2U);
  EXPECT_EQ(array.columns[0].name, "jawOpen");
  EXPECT_EQ(array.columns[1].name, "it's");
  EXPECT_TRUE(array.is_structured());
  EXPECT_EQ(array.num_items(), 2);
  EXPECT_EQ(array.values(array.columns[0]), (std::vector<double>{1, 3}));
  EXPECT_EQ(array.values(array.columns[1]), (std::vector<double>{2, 4}));
}

TEST(Npy, SkipsThePaddingOfAlignedFields) {
  const std::string bytes =
      npy_bytes(npy_header("[('a', '<f4'), ('', '|V4'), ('b', '<f8')]", "(1,)"), raw<float>({1, 9}) + raw<double>({2}));
  const NpyArray array = parse(bytes);
  ASSERT_EQ(array.columns.size(), 2U);
  EXPECT_EQ(array.values(array.columns[1]), (std::vector<double>{2}));
}

TEST(Npy, ReadsAllVersionsAndShapes) {
  for (const int version : {1, 2, 3}) {
    EXPECT_EQ(parse(npy_bytes(npy_header("'<f4'", "(2, 1)"), raw<float>({1, 2}), version)).shape,
              (std::vector<int64_t>{2, 1}));
  }
  EXPECT_EQ(parse(npy_bytes(npy_header("'<f4'", "()"), raw<float>({1}))).num_items(), 1);
  EXPECT_EQ(parse(npy_bytes(npy_header("'<f4'", "(0, 3)"), "")).num_items(), 0);
  EXPECT_EQ(parse(npy_bytes(npy_header("'<f4'", "(9223372036854775807, 9223372036854775807, 0)"), "")).num_items(), 0);
}

TEST(Npy, KeysMayComeInAnyOrder) {
  const std::string bytes = npy_bytes("{'shape':(1,),'fortran_order':False,'descr':'<f4'}  \n", raw<float>({5}));
  const NpyArray array = parse(bytes);
  EXPECT_EQ(array.values(array.columns[0]), (std::vector<double>{5}));
}

TEST(Npy, AMappedArrayOutlivesTheReader) {
  const TempFolder folder;
  const NpyArray array = read_npy(folder.write("f.npy", npy_bytes(npy_header("'<f4'", "(1,)"), raw<float>({5}))));
  EXPECT_EQ(array.values(array.columns[0])[0], 5);
}

TEST(Npy, ErrorsOfTheFrame) {
  EXPECT_EQ(npy_error("PK\x03\x04"), "f: does not begin with \\x93NUMPY, as .npy files do.");
  EXPECT_EQ(npy_error("\x93NUMPY"), "f: ends within the npy header.");
  EXPECT_EQ(npy_error(std::string("\x93NUMPY\x01\x00\x05", 9)), "f: ends within the npy header.");
  EXPECT_EQ(npy_error(npy_bytes("{}", "", 4)), "f: has npy version 4, expected 1, 2 or 3.");
  EXPECT_EQ(npy_error("\x93NUMPY\x01" + std::string(1, '\0') + "\xFF\xFF"),
            "f: declares an npy header of 65535 bytes, expected at most 0.");
  EXPECT_EQ(npy_error("\x93NUMPY\x02" + std::string(1, '\0') + "\xFF\xFF\xFF\xFF"),
            "f: declares an npy header of 4294967295 bytes, expected at most 0.");
}

TEST(Npy, DataMustFillTheShapeExactly) {
  for (const char* shape :
       {"(1,)", "(3,)", "(4611686018427387904,)", "(9223372036854775807, 2)", "(4294967296, 4294967296)", "(0,)"}) {
    EXPECT_EQ(npy_error(npy_bytes(npy_header("'<f4'", shape), raw<float>({1, 2}))),
              "f: has 8 bytes of data, which is not what its shape and element type take.")
        << shape;
  }
}

TEST(Npy, RejectsOtherLayouts) {
  EXPECT_EQ(npy_error(npy_bytes(npy_header("'<f4'", "(1,)", "True"), raw<float>({1}))),
            "f: the array is in Fortran order, expected C order.");
  for (const char* type : {">f4", "<f2", "<c8", "<U4", "|O8", "|S4", "<V4", "<f3", "|f4"}) {
    const std::string message =
        npy_error(npy_bytes(npy_header(std::string("'") + type + "'", "(1,)"), raw<float>({1})));
    EXPECT_EQ(message, std::string("f: element type '") + type +
                           "' is not read, expected little-endian numbers (<f4, <f8, <i4, ...).")
        << type;
  }
}

TEST(Npy, RejectsWhatIsNoSuchDict) {
  const auto has = [](const std::string& header, const std::string& part) {
    const std::string message = npy_error(npy_bytes(header, ""));
    EXPECT_NE(message.find(part), std::string::npos) << header << " -> " << message;
  };
  has("", "expected {");
  has("[1]", "expected {");
  has("{'descr' '<f4'}", "expected :");
  has("{'descr': '<f4'", "expected , or }");
  has("{'descr': '<f4'} x", "expected the end of the header");
  has("{'descr': '<f4', 'descr': '<f4'}", "the key 'descr' twice");
  has("{'x': 1}", "an unknown key 'x'");
  has("{'x\n': 1}", "an unknown key 'x\\x0A'");
  has("{'descr': '<f4', 'fortran_order': False}", "no key 'shape'");
  has("{'descr': '<f4", "a string does not end");
  has("{'descr': '\\x3cf4'}", "after a backslash");
  has("{'descr': f4}", "expected an element type such as '<f4'");
  has("{'descr': '<f'}", "expected an element type such as '<f4'");
  has("{'descr': '|O'}", "expected an element type such as '<f4'");
  has("{'descr': '<f4x'}", "expected the size of an element type in bytes");
  has("{'descr': '<f99999999999999999999'}", "expected the size of an element type in bytes");
  has("{'descr': []}", "no field that is a number");
  has("{'descr': [('a', '<f4'), ('a', '<f4')]}", "two fields 'a'");
  has("{'descr': [('', '<f4')]}", "a field without a name");
  has("{'descr': [('a', '<f4', (3,))]}", "fields that are arrays themselves are not read");
  has("{'descr': [('a', [('b', '<f4')])]}", "expected an element type such as '<f4'");
  has("{'fortran_order': 0}", "expected True or False");
  has("{'descr': [('a')]}", "expected ,");
  has("{'descr': [('a\\n', '<f4')]}", "after a backslash");
  has("{'shape': (1)}", "expected , in the shape");
  has("{'shape': (1 2)}", "expected , in the shape");
  has("{'shape': (-1,)}", "expected a non-negative integer");
  has("{'shape': (9223372036854775808,)}", "an integer above 2^63");
  has("{'shape': (" + std::string(200, '1') + ",)}", "an integer above 2^63");
  std::string many = "(";
  for (int i = 0; i < 33; ++i) many += "1, ";
  has("{'shape': " + many + ")}", "more than 32 dimensions");
}

TEST(Npy, EveryTruncationIsAnError) {
  const std::string bytes = npy_bytes(npy_header("[('a', '<f4'), ('b', '<f8')]", "(1,)"), std::string(12, '\1'));
  for (size_t size = 0; size < bytes.size(); ++size) EXPECT_THROW(parse(bytes.substr(0, size)), Error) << size;
}

}  // namespace
}  // namespace bisque
