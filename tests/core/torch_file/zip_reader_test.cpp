#include <bisque/core/torch_file/zip_reader.h>

#include <chrono>
#include <string>
#include <vector>

#include <bisque/core/torch_file/zip_writer.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>
#include <bisque/tests/testing/zip_bytes.h>

namespace bisque {
namespace {

using namespace test;

std::string text(const ZipEntry& entry) {
  return {reinterpret_cast<const char*>(entry.bytes.data()), entry.bytes.size()};
}

std::string error_in(const std::string& bytes, const ZipOptions& options = {}) {
  return error_of([&] { ZipFile::parse(bytes_of(bytes), "f", nullptr, options); });
}

// Whether an archive of `records` is read, and returns the data that were written.
void expect_reads(const std::vector<ZipRecord>& records, const ZipOptions& options = {}) {
  ZipArchive archive = good_zip();
  archive.records = records;
  const std::string bytes = archive.bytes();
  const ZipFile file = ZipFile::parse(bytes_of(bytes), "f", nullptr, options);
  ASSERT_EQ(file.entries().size(), records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(file.entries()[i].name, records[i].central.name);
    EXPECT_EQ(text(file.entries()[i]), records[i].data);
  }
}

TEST(ZipReader, TheTestsKnowTheChecksum) { EXPECT_EQ(slow_crc32("123456789"), 0xCBF43926U); }

TEST(ZipReader, ReadsRecordsInOrderAndByName) {
  const std::string bytes = good_zip().bytes();
  const ZipFile file = ZipFile::parse(bytes_of(bytes), "f");
  ASSERT_EQ(file.entries().size(), 2U);
  EXPECT_EQ(file.entries()[0].name, "dir/a");
  EXPECT_EQ(text(file.at("dir/a")), "alpha");
  EXPECT_EQ(text(file.at("dir/b")), "beta");
  EXPECT_EQ(file.at("dir/b").crc, slow_crc32("beta"));
  EXPECT_EQ(static_cast<const void*>(file.at("dir/a").bytes.data()), bytes.data() + 35);  // a view
  EXPECT_EQ(file.find("dir/c"), nullptr);
  EXPECT_EQ(file.find(""), nullptr);
  EXPECT_EQ(error_of([&] { file.at("dir\n"); }), "f: has no record \"dir\\x0A\".");
  EXPECT_EQ(file.where(), "f");
}

TEST(ZipReader, ReadsAnEmptyArchiveAndEmptyRecords) {
  ZipArchive archive;
  EXPECT_EQ(archive.bytes().size(), 22U);
  const std::string bytes = archive.bytes();
  EXPECT_TRUE(ZipFile::parse(bytes_of(bytes), "f").entries().empty());
  EXPECT_EQ(ZipFile::parse(bytes_of(bytes), "f").find("x"), nullptr);
  expect_reads({zip_record("a", ""), torch_record("b", ""), zip_record("c", "")});
}

TEST(ZipReader, ReadsAnArchiveWithoutZip64) {
  ZipArchive archive = good_zip();
  archive.zip64_end.reset();
  archive.locator.reset();
  const std::string bytes = archive.bytes();
  EXPECT_EQ(text(ZipFile::parse(bytes_of(bytes), "f").at("dir/b")), "beta");
}

TEST(ZipReader, ReadsWhatOnlyTheZip64EndRecordSays) {
  ZipArchive archive = good_zip();
  archive.end.entries = archive.end.disk_entries = 0xFFFF;
  archive.end.directory_bytes = archive.end.directory_offset = kOnes;
  const std::string bytes = archive.bytes();
  EXPECT_EQ(text(ZipFile::parse(bytes_of(bytes), "f").at("dir/b")), "beta");
}

TEST(ZipReader, ReadsNamesInUtf8) {
  ZipRecord record = zip_record("größe/..a/b..", "x");
  record.local.flags = record.central.flags = 0x800;
  expect_reads({record});
}

TEST(ZipReader, ReadsZip64FieldsOfEveryWriter) {
  ZipRecord python = zip_record("a", "alpha");  // force_zip64: only the header before the data
  python.local.size = python.local.stored_size = kOnes;
  python.local.extra = zip64_field({5, 5});
  ZipRecord both = python;  // Python, from 2 GiB on
  both.central.size = both.central.stored_size = kOnes;
  both.central.extra = extra_field(7, "?") + zip64_field({5, 5});
  ZipRecord stream = both;  // Python, into a pipe
  stream.local.flags = stream.central.flags = 8;
  stream.local.crc = 0;
  stream.local.extra = zip64_field({0, 0});
  stream.descriptor = zip_descriptor("alpha", 8);
  ZipRecord old = zip_record("a", "alpha");  // Python 3.11: with sizes that fit
  old.local.extra = zip64_field({5, 5});
  for (const ZipRecord& record : {python, both, stream, old}) expect_reads({record});

  ZipRecord far = torch_record("a", "alpha");  // PyTorch, beyond 4 GiB: an offset before the data
  far.offset = kOnes;
  far.central.extra = far.local.extra = zip64_field({0});
  far.descriptor = zip_descriptor("alpha", 8);
  expect_reads({far});
  far.central.size = far.central.stored_size = kOnes;  // and of a size above 4 GiB, whose stored size it leaves 0
  far.central.extra = zip64_field({5, 5, 0});
  far.local.extra = zip64_field({5, 0, 0});
  expect_reads({far});
  ZipRecord empty = zip_record("a", "");
  empty.offset = kOnes;
  empty.central.extra = empty.local.extra = zip64_field({0});
  expect_reads({empty});
}

TEST(ZipReader, ChecksumsAreCheckedAtOpenOrOnDemand) {
  ZipArchive archive = good_zip();
  archive.records[0].data = "alphA";
  const std::string bytes = archive.bytes();
  EXPECT_EQ(error_in(bytes), "f: record \"dir/a\" has bytes of CRC32 0xeb8e19a2, expected 0xd0e0396a.");
  ZipOptions options;
  options.check_crc = false;
  const ZipFile file = ZipFile::parse(bytes_of(bytes), "f", nullptr, options);
  EXPECT_EQ(error_of([&] { file.check_crc(file.at("dir/a")); }), error_in(bytes));
  EXPECT_NO_THROW(file.check_crc(file.at("dir/b")));
}

TEST(ZipReader, AChecksumOfZeroGetsAHint) {
  ZipRecord record = torch_record("a", "alpha");  // as torch.serialization.set_crc32_options(False) writes it
  record.central.crc = 0;
  record.descriptor.replace(4, 4, std::string(4, '\0'));
  ZipArchive archive;
  archive.records = {record};
  expect_contains(error_in(archive.bytes()), "perhaps its writer computed none; then open it without check_crc");
}

TEST(ZipReader, LimitsAreOptions) {
  ZipOptions options;
  options.limits.max_entries = 1;
  EXPECT_EQ(error_in(good_zip().bytes(), options),
            "f: declares 2 entries in a directory of 102 bytes, expected at most 1.");
  options.limits = {2, 5};
  EXPECT_EQ(error_in(good_zip().bytes(), options), "");
  options.limits.max_name_bytes = 4;
  EXPECT_EQ(error_in(good_zip().bytes(), options), "f: record \"dir/a\" has a name of 5 bytes, expected at most 4.");
}

TEST(ZipReader, OpensFilesAndKeepsThemMapped) {
  const TempFolder folder;
  const std::string path = folder.write("x.zip", good_zip().bytes());
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
  {
    const ZipFile file = ZipFile::open(path);
    owner = file.owner();
    bytes = file.at("dir/b").bytes;
  }
  EXPECT_EQ(text({"", bytes, 0}), "beta");
  EXPECT_EQ(error_of([&] { ZipFile::open(folder / "y"); }),
            folder / "y" + ": cannot be opened for reading (No such file or directory).");
}

TEST(ZipReader, EveryTruncationIsAnError) {
  const std::string bytes = good_zip().bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(error_in(bytes.substr(0, size)), "") << size;
    EXPECT_NE(error_in(bytes.substr(bytes.size() - size)), "") << size;
  }
}

// Every bit is checked, except those that no reader needs: versions, time, date, attributes and padding.
TEST(ZipReader, EveryFlippedBitIsAnErrorOrChangesNothing) {
  const std::string bytes = good_zip().bytes();
  size_t harmless = 0;
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string broken = bytes;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << bit % 8));
    if (!error_in(broken).empty()) continue;
    ++harmless;
    const ZipFile file = ZipFile::parse(bytes_of(broken), "f");
    EXPECT_EQ(text(file.at("dir/a")) + text(file.at("dir/b")), "alphabeta") << bit;
  }
  // A local header has 6 such bytes, an entry of the directory 14, the zip64 end record 4, the padding 3 and its id 2;
  // and before a data descriptor a size may be 0 or right (two fields, which are one bit from it).
  EXPECT_EQ(harmless, 8U * (2 * 6 + 2 * 14 + 4 + 5) + 2);
}

TEST(ZipReader, AHundredThousandEntriesTakeLinearTime) {
  std::string bytes;
  ZipWriter writer([&](std::span<const std::byte> part) { bytes.append(text({"", part, 0})); }, "f");
  for (int i = 0; i < 100'000; ++i) writer.add("archive/data/" + std::to_string(i), std::to_string(i));
  writer.finish();
  const auto begin = std::chrono::steady_clock::now();
  const ZipFile file = ZipFile::parse(bytes_of(bytes), "f");
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(seconds.count(), 5);  // 0.01 s without sanitizers; comparing all names would take minutes
  ASSERT_EQ(file.entries().size(), 100'000U);
  for (int i = 0; i < 100'000; i += 997) {
    EXPECT_EQ(text(file.at("archive/data/" + std::to_string(i))), std::to_string(i));
  }
}

}  // namespace
}  // namespace bisque
