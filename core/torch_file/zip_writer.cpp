#include <bisque/core/torch_file/zip_writer.h>

#include <algorithm>
#include <future>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/core/torch_file/crc32.h>
#include <bisque/core/torch_file/zip_format.h>

namespace bisque {
namespace {

using namespace zip;

constexpr size_t kMaxNameBytes = 4096;  // the same as in ZipLimits
constexpr size_t kBufferBytes = size_t{1} << 18;
constexpr size_t kStraightBytes = size_t{1} << 16;  // from this size on, a copy costs more than a call of the sink
constexpr size_t kThreadBytes = size_t{1} << 20;    // and here a thread less than a checksum

void append(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

void append(std::vector<std::byte>& to, std::string_view text) { append(to, std::as_bytes(std::span(text))); }

template <class T>
void append_struct(std::vector<std::byte>& to, const T& value) {
  append(to, std::as_bytes(std::span(&value, 1)));
}

// As in PyTorch's files, nothing follows a record without data.
uint16_t flags_for(uint64_t size) { return static_cast<uint16_t>(kFlagUtf8 | (size > 0 ? kFlagDescriptor : 0)); }

uint32_t narrow32(uint64_t value) { return static_cast<uint32_t>(std::min<uint64_t>(value, kMax32)); }

// The zip64 field of a record, if it needs one, for values that do not fit 32 bits.
size_t zip64_bytes(uint64_t offset, uint64_t size) {
  const size_t values = (size >= kMax32 ? 2 : 0) + (offset >= kMax32 ? 1 : 0);
  return values == 0 ? 0 : sizeof(ExtraHeader) + 8 * values;
}

void append_zip64(std::vector<std::byte>& to, uint64_t offset, uint64_t size, uint64_t stored_size) {
  const size_t bytes = zip64_bytes(offset, size);
  if (bytes == 0) return;
  append_struct(to, ExtraHeader{kExtraZip64, static_cast<uint16_t>(bytes - sizeof(ExtraHeader))});
  if (size >= kMax32) {
    append_struct(to, size);
    append_struct(to, stored_size);
  }
  if (offset >= kMax32) append_struct(to, offset);
}

}  // namespace

ZipWriter::ZipWriter(ByteSink sink, const std::string& where) : sink_(std::move(sink)), where_(where) {
  buffer_.reserve(kBufferBytes + 2 * kStraightBytes);
}

void ZipWriter::add(std::string_view name, std::span<const std::span<const std::byte>> parts) {
  if (finished_) fail(where_, ": record ", quoted_text(name), " is added to an archive that is finished.");
  add_name(name);
  uint64_t size = 0;
  for (const auto part : parts) size += part.size();
  const uint64_t offset = position();
  write_local(name, size);
  const uint32_t crc = write_data(parts);
  if (size > 0) write_descriptor(offset, crc, size);
  add_central(name, offset, crc, size);
  if (buffer_.size() >= kBufferBytes) flush();
}

void ZipWriter::finish() {
  if (finished_) fail(where_, ": the archive is finished twice.");
  finished_ = true;
  const uint64_t begin = position();
  const uint64_t entries = entries_.size();
  Zip64End zip64;
  zip64.disk_entries = zip64.entries = entries;
  zip64.directory_bytes = central_.size();
  zip64.directory_offset = begin;
  Zip64Locator locator;
  locator.end_offset = begin + central_.size();
  EndRecord end;
  end.disk_entries = end.entries = static_cast<uint16_t>(std::min<uint64_t>(entries, kMax16));
  end.directory_bytes = narrow32(central_.size());
  end.directory_offset = narrow32(begin);
  append_struct(central_, zip64);
  append_struct(central_, locator);
  append_struct(central_, end);
  flush();
  sink_(central_);
}

void ZipWriter::add_name(std::string_view name) {
  if (const char* what = name_fault(name)) {
    fail(where_, ": record name ", quoted_text(name), " ", what, ", expected a relative path inside the archive.");
  }
  if (name.size() > kMaxNameBytes) {
    fail(where_, ": record name ", quoted_text(name), " has ", name.size(), " bytes, expected at most ", kMaxNameBytes,
         ".");
  }
  if (entries_.size() >= NameIndex::kNone) fail(where_, ": has too many records.");
  if (!index_.add(name, [this](size_t number) { return name_of(number); })) {
    fail(where_, ": record name ", quoted_text(name), " is taken.");
  }
}

// Like PyTorch's writer: sizes that fit 32 bits are left 0, and a private extra field pads up to the data.
void ZipWriter::write_local(std::string_view name, uint64_t size) {
  const uint64_t offset = position();
  const size_t zip64 = zip64_bytes(offset, size);
  const uint64_t unpadded = offset + sizeof(LocalHeader) + name.size() + zip64 + sizeof(ExtraHeader);
  const size_t padding = (kAlignment - unpadded % kAlignment) % kAlignment;
  LocalHeader header;
  header.flags = flags_for(size);
  header.name_bytes = static_cast<uint16_t>(name.size());
  header.extra_bytes = static_cast<uint16_t>(zip64 + sizeof(ExtraHeader) + padding);
  append_struct(buffer_, header);
  append(buffer_, name);
  append_zip64(buffer_, offset, size, 0);
  append_struct(buffer_, ExtraHeader{kExtraPadding, static_cast<uint16_t>(padding)});
  buffer_.resize(buffer_.size() + padding, std::byte{'Z'});
}

uint32_t ZipWriter::write_data(std::span<const std::span<const std::byte>> parts) {
  uint32_t crc = 0;
  for (auto part : parts) {
    if (part.size() < kStraightBytes) {
      crc = crc32(part, crc);
      append(buffer_, part);
      if (buffer_.size() >= kBufferBytes) flush();
      continue;
    }
    flush();
    // Another thread computes the checksum meanwhile, which takes a tenth of the time of writing to memory; without
    // another thread this one does.
    auto checksum = std::async(std::launch::async | std::launch::deferred, crc32, part, crc);
    sink_(part);
    flushed_ += part.size();
    crc = checksum.get();
  }
  return crc;
}

void ZipWriter::write_descriptor(uint64_t offset, uint32_t crc, uint64_t size) {
  if (zip64_bytes(offset, size) > 0) {
    append_struct(buffer_, Descriptor<uint64_t>{kDescriptorSignature, crc, size, size});
  } else {
    const auto narrow = static_cast<uint32_t>(size);
    append_struct(buffer_, Descriptor<uint32_t>{kDescriptorSignature, crc, narrow, narrow});
  }
}

void ZipWriter::add_central(std::string_view name, uint64_t offset, uint32_t crc, uint64_t size) {
  entries_.push_back(central_.size());
  CentralHeader header;
  header.flags = flags_for(size);
  header.crc = crc;
  header.size = header.stored_size = narrow32(size);
  header.name_bytes = static_cast<uint16_t>(name.size());
  header.extra_bytes = static_cast<uint16_t>(zip64_bytes(offset, size));
  header.offset = narrow32(offset);
  append_struct(central_, header);
  append(central_, name);
  append_zip64(central_, offset, size, size);
}

void ZipWriter::flush() {
  if (buffer_.empty()) return;
  sink_(buffer_);
  flushed_ += buffer_.size();
  buffer_.clear();
}

std::string_view ZipWriter::name_of(size_t number) const {
  const std::byte* header = central_.data() + entries_[number];
  return {reinterpret_cast<const char*>(header) + sizeof(CentralHeader), load<CentralHeader>(header).name_bytes};
}

}  // namespace bisque
