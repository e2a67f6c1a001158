// Reads the zip archives of torch.save and Python's zipfile, strictly and without copies.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/core/torch_file/name_index.h>

namespace bisque {

/// One record of an archive: views of the archive's bytes, or of the inflated data.
struct ZipEntry {
  std::string_view name;
  std::span<const std::byte> bytes;
  uint32_t crc = 0;  // as stored in the archive
};

struct ZipLimits {
  size_t max_entries = 10'000'000;
  size_t max_name_bytes = 4096;
  /// Limit for all compressed records together; 16 times the archive is always allowed.
  size_t max_inflated_bytes = size_t{1} << 28;
};

struct ZipOptions {
  /// Checks every record when the archive is opened, which reads all of it; otherwise check_crc() checks single
  /// records.
  bool check_crc = true;
  ZipLimits limits;
};

/// A checked zip archive. Every byte belongs to exactly one record, the directory or the end records, and all redundant
/// fields agree. Records are stored or deflated, not encrypted, in the order of the directory, and have unique names
/// that are relative paths in UTF-8 without "." and "..". Sizes and offsets of 64 bits (zip64) and checksums after the
/// data (data descriptors) are read as PyTorch, Python and other archivers write them. Opening the archive inflates
/// deflated records and skips entries of folders.
class ZipFile {
 public:
  /// Maps the file. Error: it is missing, violates a rule above (the message contains the record), or exceeds a limit.
  static ZipFile open(const std::string& path, const ZipOptions& options = {});
  /// The same for memory, which `owner` keeps alive; without an owner it must outlive the ZipFile. `where` is the
  /// prefix of messages.
  static ZipFile parse(std::span<const std::byte> bytes, const std::string& where,
                       std::shared_ptr<const void> owner = nullptr, const ZipOptions& options = {});

  /// In the order of the directory, which is that of the file.
  const std::vector<ZipEntry>& entries() const { return entries_; }
  /// nullptr if the archive has no record of that name.
  const ZipEntry* find(std::string_view name) const;
  /// Error: the archive has no record of that name.
  const ZipEntry& at(std::string_view name) const;
  /// Error: the checksum of the record's bytes, or of a copy, is wrong. Thread-safe.
  void check_crc(const ZipEntry& entry) const { check_crc(entry, entry.bytes); }
  void check_crc(const ZipEntry& entry, std::span<const std::byte> copy) const;
  /// Keeps the bytes of entries() alive: those of the archive, and the inflated ones.
  const std::shared_ptr<const void>& owner() const { return owner_; }
  const std::string& where() const { return where_; }

 private:
  std::string where_;
  std::shared_ptr<const void> owner_;
  std::vector<ZipEntry> entries_;
  zip::NameIndex index_;  // into entries_
};

}  // namespace bisque
