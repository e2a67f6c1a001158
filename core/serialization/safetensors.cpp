#include <bisque/core/serialization/safetensors.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <set>
#include <sstream>
#include <tuple>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/core/serialization/json.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>

namespace bisque {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "the data of .safetensors files is little-endian");

namespace {

constexpr size_t kLengthBytes = 8;
constexpr size_t kMaxHeaderBytes = 100'000'000;  // the format's limit
constexpr size_t kDataAlignment = 64;
constexpr int kMaxHeaderDepth = 3;  // the header, a tensor, its shape

struct DtypeInfo {
  Dtype dtype;
  std::string_view name;
  size_t bits;
};

// In the order of the enum.
constexpr std::array<DtypeInfo, 22> kDtypes{{
    {Dtype::BOOL, "BOOL", 8},
    {Dtype::F4, "F4", 4},
    {Dtype::F6_E2M3, "F6_E2M3", 6},
    {Dtype::F6_E3M2, "F6_E3M2", 6},
    {Dtype::U8, "U8", 8},
    {Dtype::I8, "I8", 8},
    {Dtype::F8_E5M2, "F8_E5M2", 8},
    {Dtype::F8_E4M3, "F8_E4M3", 8},
    {Dtype::F8_E8M0, "F8_E8M0", 8},
    {Dtype::F8_E4M3FNUZ, "F8_E4M3FNUZ", 8},
    {Dtype::F8_E5M2FNUZ, "F8_E5M2FNUZ", 8},
    {Dtype::I16, "I16", 16},
    {Dtype::U16, "U16", 16},
    {Dtype::F16, "F16", 16},
    {Dtype::BF16, "BF16", 16},
    {Dtype::I32, "I32", 32},
    {Dtype::U32, "U32", 32},
    {Dtype::F32, "F32", 32},
    {Dtype::C64, "C64", 64},
    {Dtype::F64, "F64", 64},
    {Dtype::I64, "I64", 64},
    {Dtype::U64, "U64", 64},
}};

std::string shape_text(std::span<const int64_t> shape) {
  std::ostringstream text;
  text << "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text << ", ";
    if (shape[i] == kAnySize)
      text << "any";
    else
      text << shape[i];
  }
  text << "]";
  return text.str();
}

// The bytes of a tensor; nothing if they overflow 64 bits or end within a byte.
std::optional<uint64_t> byte_count(Dtype dtype, std::span<const int64_t> shape) {
  uint64_t bits = dtype_bits(dtype);
  for (const int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(bits, static_cast<uint64_t>(size), &bits)) return std::nullopt;
  }
  if (bits % 8 != 0) return std::nullopt;
  return bits / 8;
}

// One tensor of the header, with its range in the data.
struct HeaderEntry {
  TensorView tensor;
  uint64_t begin = 0;
  uint64_t end = 0;
};

class HeaderReader {
 public:
  HeaderReader(const std::string& where, size_t data_bytes) : where_(where), data_bytes_(data_bytes) {}

  HeaderEntry entry(const std::string& name, const json& value) const {
    if (!value.is_object()) fail(where_, ": tensor ", quoted(name), " is not described by a JSON object.");
    for (const auto& [key, unused] : value.items()) {
      if (key != "dtype" && key != "shape" && key != "data_offsets") {
        fail(where_, ": tensor ", quoted(name), " has an unknown key ", quoted(key),
             ", expected dtype, shape and data_offsets.");
      }
    }
    HeaderEntry entry;
    entry.tensor.name = name;
    entry.tensor.dtype = dtype(name, value);
    for (const uint64_t size : integers(name, value, "shape")) {
      if (size > static_cast<uint64_t>(INT64_MAX)) fail(where_, ": tensor ", quoted(name), " has a size above 2^63.");
      entry.tensor.shape.push_back(static_cast<int64_t>(size));
    }
    const std::vector<uint64_t> offsets = integers(name, value, "data_offsets");
    if (offsets.size() != 2) {
      fail(where_, ": tensor ", quoted(name), " has ", offsets.size(), " data_offsets, expected 2.");
    }
    entry.begin = offsets[0];
    entry.end = offsets[1];
    check_range(entry);
    return entry;
  }

  std::map<std::string, std::string> metadata(const json& value) const {
    if (!value.is_object()) fail(where_, ": __metadata__ is not a JSON object.");
    std::map<std::string, std::string> result;
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail(where_, ": __metadata__ key ", quoted(key), " has a value that is not a string.");
      result.emplace(key, text.get<std::string>());
    }
    return result;
  }

 private:
  static std::string quoted(const std::string& text) { return json(text).dump(); }

  const json& member(const std::string& name, const json& value, const char* key) const {
    const auto found = value.find(key);
    if (found == value.end()) fail(where_, ": tensor ", quoted(name), " has no ", key, ".");
    return *found;
  }

  Dtype dtype(const std::string& name, const json& value) const {
    const json& text = member(name, value, "dtype");
    const auto dtype = text.is_string() ? dtype_from_name(text.get_ref<const std::string&>()) : std::nullopt;
    if (!dtype) fail(where_, ": tensor ", quoted(name), " has an unknown dtype ", text.dump(), ".");
    return *dtype;
  }

  std::vector<uint64_t> integers(const std::string& name, const json& value, const char* key) const {
    const json& list = member(name, value, key);
    if (!list.is_array()) fail(where_, ": tensor ", quoted(name), " has a ", key, " that is not a list.");
    std::vector<uint64_t> result;
    for (const json& item : list) {
      if (!item.is_number_unsigned()) {
        fail(where_, ": tensor ", quoted(name), " has ", item.dump(), " in its ", key,
             ", expected a non-negative integer.");
      }
      result.push_back(item.get<uint64_t>());
    }
    return result;
  }

  void check_range(const HeaderEntry& entry) const {
    const std::string name = quoted(entry.tensor.name);
    if (entry.begin > entry.end || entry.end > data_bytes_) {
      fail(where_, ": tensor ", name, " is at bytes ", entry.begin, " to ", entry.end, " of the data, which has ",
           data_bytes_, " bytes.");
    }
    const auto bytes = byte_count(entry.tensor.dtype, entry.tensor.shape);
    if (!bytes) fail(where_, ": tensor ", name, " has a shape whose size is not a number of bytes below 2^61.");
    if (*bytes != entry.end - entry.begin) {
      fail(where_, ": tensor ", name, " of ", dtype_name(entry.tensor.dtype), " and shape ",
           shape_text(entry.tensor.shape), " takes ", *bytes, " bytes, but its data_offsets hold ",
           entry.end - entry.begin, ".");
    }
  }

  const std::string& where_;
  size_t data_bytes_;
};

// The tensors in data order. Error: a byte of the data that belongs to no tensor, or to two.
void check_cover(std::vector<HeaderEntry>& entries, size_t data_bytes, const std::string& where) {
  std::sort(entries.begin(), entries.end(), [](const HeaderEntry& a, const HeaderEntry& b) {
    return std::tie(a.begin, a.end, a.tensor.name) < std::tie(b.begin, b.end, b.tensor.name);
  });
  uint64_t covered = 0;
  for (const HeaderEntry& entry : entries) {
    if (entry.begin != covered) {
      fail(where, ": tensor ", json(entry.tensor.name).dump(), " begins at byte ", entry.begin,
           " of the data, expected ", covered, " (", entry.begin > covered ? "a hole" : "an overlap", ").");
    }
    covered = entry.end;
  }
  if (covered != data_bytes) {
    fail(where, ": the tensors end at byte ", covered, " of the data, which has ", data_bytes, " bytes.");
  }
}

}  // namespace

std::string_view dtype_name(Dtype dtype) { return kDtypes[static_cast<size_t>(dtype)].name; }

size_t dtype_bits(Dtype dtype) { return kDtypes[static_cast<size_t>(dtype)].bits; }

std::optional<Dtype> dtype_from_name(std::string_view name) {
  const auto* found = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const auto& info) { return info.name == name; });
  if (found == kDtypes.end()) return std::nullopt;
  return found->dtype;
}

SafetensorsFile SafetensorsFile::open(const std::string& path) {
  auto file = MappedFile::open(path);
  return parse(file->bytes(), path, file);
}

SafetensorsFile SafetensorsFile::parse(std::span<const std::byte> bytes, const std::string& where,
                                       std::shared_ptr<const void> owner) {
  if (bytes.size() < kLengthBytes) {
    fail(where, ": has ", bytes.size(), " bytes, expected at least ", kLengthBytes, " for a safetensors file.");
  }
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), kLengthBytes);
  const size_t limit = std::min(kMaxHeaderBytes, bytes.size() - kLengthBytes);
  if (header_bytes > limit) {
    fail(where, ": declares a header of ", header_bytes, " bytes, expected at most ", limit,
         " for a safetensors file.");
  }
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, header_bytes);
  if (!header.starts_with('{')) fail(where, ": the header does not begin with {, as that of a safetensors file.");
  const json root = parse_json(header, where, {kMaxHeaderBytes, kMaxHeaderDepth});

  SafetensorsFile file;
  file.where_ = where;
  file.owner_ = std::move(owner);
  const auto data = bytes.subspan(kLengthBytes + header_bytes);
  const HeaderReader reader(where, data.size());
  std::vector<HeaderEntry> entries;
  for (const auto& [name, value] : root.items()) {
    if (name == "__metadata__")
      file.metadata_ = reader.metadata(value);
    else
      entries.push_back(reader.entry(name, value));
  }
  check_cover(entries, data.size(), where);
  for (HeaderEntry& entry : entries) {
    entry.tensor.bytes = data.subspan(entry.begin, entry.end - entry.begin);
    file.index_.emplace(entry.tensor.name, file.tensors_.size());
    file.tensors_.push_back(std::move(entry.tensor));
  }
  return file;
}

const TensorView* SafetensorsFile::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &tensors_[found->second];
}

const TensorView& SafetensorsFile::at(std::string_view name) const {
  const TensorView* tensor = find(name);
  if (tensor == nullptr) fail(where_, ": has no tensor \"", name, "\".");
  return *tensor;
}

const TensorView& SafetensorsFile::checked(std::string_view name, Dtype dtype,
                                           const std::optional<std::vector<int64_t>>& shape) const {
  const TensorView& tensor = at(name);
  if (tensor.dtype != dtype) {
    fail(where_, ": tensor \"", name, "\" is ", dtype_name(tensor.dtype), ", expected ", dtype_name(dtype), ".");
  }
  const auto fits = [](int64_t size, int64_t expected) { return expected == kAnySize || size == expected; };
  if (shape && !std::equal(tensor.shape.begin(), tensor.shape.end(), shape->begin(), shape->end(), fits)) {
    fail(where_, ": tensor \"", name, "\" has shape ", shape_text(tensor.shape), ", expected ", shape_text(*shape),
         ".");
  }
  return tensor;
}

void check_safetensors(const std::string& where, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::set<std::string_view> names{"__metadata__"};
  for (const TensorView& tensor : tensors) {
    if (!names.insert(tensor.name).second) fail(where, ": tensor name \"", tensor.name, "\" is taken.");
    if (byte_count(tensor.dtype, tensor.shape) != tensor.bytes.size()) {
      fail(where, ": tensor \"", tensor.name, "\" of ", dtype_name(tensor.dtype), " and shape ",
           shape_text(tensor.shape), " comes with ", tensor.bytes.size(), " bytes.");
    }
  }
  bool is_text = std::all_of(names.begin(), names.end(), [](const auto& name) { return is_utf8(name); });
  for (const auto& [key, value] : metadata) is_text = is_text && is_utf8(key) && is_utf8(value);
  if (!is_text) fail(where, ": a name or the metadata holds text that is not UTF-8.");
}

void write_safetensors(const std::string& path, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string>& metadata) {
  AtomicFile file(path);
  write_safetensors(file, path, tensors, metadata);
  file.commit();
}

void write_safetensors(AtomicFile& file, const std::string& where, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string>& metadata) {
  check_safetensors(where, tensors, metadata);
  std::vector<const TensorView*> order;
  for (const TensorView& tensor : tensors) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(), [](const TensorView* a, const TensorView* b) {
    return dtype_bits(a->dtype) > dtype_bits(b->dtype);
  });

  json root = json::object();
  if (!metadata.empty()) root["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const TensorView* tensor : order) {
    root[tensor->name] = {{"dtype", dtype_name(tensor->dtype)},
                          {"shape", tensor->shape},
                          {"data_offsets", {offset, offset + tensor->bytes.size()}}};
    offset += tensor->bytes.size();
  }
  std::string header = root.dump();
  header.append((kDataAlignment - (kLengthBytes + header.size()) % kDataAlignment) % kDataAlignment, ' ');
  if (header.size() > kMaxHeaderBytes) fail(where, ": needs a header of more than ", kMaxHeaderBytes, " bytes.");

  const uint64_t header_bytes = header.size();
  file.write(std::as_bytes(std::span(&header_bytes, 1)));
  file.write(header);
  for (const TensorView* tensor : order) file.write(tensor->bytes);
}

}  // namespace bisque
