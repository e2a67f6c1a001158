// Zip archives assembled field by field, as an independent reference in which a test can break any field.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/tests/testing/bytes.h>

namespace bisque::test {

inline uint32_t slow_crc32(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

/// An extra field of a zip header.
inline std::string extra_field(uint16_t id, const std::string& data) {
  return little_endian(id, 2) + little_endian(data.size(), 2) + data;
}

inline std::string zip64_field(const std::vector<uint64_t>& values) { return extra_field(1, raw(values)); }

inline constexpr uint32_t kOnes = 0xFFFFFFFF;

/// The fields that both headers of a record have.
struct ZipFields {
  std::string signature;
  uint16_t flags = 0;
  uint16_t method = 0;
  uint32_t crc = 0;
  uint32_t stored_size = 0;
  uint32_t size = 0;
  std::string name;
  std::string extra;
  std::optional<uint16_t> name_bytes_said, extra_bytes_said;  // in place of the true ones

  std::string common() const {
    const size_t name_bytes = name_bytes_said.value_or(static_cast<uint16_t>(name.size()));
    const size_t extra_bytes = extra_bytes_said.value_or(static_cast<uint16_t>(extra.size()));
    return little_endian(20, 2) + little_endian(flags, 2) + little_endian(method, 2) + std::string(4, '\0') +
           little_endian(crc, 4) + little_endian(stored_size, 4) + little_endian(size, 4) +
           little_endian(name_bytes, 2) + little_endian(extra_bytes, 2);
  }
};

struct ZipRecord {
  ZipFields local;
  ZipFields central;
  std::string data;
  std::string descriptor;          // all of it, empty for none
  std::optional<uint32_t> offset;  // instead of its actual offset
  uint16_t disk = 0;
  std::string comment;
  std::string before;  // bytes between the last record and this one
};

struct ZipEnd {
  explicit ZipEnd(const std::string& begin) : signature(begin) {}

  std::string signature;
  uint64_t disk = 0;
  uint64_t directory_disk = 0;
  std::optional<uint64_t> disk_entries, entries, directory_bytes, directory_offset;
  uint16_t comment_bytes = 0;  // of the plain end record
  uint64_t counted = 44;       // of the zip64 end record

  std::string fields(int disk_width, int count_width, int size_width, const std::vector<uint64_t>& truth) const {
    return little_endian(disk, disk_width) + little_endian(directory_disk, disk_width) +
           little_endian(disk_entries.value_or(truth[0]), count_width) +
           little_endian(entries.value_or(truth[0]), count_width) +
           little_endian(directory_bytes.value_or(truth[1]), size_width) +
           little_endian(directory_offset.value_or(truth[2]), size_width);
  }
};

struct ZipLocator {
  std::string signature = "PK\6\7";
  uint32_t disk = 0;
  std::optional<uint64_t> offset;
  uint32_t disks = 1;
};

struct ZipArchive {
  std::vector<ZipRecord> records;
  std::string before_directory, after_directory, after_zip64_end, after_all;
  std::optional<ZipEnd> zip64_end;
  std::optional<ZipLocator> locator;
  ZipEnd end{"PK\5\6"};

  std::string bytes() const {
    std::string result, directory;
    for (const ZipRecord& record : records) {
      result += record.before;
      directory += central(record, result.size());
      const ZipFields& local = record.local;
      result += local.signature + local.common() + local.name + local.extra + record.data + record.descriptor;
    }
    result += before_directory;
    const std::vector<uint64_t> truth{records.size(), directory.size(), result.size()};
    result += directory + after_directory;
    const uint64_t zip64_at = result.size();
    if (zip64_end) {
      result += zip64_end->signature + little_endian(zip64_end->counted, 8) + std::string("\x1E\3\x2D\0", 4) +
                zip64_end->fields(4, 8, 8, truth) + after_zip64_end;
    }
    if (locator) {
      result += locator->signature + little_endian(locator->disk, 4) +
                little_endian(locator->offset.value_or(zip64_at), 8) + little_endian(locator->disks, 4);
    }
    return result + end.signature + end.fields(2, 2, 4, truth) + little_endian(end.comment_bytes, 2) + after_all;
  }

 private:
  static std::string central(const ZipRecord& record, size_t offset) {
    const ZipFields& fields = record.central;
    return fields.signature + little_endian(0, 2) + fields.common() + little_endian(record.comment.size(), 2) +
           little_endian(record.disk, 2) + std::string(6, '\0') +
           little_endian(record.offset.value_or(static_cast<uint32_t>(offset)), 4) + fields.name + fields.extra +
           record.comment;
  }
};

/// A record whose checksum and sizes are in the header before its data, as Python's zipfile writes it.
inline ZipRecord zip_record(const std::string& name, const std::string& data) {
  ZipRecord record;
  const auto size = static_cast<uint32_t>(data.size());
  record.local.name = name;
  record.local.crc = slow_crc32(data);
  record.local.size = record.local.stored_size = size;
  record.central = record.local;
  record.local.signature = "PK\3\4";
  record.central.signature = "PK\1\2";
  record.data = data;
  return record;
}

inline std::string zip_descriptor(const std::string& data, int size_width = 4) {
  return "PK\7\10" + little_endian(slow_crc32(data), 4) + little_endian(data.size(), size_width) +
         little_endian(data.size(), size_width);
}

/// A record with a data descriptor and padding, as PyTorch writes it.
inline ZipRecord torch_record(const std::string& name, const std::string& data) {
  ZipRecord record = zip_record(name, data);
  record.local.flags = record.central.flags = 0x808;
  record.local.crc = record.local.size = record.local.stored_size = 0;
  record.local.extra = extra_field(0x4246, "ZZZ");
  record.descriptor = zip_descriptor(data);
  return record;
}

/// Two records, b with a descriptor, and zip64 end records as PyTorch writes them.
inline ZipArchive good_zip() {
  ZipArchive archive;
  archive.records = {zip_record("dir/a", "alpha"), torch_record("dir/b", "beta")};
  archive.zip64_end = ZipEnd("PK\6\6");
  archive.locator = ZipLocator{};
  return archive;
}

}  // namespace bisque::test
