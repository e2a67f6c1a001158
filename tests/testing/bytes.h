// Files assembled byte by byte, as an independent reference.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bisque::test {

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

/// The values as bytes in memory.
template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

inline std::string little_endian(uint64_t value, int num_bytes) {
  std::string bytes;
  for (int i = 0; i < num_bytes; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

inline std::string big_endian(uint32_t value) {
  std::string bytes = little_endian(value, 4);
  return {bytes.rbegin(), bytes.rend()};
}

/// A .npy file, as NumPy documents it.
inline std::string npy_bytes(const std::string& header, const std::string& data, int version = 1) {
  const std::string begin = "\x93NUMPY" + std::string{static_cast<char>(version), '\0'};
  return begin + little_endian(header.size(), version == 1 ? 2 : 4) + header + data;
}

/// The header of a .npy file: npy_header("'<f4'", "(2, 3)").
inline std::string npy_header(const std::string& descr, const std::string& shape, const std::string& order = "False") {
  return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

/// A .safetensors file.
inline std::string safetensors_bytes(const std::string& header, const std::string& data) {
  return little_endian(header.size(), 8) + header + data;
}

}  // namespace bisque::test
