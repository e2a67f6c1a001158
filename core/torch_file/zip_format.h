// Shared by the reader and the writer of zip archives: PKWARE's APPNOTE.TXT 6.3, as PyTorch's files use it.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace bisque::zip {

static_assert(std::endian::native == std::endian::little, "zip archives are little-endian");

inline constexpr uint32_t kLocalSignature = 0x04034b50;
inline constexpr uint32_t kDescriptorSignature = 0x08074b50;
inline constexpr uint32_t kCentralSignature = 0x02014b50;
inline constexpr uint32_t kZip64EndSignature = 0x06064b50;
inline constexpr uint32_t kLocatorSignature = 0x07064b50;
inline constexpr uint32_t kEndSignature = 0x06054b50;

// The headers in their file layout.

/// Precedes each record's data; name and extra fields follow it.
struct [[gnu::packed]] LocalHeader {
  uint32_t signature = kLocalSignature;
  uint16_t version_needed = 0;
  uint16_t flags = 0;
  uint16_t method = 0;  // kStored or kDeflated
  uint16_t time = 0;
  uint16_t date = 0;
  uint32_t crc = 0;
  uint32_t stored_size = 0;
  uint32_t size = 0;
  uint16_t name_bytes = 0;
  uint16_t extra_bytes = 0;
};

/// Follows the data if kFlagDescriptor is set; Size is uint64_t if the local header has a zip64 field.
template <class Size>
struct [[gnu::packed]] Descriptor {
  uint32_t signature = kDescriptorSignature;
  uint32_t crc = 0;
  Size stored_size = 0;
  Size size = 0;
};

/// An entry of the directory; name, extra fields and comment follow it.
struct [[gnu::packed]] CentralHeader {
  uint32_t signature = kCentralSignature;
  uint16_t version_made_by = 0;
  uint16_t version_needed = 0;
  uint16_t flags = 0;
  uint16_t method = 0;
  uint16_t time = 0;
  uint16_t date = 0;
  uint32_t crc = 0;
  uint32_t stored_size = 0;
  uint32_t size = 0;
  uint16_t name_bytes = 0;
  uint16_t extra_bytes = 0;
  uint16_t comment_bytes = 0;
  uint16_t disk = 0;
  uint16_t internal_attributes = 0;
  uint32_t external_attributes = 0;
  uint32_t offset = 0;
};

struct [[gnu::packed]] Zip64End {
  uint32_t signature = kZip64EndSignature;
  uint64_t bytes_behind = 44;  // bytes of this record after this field
  uint16_t version_made_by = 0x031E;
  uint16_t version_needed = 45;
  uint32_t disk = 0;
  uint32_t directory_disk = 0;
  uint64_t disk_entries = 0;
  uint64_t entries = 0;
  uint64_t directory_bytes = 0;
  uint64_t directory_offset = 0;
};

struct [[gnu::packed]] Zip64Locator {
  uint32_t signature = kLocatorSignature;
  uint32_t end_disk = 0;
  uint64_t end_offset = 0;
  uint32_t disks = 1;
};

struct [[gnu::packed]] EndRecord {
  uint32_t signature = kEndSignature;
  uint16_t disk = 0;
  uint16_t directory_disk = 0;
  uint16_t disk_entries = 0;
  uint16_t entries = 0;
  uint32_t directory_bytes = 0;
  uint32_t directory_offset = 0;
  uint16_t comment_bytes = 0;
};

/// Extra fields are such headers, each followed by its data.
struct [[gnu::packed]] ExtraHeader {
  uint16_t id = 0;
  uint16_t bytes = 0;
};

static_assert(sizeof(LocalHeader) == 30 && sizeof(CentralHeader) == 46 && sizeof(EndRecord) == 22);
static_assert(sizeof(Descriptor<uint32_t>) == 16 && sizeof(Descriptor<uint64_t>) == 24);
static_assert(sizeof(Zip64End) == 56 && sizeof(Zip64Locator) == 20 && sizeof(ExtraHeader) == 4);

inline constexpr uint16_t kStored = 0;  // methods
inline constexpr uint16_t kDeflated = 8;

inline constexpr uint16_t kFlagsDeflate = 3 << 1;    // deflate's compression level
inline constexpr uint16_t kFlagDescriptor = 1 << 3;  // checksum and sizes also follow the data
inline constexpr uint16_t kFlagUtf8 = 1 << 11;
inline constexpr uint16_t kExtraZip64 = 0x0001;
inline constexpr uint16_t kExtraUnicodeName = 0x7075;
inline constexpr uint16_t kExtraPadding = 0x4246;  // "FB", PyTorch's

inline constexpr uint16_t kMax16 = 0xFFFF;
inline constexpr uint32_t kMax32 = 0xFFFFFFFF;  // "see the zip64 field"

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

/// nullptr for a valid name of a record: a relative path of non-empty components in UTF-8; otherwise the reason.
const char* name_fault(std::string_view name);

bool is_ascii(std::string_view text);

/// SipHash-1-3 (https://www.aumasson.jp/siphash/siphash.pdf) with a key per run, so no file can contain names that all
/// collide.
uint64_t name_hash(std::string_view name);

}  // namespace bisque::zip
