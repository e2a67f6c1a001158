#include <bisque/core/torch_file/legacy_torch_file.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/core/torch_file/pickle_reader.h>
#include <bisque/core/torch_file/seeded_hash.h>

namespace bisque {
namespace {

constexpr std::string_view kLegacyMagic("\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19", 10);  // an int, little-endian
constexpr int64_t kProtocol = 1001;

// The file's parts, in order.
class LegacyParser {
 public:
  LegacyParser(std::span<const std::byte> bytes, const std::string& where, const PickleOptions& options)
      : rest_(bytes), where_(where), options_(options) {}

  LegacyTorchFile parse() {
    check_begin();
    LegacyTorchFile file;
    file.written_little_endian = take_byte_order();
    const size_t before = rest_.size();
    file.pickle = take_pickle(rest_, where_ + ": data", options_);
    file.pickle_bytes = before - rest_.size();
    const TorchPickle data(file.pickle, where_);
    std::vector<StorageInfo> storages = data.storages();
    std::unordered_map<std::string_view, const StorageInfo*, SeededHash> by_key;
    for (const StorageInfo& storage : storages) by_key.emplace(storage.key, &storage);
    const Pickle keys = take_pickle(rest_, where_ + ": storage keys", options_);
    if (keys.kind(keys.root) != PickleKind::List) fail(where_, ": has no list of storage keys after its data.");
    for (const NodeId key : keys.items(keys.root)) {
      if (keys.kind(key) != PickleKind::Str) fail(where_, ": has a storage key that is not a str.");
      const auto found = by_key.find(keys.text(key));
      if (found == by_key.end()) {
        fail(where_, ": lists storage ", quoted_text(keys.text(key)),
             ", which its data do not use, or lists it twice.");
      }
      file.storages.push_back({*found->second, take_storage(*found->second)});
      by_key.erase(found);
    }
    if (!by_key.empty()) {
      fail(where_, ": refers to storage ", quoted_text(by_key.begin()->first), ", whose data it does not hold.");
    }
    if (!rest_.empty()) fail(where_, ": ", rest_.size(), " bytes follow the last storage.");
    return file;
  }

 private:
  void check_begin() {
    if (!is_legacy_torch_file(rest_)) {
      fail(where_, ": does not begin with the magic number of torch's files before 1.6.");
    }
    take_pickle(rest_, where_ + ": magic number", options_);
    const Pickle protocol = take_pickle(rest_, where_ + ": protocol", options_);
    const bool is_int = protocol.kind(protocol.root) == PickleKind::Int;
    if (!is_int || protocol[protocol.root].integer != kProtocol) {
      fail(where_, ": has another protocol than ", kProtocol, ", the only supported one.");
    }
  }

  bool take_byte_order() {
    const Pickle info = take_pickle(rest_, where_ + ": system information", options_);
    if (info.kind(info.root) == PickleKind::Dict) {
      const auto items = info.items(info.root);
      for (size_t i = 0; i < items.size(); i += 2) {
        const bool is_it = info.kind(items[i]) == PickleKind::Str && info.text(items[i]) == "little_endian";
        if (is_it && info.kind(items[i + 1]) == PickleKind::Bool) return info[items[i + 1]].integer != 0;
      }
    }
    fail(where_, ": has no little_endian in its system information.");
  }

  // Eight bytes of element count, then the elements.
  std::span<const std::byte> take_storage(const StorageInfo& storage) {
    int64_t numel = 0;
    if (rest_.size() < sizeof numel) fail(where_, ": ends before storage ", quoted_text(storage.key), ".");
    std::memcpy(&numel, rest_.data(), sizeof numel);
    rest_ = rest_.subspan(sizeof numel);
    if (numel != storage.root_numel) {
      fail(where_, ": holds ", numel, " elements of storage ", quoted_text(storage.key), ", but its data use ",
           storage.root_numel, ".");
    }
    if (storage.root_bytes() > rest_.size()) {
      fail(where_, ": ends within storage ", quoted_text(storage.key), ": ", rest_.size(), " of ", storage.root_bytes(),
           " bytes are present.");
    }
    const auto bytes = rest_.first(storage.root_bytes());
    rest_ = rest_.subspan(storage.root_bytes());
    return bytes;
  }

  std::span<const std::byte> rest_;
  const std::string& where_;
  const PickleOptions& options_;
};

}  // namespace

bool is_legacy_torch_file(std::span<const std::byte> bytes) {
  // PROTO 2 to 5 (a FRAME from 4 on), LONG1 and the number.
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), std::min<size_t>(bytes.size(), 32));
  if (text.size() < 2 || text[0] != '\x80') return false;
  size_t at = 2;
  if (text.substr(at, 1) == "\x95") at += 9;
  return at <= text.size() && text.substr(at, 2) == std::string_view("\x8A\x0A") &&
         text.substr(at + 2, 10) == kLegacyMagic;
}

LegacyTorchFile parse_legacy_torch_file(std::span<const std::byte> bytes, const std::string& where,
                                        const PickleOptions& options) {
  return LegacyParser(bytes, where, options).parse();
}

}  // namespace bisque
