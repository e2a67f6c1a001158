#include <bisque/core/torch_file/zip_format.h>

#include <algorithm>
#include <random>

#include <bisque/core/serialization/text.h>

namespace bisque::zip {
namespace {

struct SipState {
  uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }

  void add(uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

// The state derived from the key.
SipState keyed_state() {
  std::random_device random;
  const auto word = [&] { return uint64_t{random()} << 32 | random(); };
  const uint64_t k0 = word();
  const uint64_t k1 = word();
  return {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
}

}  // namespace

uint64_t name_hash(std::string_view name) {
  static const SipState start = keyed_state();
  SipState state = start;
  const auto* bytes = reinterpret_cast<const std::byte*>(name.data());
  const size_t whole = name.size() / 8 * 8;
  for (size_t i = 0; i < whole; i += 8) state.add(load<uint64_t>(bytes + i));
  uint64_t last = uint64_t{name.size()} << 56;
  for (size_t i = whole; i < name.size(); ++i) last |= std::to_integer<uint64_t>(bytes[i]) << (8 * (i - whole));
  state.add(last);
  state.v2 ^= 0xFF;
  for (int i = 0; i < 3; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

const char* name_fault(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.front() == '/') return "is an absolute path";
  if (name.back() == '/') return "is that of a folder";
  if (name.find('\0') != std::string_view::npos) return "holds a zero byte";
  if (name.find('\\') != std::string_view::npos) return "holds a backslash";
  if (!is_utf8(name)) return "is not UTF-8";
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty()) return "has an empty component";
    if (part == ".") return "has a component \".\"";
    if (part == "..") return "has a component \"..\"";
    begin = end + 1;
  }
  return nullptr;
}

}  // namespace bisque::zip
