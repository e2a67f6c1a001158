#include <bisque/core/torch_file/zip_writer.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <vector>

#include <bisque/core/torch_file/crc32.h>
#include <bisque/core/torch_file/zip_reader.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>
#include <bisque/tests/testing/zip_bytes.h>

namespace bisque {
namespace {

using namespace test;

std::string entry_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A sink into memory that remembers what it was called with.
struct Memory {
  std::string bytes;
  std::vector<const std::byte*> calls;

  ByteSink sink() {
    return [this](std::span<const std::byte> part) {
      calls.push_back(part.data());
      bytes += entry_text(part);
    };
  }
};

std::string noise(size_t size) {
  std::string result(size, '\0');
  uint32_t state = 1;
  for (char& c : result) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return result;
}

TEST(Crc32, IsThatOfTheDefinition) {
  const std::string bytes = noise(1000);
  for (const size_t size : {0, 1, 7, 64, 999, 1000}) {
    const auto part = bytes_of(bytes).first(size);
    EXPECT_EQ(crc32(part), slow_crc32(entry_text(part))) << size;
    EXPECT_EQ(crc32(bytes_of(bytes).subspan(size), crc32(part)), slow_crc32(bytes)) << size;
  }
}

TEST(ZipWriter, WritesTheBytesThatPyTorchWould) {
  Memory memory;
  ZipWriter writer(memory.sink(), "f");
  writer.add("dir/a", "alpha");
  writer.add("dir/b", "beta");
  writer.finish();
  ZipArchive archive = good_zip();
  archive.records = {torch_record("dir/a", "alpha"), torch_record("dir/b", "beta")};
  archive.records[0].local.extra = extra_field(0x4246, std::string(25, 'Z'));  // 30 + 5 + 4 + 25 = 64
  archive.records[1].local.extra = extra_field(0x4246, std::string(4, 'Z'));   // 64 + 5 + 16 + 30 + 5 + 4 + 4 = 128
  std::string expected = archive.bytes();
  for (size_t at = expected.find("PK\1\2"); at != std::string::npos; at = expected.find("PK\1\2", at + 1)) {
    expected[at + 6] = 0;  // version needed
  }
  for (size_t at = expected.find("PK\3\4"); at != std::string::npos; at = expected.find("PK\3\4", at + 1)) {
    expected[at + 4] = 0;
  }
  EXPECT_EQ(memory.bytes, expected);
}

TEST(ZipWriter, WhatIsWrittenReadsBackAligned) {
  Memory memory;
  ZipWriter writer(memory.sink(), "f");
  std::vector<std::string> records;
  for (const size_t size : {0, 1, 63, 64, 65, 65535, 65536, 262143, 262144, 262145, 1000000})
    records.push_back(noise(size));
  for (size_t i = 0; i < records.size(); ++i) writer.add("é/" + std::to_string(i), records[i]);
  writer.finish();
  const ZipFile file = ZipFile::parse(bytes_of(memory.bytes), "f");
  ASSERT_EQ(file.entries().size(), records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    const ZipEntry& entry = file.at("é/" + std::to_string(i));
    EXPECT_TRUE(entry_text(entry.bytes) == records[i]) << i;
    EXPECT_EQ((reinterpret_cast<const char*>(entry.bytes.data()) - memory.bytes.data()) % 64, 0) << i;
  }
}

TEST(ZipWriter, EveryLengthOfNameIsPadded) {
  for (size_t length = 1; length <= 130; ++length) {
    Memory memory;
    ZipWriter writer(memory.sink(), "f");
    writer.add(std::string(length, 'n'), "x");
    writer.finish();
    const ZipFile file = ZipFile::parse(bytes_of(memory.bytes), "f");
    EXPECT_EQ((reinterpret_cast<const char*>(file.entries()[0].bytes.data()) - memory.bytes.data()) % 64, 0) << length;
  }
}

TEST(ZipWriter, PartsOfARecordFollowOneAnother) {
  Memory memory;
  ZipWriter writer(memory.sink(), "f");
  const std::string big = noise(100'000);
  const std::array parts{bytes_of("abc"), bytes_of(""), bytes_of(big), bytes_of("xyz")};
  writer.add("parts", parts);
  writer.add("none", std::span<const std::span<const std::byte>>());
  writer.finish();
  const ZipFile file = ZipFile::parse(bytes_of(memory.bytes), "f");
  EXPECT_TRUE(entry_text(file.at("parts").bytes) == "abc" + big + "xyz");
  EXPECT_TRUE(file.at("none").bytes.empty());
}

TEST(ZipWriter, BigRecordsAreNotCopiedAndSmallOnesAreGathered) {
  const std::string big = noise(3'000'000);  // its checksum is another thread's
  Memory memory;
  ZipWriter writer(memory.sink(), "f");
  for (int i = 0; i < 1000; ++i) writer.add("small" + std::to_string(i), "x");
  EXPECT_EQ(memory.calls.size(), 0U);
  writer.add("big", big);
  const auto* begin = reinterpret_cast<const std::byte*>(big.data());
  EXPECT_EQ(std::count_if(memory.calls.begin(), memory.calls.end(),
                          [&](const std::byte* call) { return call >= begin && call < begin + big.size(); }),
            1);
  writer.finish();
  EXPECT_LE(memory.calls.size(), 5U);
}

TEST(ZipWriter, AnEmptyArchiveIsOne) {
  Memory memory;
  ZipWriter writer(memory.sink(), "f");
  writer.finish();
  EXPECT_TRUE(ZipFile::parse(bytes_of(memory.bytes), "f").entries().empty());
}

TEST(ZipWriter, MoreThan65535Records) {
  Memory memory;
  ZipWriter writer(memory.sink(), "f");
  for (int i = 0; i < 65'536; ++i) writer.add(std::to_string(i), "");
  writer.finish();
  EXPECT_EQ(ZipFile::parse(bytes_of(memory.bytes), "f").entries().size(), 65'536U);
}

// A file of more than 4 GiB that takes none of it: the big record is a hole, since it is zeros.
TEST(ZipWriter, RecordsAndOffsetsBeyond4GiBReadBack) {
  const TempFolder folder;
  const std::vector<std::byte> zeros(size_t{1} << 24);
  const std::vector<std::span<const std::byte>> parts(257, zeros);
  const uint64_t size = 257 * zeros.size();
  std::ofstream out(folder / "big", std::ios::binary);
  ZipWriter writer(
      [&](std::span<const std::byte> bytes) {
        if (bytes.data() >= zeros.data() && bytes.data() < zeros.data() + zeros.size()) {
          out.seekp(static_cast<std::streamoff>(bytes.size()), std::ios::cur);
        } else {
          out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        }
      },
      "f");
  writer.add("before", "x");
  writer.add("big", parts);
  writer.add("behind", "beta");
  writer.add("empty", "");
  writer.finish();
  out.close();
  ASSERT_TRUE(out);
  ZipOptions options;
  options.check_crc = false;  // which would read the holes
  const ZipFile file = ZipFile::open(folder / "big", options);
  EXPECT_EQ(file.at("big").bytes.size(), size);
  EXPECT_EQ(file.at("big").bytes.data() - file.at("before").bytes.data(), 64 + 64);
  EXPECT_EQ(entry_text(file.at("behind").bytes), "beta");
  EXPECT_TRUE(file.at("empty").bytes.empty());
  EXPECT_GT(file.at("behind").bytes.data() - file.at("before").bytes.data(), int64_t{1} << 32);
  file.check_crc(file.at("behind"));
}

TEST(ZipWriter, WrongNamesAreRejectedAndLeaveTheArchiveUsable) {
  Memory memory;
  ZipWriter writer(memory.sink(), "f");
  const auto error = [&](const std::string& name) { return error_of([&] { writer.add(name, "x"); }); };
  const auto message = [](const std::string& name, const std::string& what) {
    return "f: record name \"" + name + "\" " + what + ", expected a relative path inside the archive.";
  };
  EXPECT_EQ(error(""), message("", "is empty"));
  EXPECT_EQ(error("/a"), message("/a", "is an absolute path"));
  EXPECT_EQ(error("a/"), message("a/", "is that of a folder"));
  EXPECT_EQ(error("a/../b"), message("a/../b", "has a component \"..\""));
  EXPECT_EQ(error("\xFF"), message("\\xFF", "is not UTF-8"));
  EXPECT_EQ(error(std::string(4097, 'n')),
            "f: record name \"" + std::string(60, 'n') + "...\" has 4097 bytes, expected at most 4096.");
  EXPECT_EQ(error("a"), "");
  EXPECT_EQ(error("a"), "f: record name \"a\" is taken.");
  EXPECT_EQ(error(std::string(4096, 'n')), "");
  writer.finish();
  EXPECT_EQ(ZipFile::parse(bytes_of(memory.bytes), "f").entries().size(), 2U);
  EXPECT_EQ(error("b"), "f: record \"b\" is added to an archive that is finished.");
  EXPECT_EQ(error_of([&] { writer.finish(); }), "f: the archive is finished twice.");
}

TEST(ZipWriter, WhatTheSinkThrowsComesOut) {
  ZipWriter writer([](std::span<const std::byte>) { fail("disk full."); }, "f");
  writer.add("small", "x");
  EXPECT_EQ(error_of([&] { writer.add("big", noise(70'000)); }), "disk full.");
}

}  // namespace
}  // namespace bisque
