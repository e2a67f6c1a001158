// Internal. Writes zip archives for torch.load, in one pass.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/core/torch_file/byte_sink.h>
#include <bisque/core/torch_file/name_index.h>

namespace bisque {

/// Writes stored records exactly like PyTorch's writer: each record's data begins at a multiple of 64 bytes from the
/// start of the archive and is followed by its checksum and size; sizes and offsets of 4 GiB and more are in zip64
/// fields. Small records are collected in a buffer; the bytes of large ones go directly to the sink.
class ZipWriter {
 public:
  static constexpr size_t kAlignment = 64;

  /// `where` is the prefix of messages. Any member can throw the sink's exceptions; the archive is lost then.
  ZipWriter(ByteSink sink, const std::string& where);

  /// Error: a name that is taken, or that ZipFile would reject.
  void add(std::string_view name, std::span<const std::byte> bytes) { add(name, std::span(&bytes, 1)); }
  void add(std::string_view name, std::string_view text) { add(name, std::as_bytes(std::span(text))); }
  /// A record of several parts, one after the other.
  void add(std::string_view name, std::span<const std::span<const std::byte>> parts);
  /// Writes the directory, which completes the archive. Nothing may be added after it.
  void finish();

 private:
  void add_name(std::string_view name);
  void write_local(std::string_view name, uint64_t size);
  uint32_t write_data(std::span<const std::span<const std::byte>> parts);
  void write_descriptor(uint64_t offset, uint32_t crc, uint64_t size);
  void add_central(std::string_view name, uint64_t offset, uint32_t crc, uint64_t size);
  void flush();

  uint64_t position() const { return flushed_ + buffer_.size(); }
  std::string_view name_of(size_t number) const;

  ByteSink sink_;
  std::string where_;
  std::vector<std::byte> buffer_;
  uint64_t flushed_ = 0;            // bytes passed to the sink
  std::vector<std::byte> central_;  // the directory
  std::vector<uint64_t> entries_;   // the start of each in it
  zip::NameIndex index_;            // into entries_
  bool finished_ = false;
};

}  // namespace bisque
