// The zip archives that torch.save and Python's zipfile write, read strictly and without a copy.
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

/// One record of an archive: views of the archive's bytes, or of what was inflated.
struct ZipEntry {
  std::string_view name;
  std::span<const std::byte> bytes;
  uint32_t crc = 0;  // as the archive has it
};

struct ZipLimits {
  size_t max_entries = 10'000'000;
  size_t max_name_bytes = 4096;
  /// Of all compressed records together; 16 times the archive is always allowed.
  size_t max_inflated_bytes = size_t{1} << 28;
};

struct ZipOptions {
  /// Checks every record when the archive is opened, which reads all of it; else check_crc() does, record by record.
  bool check_crc = true;
  ZipLimits limits;
};

/// A checked zip archive. Every byte of it belongs to exactly one record, the directory or the end records, and all
/// that it says twice agrees. Records are stored or deflated, not encrypted, lie in the order of the directory, and
/// have names of their own that are relative paths in UTF-8 without "." and "..". Sizes and offsets of 64 bits (zip64)
/// and checksums after the data (data descriptors) are read as PyTorch, Python and other archivers write them. Deflated
/// records are inflated, and entries of folders left out, when the archive is opened.
class ZipFile {
 public:
  /// Maps the file. Error: it is missing, or breaks a rule above (the message names the record), or a limit.
  static ZipFile open(const std::string& path, const ZipOptions& options = {});
  /// The same over memory, which `owner` keeps alive; without an owner the caller does, longer than the ZipFile.
  /// `where` begins the messages.
  static ZipFile parse(std::span<const std::byte> bytes, const std::string& where,
                       std::shared_ptr<const void> owner = nullptr, const ZipOptions& options = {});

  /// In the order of the directory, and so of the file.
  const std::vector<ZipEntry>& entries() const { return entries_; }
  /// nullptr where the archive has no record of that name.
  const ZipEntry* find(std::string_view name) const;
  /// Error: the archive has no record of that name.
  const ZipEntry& at(std::string_view name) const;
  /// Error: the record's bytes, or a copy of them, do not have its checksum. Thread-safe.
  void check_crc(const ZipEntry& entry) const { check_crc(entry, entry.bytes); }
  void check_crc(const ZipEntry& entry, std::span<const std::byte> copy) const;
  /// What keeps the bytes of entries() alive: those of the archive, and those that were inflated.
  const std::shared_ptr<const void>& owner() const { return owner_; }
  const std::string& where() const { return where_; }

 private:
  std::string where_;
  std::shared_ptr<const void> owner_;
  std::vector<ZipEntry> entries_;
  zip::NameIndex index_;  // into entries_
};

}  // namespace bisque
