#include <bisque/core/torch_file/zip_reader.h>

#include <libdeflate.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>
#include <bisque/core/torch_file/crc32.h>
#include <bisque/core/torch_file/zip_format.h>

namespace bisque {
namespace {

using namespace zip;

std::string hex(uint32_t value) {
  const uint32_t from_the_highest = __builtin_bswap32(value);
  return "0x" + hex_digits(std::as_bytes(std::span(&from_the_highest, 1)));
}

// The position of the directory in the end records.
struct Directory {
  uint64_t entries = 0;
  uint64_t begin = 0;
  uint64_t bytes = 0;
};

// Reads the records at the end of an archive.
class EndReader {
 public:
  EndReader(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  Directory read() const {
    if (bytes_.size() < sizeof(EndRecord)) {
      fail(where_, ": has ", bytes_.size(), " bytes, expected at least ", sizeof(EndRecord), " for a zip archive.");
    }
    const size_t end_at = bytes_.size() - sizeof(EndRecord);
    const auto end = load<EndRecord>(bytes_.data() + end_at);
    if (end.signature != kEndSignature) {
      fail(where_, ": does not end with the end record of a zip archive, expected one with nothing after it.");
    }
    if (end.comment_bytes != 0) {
      fail(where_, ": the end record declares a comment of ", +end.comment_bytes, " bytes, expected none.");
    }
    check_one_disk(end.disk, end.directory_disk, end.disk_entries, end.entries);
    Directory directory{end.entries, end.directory_offset, end.directory_bytes};
    const size_t behind = read_zip64(end_at, directory);
    if (directory.begin > behind || directory.bytes != behind - directory.begin) {
      fail(where_, ": the end record declares a directory of ", directory.bytes, " bytes at byte ", directory.begin,
           ", expected one that ends at byte ", behind, ", where the end records begin.");
    }
    return directory;
  }

 private:
  // Replaces values that do not fit the end record. Returns the start of the end records.
  size_t read_zip64(size_t end_at, Directory& directory) const {
    if (end_at < sizeof(Zip64Locator)) return end_at;
    const size_t locator_at = end_at - sizeof(Zip64Locator);
    const auto locator = load<Zip64Locator>(bytes_.data() + locator_at);
    if (locator.signature != kLocatorSignature) return end_at;
    if (locator.end_disk != 0 || locator.disks != 1) fail_of_disks();
    if (locator_at < sizeof(Zip64End) || locator.end_offset != locator_at - sizeof(Zip64End)) {
      fail(where_, ": the zip64 locator points to an end record at byte ", +locator.end_offset, ", expected one of ",
           sizeof(Zip64End), " bytes right before the locator at byte ", locator_at, ".");
    }
    const auto end = load<Zip64End>(bytes_.data() + locator.end_offset);
    if (end.signature != kZip64EndSignature || end.bytes_behind != Zip64End().bytes_behind) {
      fail(where_, ": there is no zip64 end record of ", sizeof(Zip64End), " bytes at byte ", +locator.end_offset,
           ", where the locator points.");
    }
    check_one_disk(end.disk, end.directory_disk, end.disk_entries, end.entries);
    directory.entries = agreed("entries", directory.entries, kMax16, end.entries);
    directory.bytes = agreed("bytes of the directory", directory.bytes, kMax32, end.directory_bytes);
    directory.begin = agreed("as the directory's offset", directory.begin, kMax32, end.directory_offset);
    return locator.end_offset;
  }

  // The value of the zip64 end record, if the plain one is equal or refers to it.
  uint64_t agreed(const char* what, uint64_t plain, uint64_t look_there, uint64_t wide) const {
    if (plain != wide && plain != look_there) {
      fail(where_, ": the end record has ", plain, " ", what, ", but the zip64 end record has ", wide, ".");
    }
    return wide;
  }

  void check_one_disk(uint32_t disk, uint32_t directory_disk, uint64_t disk_entries, uint64_t entries) const {
    if (disk != 0 || directory_disk != 0) fail_of_disks();
    if (disk_entries != entries) {
      fail(where_, ": an end record has ", disk_entries, " entries on this disk and ", entries,
           " in all, expected the same number.");
    }
  }

  [[noreturn]] void fail_of_disks() const {
    fail(where_, ": is part of an archive of several disks, expected a zip archive in one file.");
  }

  std::span<const std::byte> bytes_;
  const std::string& where_;
};

// The directory's data of a record.
struct Record {
  ZipEntry entry;
  uint16_t flags = 0;
  uint16_t method = kStored;
  uint64_t size = 0;
  uint64_t stored_size = 0;
  uint64_t offset = 0;

  bool is_folder() const { return entry.name.ends_with('/') && size == 0; }
};

using Zip64Field = std::optional<std::span<const std::byte>>;

// Reads the directory and the records in parallel, each from start to end.
class RecordReader {
 public:
  RecordReader(std::span<const std::byte> bytes, const Directory& directory, const std::string& where,
               const ZipLimits& limits)
      : records_(bytes.first(directory.begin)),
        directory_(bytes.subspan(directory.begin, directory.bytes)),
        where_(where),
        limits_(limits) {}

  Record next(size_t number) {
    Record record = read_central(number);
    if (record.offset != at_) {
      fault(record, "begins at byte ", record.offset, ", expected ", at_,
            at_ == 0 ? ", the begin of the file." : ", where the record before it ends.");
    }
    read_local(record);
    return record;
  }

  void check_nothing_is_left() const {
    if (directory_at_ != directory_.size()) {
      fail(where_, ": the directory's entries take ", directory_at_, " bytes, but it has ", directory_.size(), ".");
    }
    if (at_ != records_.size()) {
      fail(where_, ": the records end at byte ", at_, ", but the directory begins at byte ", records_.size(), ".");
    }
  }

 private:
  template <class... Parts>
  [[noreturn]] void fault(const Record& record, const Parts&... parts) const {
    fail(where_, ": record ", quoted_text(record.entry.name), " ", parts...);
  }

  Record read_central(size_t number) {
    const auto rest = directory_.subspan(directory_at_);
    if (rest.size() < sizeof(CentralHeader) || load<uint32_t>(rest.data()) != kCentralSignature) {
      fail(where_, ": the directory has no entry ", number, " at its byte ", directory_at_, ".");
    }
    const auto header = load<CentralHeader>(rest.data());
    const size_t bytes = sizeof(CentralHeader) + header.name_bytes + header.extra_bytes + header.comment_bytes;
    if (rest.size() < bytes) fail(where_, ": entry ", number, " of the directory goes beyond the directory's end.");
    directory_at_ += bytes;
    Record record;
    record.entry.name = text_of(rest.subspan(sizeof(CentralHeader), header.name_bytes));
    record.entry.crc = header.crc;
    record.flags = header.flags;
    record.method = header.method;
    record.size = header.size;
    record.stored_size = header.stored_size;
    record.offset = header.offset;
    check_central(record, header);
    read_central_zip64(record, rest.subspan(sizeof(CentralHeader) + header.name_bytes, header.extra_bytes));
    return record;
  }

  void check_central(const Record& record, const CentralHeader& header) const {
    const std::string_view name = record.entry.name;
    if (name.size() > limits_.max_name_bytes) {
      fault(record, "has a name of ", name.size(), " bytes, expected at most ", limits_.max_name_bytes, ".");
    }
    const bool is_folder = name.ends_with('/') && header.size == 0;
    if (const char* what = name_fault(name.substr(0, name.size() - (is_folder ? 1 : 0)))) {
      fault(record, "has a name that ", what, ", expected a relative path inside the archive.");
    }
    if ((header.flags & kFlagUtf8) == 0 && !is_ascii(name)) {
      fault(record, "has a name that is not ASCII without the flag that it is UTF-8.");
    }
    if ((header.flags & 1) != 0) fault(record, "is encrypted, expected a stored or deflated record.");
    if (header.method != kStored && header.method != kDeflated) {
      fault(record, "is compressed (method ", +header.method, "), expected a stored or deflated record.");
    }
    const int known_flags = kFlagDescriptor | kFlagUtf8 | (header.method == kDeflated ? kFlagsDeflate : 0);
    if ((header.flags & ~known_flags) != 0) {
      fault(record, "has flags ", hex(header.flags), ", expected only those of UTF-8 and a data descriptor.");
    }
    if (header.disk != 0) fault(record, "is on disk ", +header.disk, ", expected one in this file.");
    if (header.comment_bytes != 0) fault(record, "has a comment, expected none.");
  }

  void read_central_zip64(Record& record, std::span<const std::byte> extra) const {
    std::vector<uint64_t*> wide;
    for (uint64_t* value : {&record.size, &record.stored_size, &record.offset}) {
      if (*value == kMax32) wide.push_back(value);
    }
    const Zip64Field field = zip64_field(record, extra);
    if (field ? field->size() != 8 * wide.size() || wide.empty() : !wide.empty()) {
      fault(record, "has ", field ? std::to_string(field->size()) + " bytes of" : "no",
            " zip64 field in the directory, expected ", 8 * wide.size(), " bytes for what does not fit 32 bits.");
    }
    for (size_t i = 0; i < wide.size(); ++i) *wide[i] = load<uint64_t>(field->data() + 8 * i);
    if (record.method == kStored && record.stored_size != record.size) {
      fault(record, "has a size of ", record.size, " bytes and a stored size of ", record.stored_size,
            ", expected the same for a stored record.");
    }
  }

  Zip64Field zip64_field(const Record& record, std::span<const std::byte> extra) const {
    Zip64Field result;
    while (!extra.empty()) {
      if (extra.size() < sizeof(ExtraHeader)) {
        fault(record, "has ", extra.size(), " bytes after its extra fields, expected none.");
      }
      const auto header = load<ExtraHeader>(extra.data());
      extra = extra.subspan(sizeof(ExtraHeader));
      if (header.bytes > extra.size()) {
        fault(record, "has an extra field of ", +header.bytes, " bytes where ", extra.size(), " are left.");
      }
      if (header.id == kExtraUnicodeName) fault(record, "has a second name in an extra field, expected one name.");
      if (header.id == kExtraZip64) {
        if (result) fault(record, "has two zip64 fields, expected one.");
        result = extra.first(header.bytes);
      }
      extra = extra.subspan(header.bytes);
    }
    return result;
  }

  // Reads the record at at_, and advances at_ to the record's end.
  void read_local(Record& record) {
    const auto rest = records_.subspan(at_);
    if (rest.size() < sizeof(LocalHeader) || load<uint32_t>(rest.data()) != kLocalSignature) {
      fault(record, "has no header at byte ", at_, ".");
    }
    const auto header = load<LocalHeader>(rest.data());
    const size_t data_at = sizeof(LocalHeader) + header.name_bytes + header.extra_bytes;
    if (rest.size() < data_at) fault(record, "has a header that goes beyond the last record's end.");
    const std::string_view name = text_of(rest.subspan(sizeof(LocalHeader), header.name_bytes));
    if (name != record.entry.name) fault(record, "is named ", quoted_text(name), " by the header before its data.");
    if (header.flags != record.flags || header.method != record.method) {
      fault(record, "has flags ", hex(header.flags), " and method ", +header.method,
            " in the header before its data, expected ", hex(record.flags), " and ", record.method,
            " as in the directory.");
    }
    const auto extra = rest.subspan(sizeof(LocalHeader) + header.name_bytes, header.extra_bytes);
    const Zip64Field zip64 = zip64_field(record, extra);
    check_local_sizes(record, header, zip64);
    if (record.stored_size > rest.size() - data_at) {
      fault(record, "has ", record.stored_size, " bytes, of which ", rest.size() - data_at, " are present.");
    }
    record.entry.bytes = rest.subspan(data_at, record.stored_size);
    at_ += data_at + record.stored_size;
    if ((header.flags & kFlagDescriptor) == 0) return;
    if (zip64) {
      read_descriptor<uint64_t>(record);
    } else {
      read_descriptor<uint32_t>(record);
    }
  }

  // The header before the data repeats the directory; before a data descriptor it may leave values 0. PyTorch puts the
  // offset into its zip64 field, with or without preceding sizes.
  void check_local_sizes(const Record& record, const LocalHeader& header, const Zip64Field& zip64) const {
    const bool deferred = (header.flags & kFlagDescriptor) != 0;
    const size_t zip64_bytes = zip64 ? zip64->size() : 0;
    const bool has_sizes = zip64_bytes >= 16;
    if (zip64 && zip64_bytes != 8 && zip64_bytes != 16 && zip64_bytes != 24) {
      fault(record, "has a zip64 field of ", zip64_bytes, " bytes before its data, expected 8, 16 or 24.");
    }
    const auto check = [&](const char* what, uint64_t value, uint64_t expected) {
      if (value == expected || (deferred && value == 0)) return;
      fault(record, "has ", value, " as its ", what, " in the header before its data, but ", expected,
            " in the directory.");
    };
    check("CRC32", header.crc, record.entry.crc);
    const auto check_size = [&](uint32_t value, size_t place, uint64_t expected) {
      if (!has_sizes || value != kMax32) check("size", value, expected);
      if (has_sizes) check("size", load<uint64_t>(zip64->data() + 8 * place), expected);
    };
    check_size(header.size, 0, record.size);
    check_size(header.stored_size, 1, record.stored_size);
    if (zip64_bytes % 16 == 8) check("offset", load<uint64_t>(zip64->data() + zip64_bytes - 8), record.offset);
  }

  template <class Size>
  void read_descriptor(const Record& record) {
    const auto rest = records_.subspan(at_);
    if (rest.size() < sizeof(Descriptor<Size>) || load<uint32_t>(rest.data()) != kDescriptorSignature) {
      fault(record, "has no data descriptor at byte ", at_, ", after its data.");
    }
    const auto descriptor = load<Descriptor<Size>>(rest.data());
    if (descriptor.crc != record.entry.crc || descriptor.size != record.size ||
        descriptor.stored_size != record.stored_size) {
      fault(record, "has CRC32 ", hex(descriptor.crc), " and sizes ", +descriptor.size, " and ",
            +descriptor.stored_size, " after its data, but ", hex(record.entry.crc), " and ", record.size, " and ",
            record.stored_size, " in the directory.");
    }
    at_ += sizeof(Descriptor<Size>);
  }

  std::span<const std::byte> records_;
  std::span<const std::byte> directory_;
  const std::string& where_;
  const ZipLimits& limits_;
  size_t at_ = 0;  // in records_
  size_t directory_at_ = 0;
};

// Inflates records, within a common limit.
class Inflater {
 public:
  Inflater(size_t archive_bytes, const std::string& where, const ZipLimits& limits)
      : where_(where), limit_(std::max(limits.max_inflated_bytes, 16 * archive_bytes)) {}

  void inflate(ZipEntry& entry, uint64_t size) {
    constexpr uint64_t kMaxRatio = 1032;  // the format's maximum
    if (size > limit_ - inflated_bytes_ || size / kMaxRatio > entry.bytes.size()) {
      fail(where_, ": record ", quoted_text(entry.name), " has ", size, " bytes once it is inflated from ",
           entry.bytes.size(), ", expected at most ", limit_, " in all such records (ZipLimits::max_inflated_bytes).");
    }
    inflated_bytes_ += size;
    auto& buffer = buffers_.emplace_back(size);
    size_t read = 0, made = 0;
    const auto result = libdeflate_deflate_decompress_ex(decompressor_.get(), entry.bytes.data(), entry.bytes.size(),
                                                         buffer.data(), buffer.size(), &read, &made);
    if (result != LIBDEFLATE_SUCCESS || read != entry.bytes.size() || made != size) {
      fail(where_, ": record ", quoted_text(entry.name), " is not what deflate makes of ", size, " bytes.");
    }
    entry.bytes = buffer;
  }

  /// Keeps the archive's bytes and the inflated ones alive.
  std::shared_ptr<const void> owner(std::shared_ptr<const void> archive) {
    if (buffers_.empty()) return archive;
    return std::make_shared<std::pair<std::shared_ptr<const void>, Buffers>>(std::move(archive), std::move(buffers_));
  }

 private:
  using Buffers = std::deque<std::vector<std::byte>>;

  const std::string& where_;
  size_t limit_;
  size_t inflated_bytes_ = 0;
  Buffers buffers_;
  std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor_{
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor};
};

}  // namespace

ZipFile ZipFile::open(const std::string& path, const ZipOptions& options) {
  auto file = MappedFile::open(path);
  return parse(file->bytes(), path, file, options);
}

ZipFile ZipFile::parse(std::span<const std::byte> bytes, const std::string& where, std::shared_ptr<const void> owner,
                       const ZipOptions& options) {
  const Directory directory = EndReader(bytes, where).read();
  const uint64_t limit = std::min<uint64_t>(options.limits.max_entries, directory.bytes / sizeof(CentralHeader));
  if (directory.entries > limit || directory.entries >= NameIndex::kNone) {
    fail(where, ": declares ", directory.entries, " entries in a directory of ", directory.bytes,
         " bytes, expected at most ", limit, ".");
  }
  ZipFile file;
  file.where_ = where;
  file.entries_.reserve(directory.entries);
  file.index_.reserve(directory.entries);
  RecordReader reader(bytes, directory, where, options.limits);
  Inflater inflater(bytes.size(), where, options.limits);
  const auto name_of = [&](size_t number) { return file.entries_[number].name; };
  for (size_t i = 0; i < directory.entries; ++i) {
    Record record = reader.next(i);
    if (record.is_folder()) continue;
    if (record.method == kDeflated) inflater.inflate(record.entry, record.size);
    file.entries_.push_back(record.entry);
    const std::string_view name = record.entry.name;
    if (!file.index_.add(name, name_of)) fail(where, ": record ", quoted_text(name), " appears twice.");
  }
  reader.check_nothing_is_left();
  file.owner_ = inflater.owner(std::move(owner));
  if (options.check_crc) {
    for (const ZipEntry& entry : file.entries_) file.check_crc(entry);
  }
  return file;
}

const ZipEntry* ZipFile::find(std::string_view name) const {
  const uint32_t found = index_.find(name, [&](size_t number) { return entries_[number].name; });
  return found == NameIndex::kNone ? nullptr : &entries_[found];
}

const ZipEntry& ZipFile::at(std::string_view name) const {
  const ZipEntry* entry = find(name);
  if (entry == nullptr) fail(where_, ": has no record ", quoted_text(name), ".");
  return *entry;
}

void ZipFile::check_crc(const ZipEntry& entry, std::span<const std::byte> copy) const {
  const uint32_t crc = crc32(copy);
  if (crc == entry.crc) return;
  fail(where_, ": record ", quoted_text(entry.name), " has bytes of CRC32 ", hex(crc), ", expected ", hex(entry.crc),
       entry.crc == 0 ? " (0: perhaps its writer computed none; then open it without check_crc)." : ".");
}

}  // namespace bisque
