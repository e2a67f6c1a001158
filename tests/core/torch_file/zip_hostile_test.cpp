// Archives with one thing broken each, and what the reader says of them.
#include <functional>
#include <string>
#include <vector>

#include <bisque/core/serialization/text.h>
#include <bisque/core/torch_file/zip_reader.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/zip_bytes.h>

namespace bisque {
namespace {

using namespace test;

struct Case {
  std::string message;  // after "f: "
  std::function<void(ZipArchive&)> break_it;
};

void expect_rejected(const std::vector<Case>& cases) {
  const std::string good = good_zip().bytes();
  ASSERT_NO_THROW(ZipFile::parse(bytes_of(good), "f"));
  for (const Case& one : cases) {
    ZipArchive archive = good_zip();
    one.break_it(archive);
    const std::string bytes = archive.bytes();
    EXPECT_EQ(error_of([&] { ZipFile::parse(bytes_of(bytes), "f"); }), "f: " + one.message);
  }
}

// `value` in both headers of the first record.
template <class T>
void set_both(ZipArchive& z, T ZipFields::*field, const T& value) {
  z.records[0].local.*field = z.records[0].central.*field = value;
}

void without_zip64_end(ZipArchive& z) {
  z.zip64_end.reset();
  z.locator.reset();
}

std::string name_message(const std::string& name, const std::string& what) {
  return "record \"" + name + "\" has a name that " + what + ", expected a relative path inside the archive.";
}

TEST(HostileZip, Names) {
  const auto named = [](const std::string& name) {
    return [name](ZipArchive& z) { set_both(z, &ZipFields::name, name); };
  };
  const std::string dotdot = "has a component \"..\"";
  expect_rejected({
      {name_message("", "is empty"), named("")},
      {name_message("/etc/x", "is an absolute path"), named("/etc/x")},
      {name_message("/", "is an absolute path"), named("/")},
      {name_message("dir/", "is that of a folder"), named("dir/")},
      {name_message("a\\x00b", "holds a zero byte"), named(std::string("a\0b", 3))},
      {name_message("a\\x00", "holds a zero byte"), named(std::string("a\0", 2))},
      {name_message("a\\x5Cb", "holds a backslash"), named("a\\b")},
      {name_message("..", dotdot), named("..")},
      {name_message("../a", dotdot), named("../a")},
      {name_message("a/../b", dotdot), named("a/../b")},
      {name_message("a/..", dotdot), named("a/..")},
      {name_message(".", "has a component \".\""), named(".")},
      {name_message("./a", "has a component \".\""), named("./a")},
      {name_message("a/./b", "has a component \".\""), named("a/./b")},
      {name_message("a//b", "has an empty component"), named("a//b")},
      {name_message("\\xC3(", "is not UTF-8"), named("\xC3(")},
      {name_message("\\uD800", "is not UTF-8"), named("\xED\xA0\x80")},
      {"record \"é\" has a name that is not ASCII without the flag that it is UTF-8.", named("é")},
      {"record \"" + std::string(60, 'x') + "...\" has a name of 4097 bytes, expected at most 4096.",
       named(std::string(4097, 'x'))},
      {"record \"dir/b\" appears twice.", named("dir/b")},
      {"record \"dir/a\" is named \"dir/c\" by the header before its data.",
       [](ZipArchive& z) { z.records[0].local.name = "dir/c"; }},
      {"record \"dir/a\" is named \"dir/\" by the header before its data.",
       [](ZipArchive& z) { z.records[0].local.name = "dir/"; }},
      {"record \"dir/a\" has a second name in an extra field, expected one name.",
       [](ZipArchive& z) { z.records[0].central.extra = extra_field(0x7075, "\1xxxxdir/c"); }},
      {"record \"dir/a\" has a second name in an extra field, expected one name.",
       [](ZipArchive& z) { z.records[0].local.extra = extra_field(0x7075, "\1xxxxdir/c"); }},
  });
}

TEST(HostileZip, FlagsAndMethods) {
  const auto flags = [](uint16_t value) { return [=](ZipArchive& z) { set_both(z, &ZipFields::flags, value); }; };
  const auto method = [](uint16_t value) { return [=](ZipArchive& z) { set_both(z, &ZipFields::method, value); }; };
  const std::string others = ", expected only those of UTF-8 and a data descriptor.";
  expect_rejected({
      {"record \"dir/a\" is encrypted, expected a stored or deflated record.", flags(1)},
      {"record \"dir/a\" is not what deflate makes of 5 bytes.", method(8)},
      {"record \"dir/a\" is compressed (method 99), expected a stored or deflated record.", method(99)},
      {"record \"dir/a\" has flags 0x00000020" + others, flags(0x20)},    // patched data
      {"record \"dir/a\" has flags 0x00000040" + others, flags(0x40)},    // strong encryption
      {"record \"dir/a\" has flags 0x00002000" + others, flags(0x2000)},  // masked headers
      {"record \"dir/a\" has flags 0x00000002" + others, flags(0x2)},     // of a compression method
      {"record \"dir/a\" has flags 0x00000800 and method 0 in the header before its data, expected 0x00000000 and 0 as "
       "in the directory.",
       [](ZipArchive& z) { z.records[0].local.flags = 0x800; }},
      {"record \"dir/b\" has flags 0x00000800 and method 0 in the header before its data, expected 0x00000808 and 0 as "
       "in the directory.",
       [](ZipArchive& z) { z.records[1].local.flags = 0x800; }},
      {"record \"dir/a\" has flags 0x00000000 and method 8 in the header before its data, expected 0x00000000 and 0 as "
       "in the directory.",
       [](ZipArchive& z) { z.records[0].local.method = 8; }},
  });
}

/// "dir/a" is "alpha", deflated as a block that is not compressed.
void deflate_first(ZipArchive& archive) {
  ZipRecord& record = archive.records[0];
  record.data = std::string("\x01\x05\x00\xFA\xFF", 5) + "alpha";
  for (ZipFields* fields : {&record.local, &record.central}) {
    fields->method = 8;
    fields->stored_size = 10;
  }
}

TEST(HostileZip, DeflatedRecords) {
  ZipArchive good = good_zip();
  deflate_first(good);
  const std::string bytes = good.bytes();
  const ZipFile file = ZipFile::parse(bytes_of(bytes), "f");
  EXPECT_EQ(text_of(file.at("dir/a").bytes), "alpha");
  const auto deflated = [](auto break_it) {
    return [=](ZipArchive& z) {
      deflate_first(z);
      break_it(z.records[0]);
    };
  };
  const auto size = [&](uint32_t value) {
    return deflated([=](ZipRecord& r) { r.local.size = r.central.size = value; });
  };
  expect_rejected({
      {"record \"dir/a\" is not what deflate makes of 4 bytes.", size(4)},
      {"record \"dir/a\" is not what deflate makes of 6 bytes.", size(6)},
      {"record \"dir/a\" is not what deflate makes of 5 bytes.",
       deflated([](ZipRecord& r) { r.data = "\xFF" + r.data.substr(1); })},
      {"record \"dir/a\" is not what deflate makes of 5 bytes.", deflated([](ZipRecord& r) {
         r.data += "x";
         r.local.stored_size = r.central.stored_size = 11;
       })},
      {"record \"dir/a\" has 4000000000 bytes once it is inflated from 10, expected at most 268435456 in all such "
       "records (ZipLimits::max_inflated_bytes).",
       size(4000000000)},
      {"record \"dir/a\" has 5 as its size in the header before its data, but 10 in the directory.",
       deflated([](ZipRecord& r) { r.local.stored_size = 5; })},
  });
}

TEST(HostileZip, ChecksumsOfDeflatedRecords) {
  ZipArchive archive = good_zip();
  deflate_first(archive);
  archive.records[0].local.crc = archive.records[0].central.crc = 7;
  const std::string bytes = archive.bytes();
  EXPECT_NE(error_of([&] { ZipFile::parse(bytes_of(bytes), "f"); }).find("expected 0x00000007."), std::string::npos);
}

TEST(HostileZip, FoldersAreLeftOut) {
  ZipArchive archive = good_zip();
  archive.records.insert(archive.records.begin(), zip_record("dir/", ""));
  const std::string bytes = archive.bytes();
  EXPECT_EQ(ZipFile::parse(bytes_of(bytes), "f").entries()[0].name, "dir/a");
}

TEST(HostileZip, SizesAndChecksums) {
  const std::string before = " in the header before its data, but ";
  expect_rejected({
      {"record \"dir/a\" has 4 as its size" + before + "5 in the directory.",
       [](ZipArchive& z) { z.records[0].local.size = 4; }},
      {"record \"dir/a\" has 6 as its size" + before + "5 in the directory.",
       [](ZipArchive& z) { z.records[0].local.stored_size = 6; }},
      {"record \"dir/a\" has 0 as its size" + before + "5 in the directory.",
       [](ZipArchive& z) { z.records[0].local.size = 0; }},
      {"record \"dir/a\" has 7 as its CRC32" + before + std::to_string(slow_crc32("alpha")) + " in the directory.",
       [](ZipArchive& z) { z.records[0].local.crc = 7; }},
      {"record \"dir/a\" has 0 as its CRC32" + before + std::to_string(slow_crc32("alpha")) + " in the directory.",
       [](ZipArchive& z) { z.records[0].local.crc = 0; }},
      {"record \"dir/b\" has 7 as its CRC32" + before + std::to_string(slow_crc32("beta")) + " in the directory.",
       [](ZipArchive& z) { z.records[1].local.crc = 7; }},
      {"record \"dir/b\" has 5 as its size" + before + "4 in the directory.",
       [](ZipArchive& z) { z.records[1].local.size = 5; }},
      {"record \"dir/a\" has 4294967295 as its size" + before + "5 in the directory.",
       [](ZipArchive& z) { z.records[0].local.size = kOnes; }},
      {"record \"dir/a\" has a size of 6 bytes and a stored size of 5, expected the same for a stored record.",
       [](ZipArchive& z) { z.records[0].central.size = 6; }},
      {"record \"dir/a\" has a size of 5 bytes and a stored size of 4294967294, expected the same for a stored record.",
       [](ZipArchive& z) { z.records[0].central.stored_size = kOnes - 1; }},
      {"record \"dir/b\" begins at byte 40, expected 39, where the record before it ends.",
       [](ZipArchive& z) {
         set_both<uint32_t>(z, &ZipFields::size, 4);
         set_both<uint32_t>(z, &ZipFields::stored_size, 4);
       }},
      {"record \"dir/b\" begins at byte 40, expected 41, where the record before it ends.",
       [](ZipArchive& z) {
         set_both<uint32_t>(z, &ZipFields::size, 6);
         set_both<uint32_t>(z, &ZipFields::stored_size, 6);
       }},
      {"record \"dir/a\" has 4294967294 bytes, of which 67 are present.",
       [](ZipArchive& z) {
         set_both(z, &ZipFields::size, kOnes - 1);
         set_both(z, &ZipFields::stored_size, kOnes - 1);
       }},
      {"record \"dir/a\" has 18446744073709551615 bytes, of which 47 are present.",
       [](ZipArchive& z) {
         z.records[0].central.size = z.records[0].central.stored_size = kOnes;
         z.records[0].local.size = z.records[0].local.stored_size = kOnes;
         z.records[0].central.extra = z.records[0].local.extra = zip64_field({UINT64_MAX, UINT64_MAX});
         z.records[1].data = "";
         z.records[1].descriptor = "";
       }},
  });
}

TEST(HostileZip, DataDescriptors) {
  const auto message = [](const std::string& name, size_t at) {
    return "record \"" + name + "\" has no data descriptor at byte " + std::to_string(at) + ", after its data.";
  };
  const auto disagrees = [](size_t at, const std::string& bytes) {
    return [=](ZipArchive& z) { z.records[1].descriptor.replace(at, bytes.size(), bytes); };
  };
  ASSERT_EQ(slow_crc32("beta"), 0x8f910463U);
  const std::string truth = " after its data, but 0x8f910463 and 4 and 4 in the directory.";
  expect_rejected({
      {message("dir/b", 86), [](ZipArchive& z) { z.records[1].descriptor = ""; }},
      {message("dir/b", 86), [](ZipArchive& z) { z.records[1].descriptor.erase(0, 4); }},
      {message("dir/b", 86), [](ZipArchive& z) { z.records[1].descriptor.pop_back(); }},
      {"the records end at byte 102, but the directory begins at byte 110.",
       [](ZipArchive& z) { z.records[1].descriptor = zip_descriptor("beta") + std::string(8, '\0'); }},
      {"record \"dir/b\" has CRC32 0x8f910400 and sizes 4 and 4" + truth, disagrees(4, std::string("\0", 1))},
      {"record \"dir/b\" has CRC32 0x8f910463 and sizes 4 and 3" + truth, disagrees(8, "\3")},
      {"record \"dir/b\" has CRC32 0x8f910463 and sizes 5 and 4" + truth, disagrees(12, "\5")},
      {"record \"dir/b\" begins at byte 56, expected 40, where the record before it ends.",
       [](ZipArchive& z) { z.records[0].descriptor = zip_descriptor("alpha"); }},
      {message("dir/a", 40), [](ZipArchive& z) { set_both<uint16_t>(z, &ZipFields::flags, 8); }},
      {"record \"dir/b\" has CRC32 0x8f910463 and sizes 0 and 17179869188" + truth,
       [](ZipArchive& z) {
         z.records[1].local.extra = zip64_field({4, 4});
         z.records[1].descriptor = zip_descriptor("beta") + std::string(8, '\0');
       }},
  });
}

TEST(HostileZip, Zip64Fields) {
  const std::string fits = " zip64 field in the directory, expected ";
  const std::string narrow = " bytes for what does not fit 32 bits.";
  const auto central = [](uint32_t size, uint32_t stored_size, const std::string& extra) {
    return [=](ZipArchive& z) {
      z.records[0].central.size = size;
      z.records[0].central.stored_size = stored_size;
      z.records[0].central.extra = extra;
    };
  };
  const auto local = [](uint32_t size, uint32_t stored_size, const std::string& extra) {
    return [=](ZipArchive& z) {
      z.records[0].local.size = size;
      z.records[0].local.stored_size = stored_size;
      z.records[0].local.extra = extra;
    };
  };
  const std::string two = zip64_field({5, 5});
  const std::string before = " bytes before its data, expected 8, 16 or 24.";
  expect_rejected({
      {"record \"dir/a\" has no" + fits + "16" + narrow, central(kOnes, kOnes, "")},
      {"record \"dir/a\" has no" + fits + "8" + narrow, central(kOnes, 5, extra_field(2, "x"))},
      {"record \"dir/a\" has 16 bytes of" + fits + "0" + narrow, central(5, 5, two)},
      {"record \"dir/a\" has 0 bytes of" + fits + "0" + narrow, central(5, 5, zip64_field({}))},
      {"record \"dir/a\" has 8 bytes of" + fits + "16" + narrow, central(kOnes, kOnes, zip64_field({5}))},
      {"record \"dir/a\" has 24 bytes of" + fits + "16" + narrow, central(kOnes, kOnes, zip64_field({5, 5, 0}))},
      {"record \"dir/a\" has 28 bytes of" + fits + "16" + narrow,
       central(kOnes, kOnes, extra_field(1, raw<uint64_t>({5, 5, 0}) + std::string(4, '\0')))},
      {"record \"dir/a\" has two zip64 fields, expected one.", central(kOnes, kOnes, two + two)},
      {"record \"dir/a\" has a size of 5 bytes and a stored size of 6, expected the same for a stored record.",
       central(kOnes, kOnes, zip64_field({5, 6}))},
      {"record \"dir/a\" has an extra field of 16 bytes where 15 are left.",
       central(kOnes, kOnes, two.substr(0, two.size() - 1))},
      {"record \"dir/a\" has 3 bytes after its extra fields, expected none.", central(5, 5, std::string(3, '\0'))},
      {"record \"dir/a\" has an extra field of 65535 bytes where 1 are left.", local(5, 5, "FB\xFF\xFFZ")},
      {"record \"dir/a\" has 1 bytes after its extra fields, expected none.", local(5, 5, "Z")},
      {"record \"dir/a\" has two zip64 fields, expected one.", local(kOnes, kOnes, two + two)},
      {"record \"dir/a\" has 6 as its size in the header before its data, but 5 in the directory.", local(5, 6, two)},
      {"record \"dir/a\" has 4294967295 as its size in the header before its data, but 5 in the directory.",
       local(kOnes, kOnes, zip64_field({0}))},
      {"record \"dir/a\" has 5 as its offset in the header before its data, but 0 in the directory.",
       local(5, 5, zip64_field({5}))},
      {"record \"dir/a\" has 1 as its offset in the header before its data, but 0 in the directory.",
       local(kOnes, kOnes, zip64_field({5, 5, 1}))},
      {"record \"dir/a\" has a zip64 field of 12" + before, local(kOnes, kOnes, extra_field(1, std::string(12, '\0')))},
      {"record \"dir/a\" has a zip64 field of 0" + before, local(kOnes, kOnes, zip64_field({}))},
      {"record \"dir/a\" has 6 as its size in the header before its data, but 5 in the directory.",
       local(kOnes, kOnes, zip64_field({6, 5}))},
      {"record \"dir/a\" has 0 as its size in the header before its data, but 5 in the directory.",
       local(kOnes, kOnes, zip64_field({5, 0}))},
      {"record \"dir/b\" has a zip64 field of 32" + before,
       [](ZipArchive& z) {
         z.records[1].local.extra = zip64_field({4, 4, 40, 0});
       }},
      {"record \"dir/b\" has 41 as its offset in the header before its data, but 40 in the directory.",
       [](ZipArchive& z) { z.records[1].local.extra = zip64_field({41}); }},
  });
}

TEST(HostileZip, HolesAndOverlaps) {
  expect_rejected({
      {"record \"dir/a\" begins at byte 1, expected 0, the begin of the file.",
       [](ZipArchive& z) { z.records[0].before = "x"; }},
      {"record \"dir/a\" begins at byte 40, expected 0, the begin of the file.",
       [](ZipArchive& z) {
         z.records[0].offset = 40;
         z.records[1].offset = 0;
       }},
      {"record \"dir/b\" begins at byte 41, expected 40, where the record before it ends.",
       [](ZipArchive& z) { z.records[1].before = "x"; }},
      {"record \"dir/b\" begins at byte 0, expected 40, where the record before it ends.",
       [](ZipArchive& z) { z.records[1].offset = 0; }},
      {"record \"dir/b\" begins at byte 4294967294, expected 40, where the record before it ends.",
       [](ZipArchive& z) { z.records[1].offset = kOnes - 1; }},
      {"record \"dir/b\" begins at byte 18446744073709551615, expected 40, where the record before it ends.",
       [](ZipArchive& z) {
         z.records[1].offset = kOnes;
         z.records[1].central.extra = zip64_field({UINT64_MAX});
       }},
      {"record \"dir/b\" has no header at byte 40.",
       [](ZipArchive& z) {
         z.records[1].before = "x";
         z.records[1].offset = 40;
       }},
      {"record \"dir/a\" has no header at byte 0.", [](ZipArchive& z) { z.records[0].local.signature = "PK\1\2"; }},
      {"record \"dir/c\" begins at byte 40, expected 102, where the record before it ends.",
       [](ZipArchive& z) {  // one record, two entries
         ZipRecord copy = z.records[1];
         copy.central.name = "dir/c";
         copy.offset = 40;
         z.records.push_back(copy);
       }},
      {"the records end at byte 102, but the directory begins at byte 103.",
       [](ZipArchive& z) { z.before_directory = "x"; }},
      {"record \"dir/b\" has a header that goes beyond the last record's end.",
       [](ZipArchive& z) { z.records[1].local.extra_bytes_said = 0xFFFF; }},
  });
}

TEST(HostileZip, TheDirectory) {
  const auto counted = [](uint64_t count) {
    return [=](ZipArchive& z) {
      z.end.entries = z.end.disk_entries = z.zip64_end->entries = z.zip64_end->disk_entries = count;
    };
  };
  expect_rejected({
      {"the directory's entries take 51 bytes, but it has 102.", counted(1)},
      {"the directory's entries take 0 bytes, but it has 102.", counted(0)},
      {"declares 3 entries in a directory of 102 bytes, expected at most 2.", counted(3)},
      {"declares 65534 entries in a directory of 102 bytes, expected at most 2.", counted(65534)},
      {"declares 18446744073709551615 entries in a directory of 102 bytes, expected at most 2.",
       [](ZipArchive& z) {
         z.end.entries = z.end.disk_entries = 0xFFFF;
         z.zip64_end->entries = z.zip64_end->disk_entries = UINT64_MAX;
       }},
      {"the directory has no entry 0 at its byte 0.", [](ZipArchive& z) { z.records[0].central.signature = "PK\3\4"; }},
      {"the directory has no entry 1 at its byte 51.",
       [](ZipArchive& z) { z.records[1].central.signature = "PK\1\3"; }},
      {"entry 1 of the directory goes beyond the directory's end.",
       [](ZipArchive& z) { z.records[1].central.name_bytes_said = 0xFFFF; }},
      {"entry 1 of the directory goes beyond the directory's end.",
       [](ZipArchive& z) { z.records[1].central.extra_bytes_said = 1; }},
      {"record \"dir\" is named \"dir/a\" by the header before its data.",
       [](ZipArchive& z) { z.records[0].central.name_bytes_said = 3; }},
      {"record \"dir/a\" is on disk 1, expected one in this file.", [](ZipArchive& z) { z.records[0].disk = 1; }},
      {"record \"dir/a\" has a comment, expected none.", [](ZipArchive& z) { z.records[0].comment = "!"; }},
  });
}

TEST(HostileZip, TheEndRecord) {
  const std::string no_end = "does not end with the end record of a zip archive, expected one with nothing after it.";
  const std::string disks = "is part of an archive of several disks, expected a zip archive in one file.";
  expect_rejected({
      {no_end, [](ZipArchive& z) { z.after_all = "x"; }},
      {no_end, [](ZipArchive& z) { z.after_all = z.bytes().substr(0, 50); }},
      {no_end, [](ZipArchive& z) { z.end.signature = "PK\5\5"; }},
      {no_end,
       [](ZipArchive& z) {
         z.end.comment_bytes = 5;
         z.after_all = "hello";
       }},
      {"the end record declares a comment of 5 bytes, expected none.", [](ZipArchive& z) { z.end.comment_bytes = 5; }},
      {disks, [](ZipArchive& z) { z.end.disk = 1; }},
      {disks, [](ZipArchive& z) { z.end.directory_disk = 1; }},
      {disks, [](ZipArchive& z) { z.end.disk = z.end.directory_disk = 0xFFFF; }},
      {"an end record has 1 entries on this disk and 2 in all, expected the same number.",
       [](ZipArchive& z) { z.end.disk_entries = 1; }},
      {"the end record declares a directory of 102 bytes at byte 101, expected one that ends at byte 204, where the "
       "end "
       "records begin.",
       [](ZipArchive& z) { z.end.directory_offset = z.zip64_end->directory_offset = 101; }},
      {"the end record declares a directory of 103 bytes at byte 102, expected one that ends at byte 204, where the "
       "end "
       "records begin.",
       [](ZipArchive& z) { z.end.directory_bytes = z.zip64_end->directory_bytes = 103; }},
      {"the end record declares a directory of 102 bytes at byte 102, expected one that ends at byte 205, where the "
       "end "
       "records begin.",
       [](ZipArchive& z) { z.after_directory = "x"; }},
      {"the end record declares a directory of 4294967295 bytes at byte 4294967295, expected one that ends at byte "
       "204, "
       "where the end records begin.",
       [](ZipArchive& z) {
         without_zip64_end(z);
         z.end.directory_bytes = z.end.directory_offset = kOnes;
       }},
      {"declares 65535 entries in a directory of 102 bytes, expected at most 2.",
       [](ZipArchive& z) {
         without_zip64_end(z);
         z.end.entries = z.end.disk_entries = 0xFFFF;
       }},
  });
}

TEST(HostileZip, TheZip64EndRecord) {
  const std::string disks = "is part of an archive of several disks, expected a zip archive in one file.";
  const auto no_record = [](size_t at) {
    return "there is no zip64 end record of 56 bytes at byte " + std::to_string(at) + ", where the locator points.";
  };
  const auto misplaced = [](uint64_t at, size_t locator_at) {
    return "the zip64 locator points to an end record at byte " + std::to_string(at) +
           ", expected one of 56 bytes right before the locator at byte " + std::to_string(locator_at) + ".";
  };
  const auto contradicts = [](const std::string& what, uint64_t truth, uint64_t wide) {
    return "the end record has " + std::to_string(truth) + " " + what + ", but the zip64 end record has " +
           std::to_string(wide) + ".";
  };
  expect_rejected({
      {disks, [](ZipArchive& z) { z.locator->disk = 1; }},
      {disks, [](ZipArchive& z) { z.locator->disks = 2; }},
      {disks, [](ZipArchive& z) { z.locator->disks = 0; }},
      {disks, [](ZipArchive& z) { z.zip64_end->disk = 1; }},
      {disks, [](ZipArchive& z) { z.zip64_end->directory_disk = 0x10000; }},
      {misplaced(205, 260), [](ZipArchive& z) { z.locator->offset = 205; }},
      {misplaced(UINT64_MAX, 260), [](ZipArchive& z) { z.locator->offset = UINT64_MAX; }},
      {misplaced(204, 261), [](ZipArchive& z) { z.after_zip64_end = "x"; }},
      {misplaced(204, 204), [](ZipArchive& z) { z.zip64_end.reset(); }},
      {misplaced(0, 0),
       [](ZipArchive& z) {
         z.records.clear();
         z.zip64_end.reset();
       }},
      {no_record(204), [](ZipArchive& z) { z.zip64_end->signature = "PK\6\5"; }},
      {no_record(204), [](ZipArchive& z) { z.zip64_end->counted = 45; }},
      {no_record(204), [](ZipArchive& z) { z.zip64_end->counted = UINT64_MAX; }},
      {"an end record has 1 entries on this disk and 2 in all, expected the same number.",
       [](ZipArchive& z) { z.zip64_end->disk_entries = 1; }},
      {contradicts("entries", 2, 1), [](ZipArchive& z) { z.zip64_end->entries = z.zip64_end->disk_entries = 1; }},
      {contradicts("bytes of the directory", 102, 51), [](ZipArchive& z) { z.zip64_end->directory_bytes = 51; }},
      {contradicts("as the directory's offset", 102, 101), [](ZipArchive& z) { z.zip64_end->directory_offset = 101; }},
      {"the end record declares a directory of 102 bytes at byte 18446744073709551514, expected one that ends at byte "
       "204, "
       "where the end records begin.",
       [](ZipArchive& z) {
         z.end.directory_offset = kOnes;
         z.zip64_end->directory_offset = UINT64_MAX - 101;
       }},
      {"the end record declares a directory of 102 bytes at byte 102, expected one that ends at byte 260, where the "
       "end "
       "records begin.",
       [](ZipArchive& z) { z.locator.reset(); }},
  });
}

TEST(HostileZip, OtherFiles) {
  const auto error = [](const std::string& bytes) { return error_of([&] { ZipFile::parse(bytes_of(bytes), "f"); }); };
  EXPECT_EQ(error(""), "f: has 0 bytes, expected at least 22 for a zip archive.");
  EXPECT_EQ(error(std::string(21, 'x')), "f: has 21 bytes, expected at least 22 for a zip archive.");
  EXPECT_EQ(error("\x80\2}" + std::string(30, 'x')),
            "f: does not end with the end record of a zip archive, expected one with nothing after it.");
  EXPECT_EQ(
      error(good_zip().bytes() + good_zip().bytes()),
      "f: the zip64 locator points to an end record at byte 204, expected one of 56 bytes right before the locator at "
      "byte 562.");
}

}  // namespace
}  // namespace bisque
