// Whole files, and where the real data are.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace bisque::test {

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
}

/// The path of a file or folder in shared/data, which lies beside the tree unless BISQUE_SHARED names another shared/;
/// empty where it is absent.
inline std::string shared_data(const std::string& name) {
  const char* given = std::getenv("BISQUE_SHARED");
  const std::filesystem::path tree = std::filesystem::path(__FILE__).parent_path() / "../..";
  const std::filesystem::path shared = given != nullptr && *given != '\0' ? given : tree / "../shared";
  const std::filesystem::path path = shared / "data" / name;
  return std::filesystem::exists(path) ? path.string() : "";
}

/// The path of a file or folder in tests/cases.
inline std::string case_file(const std::string& name) {
  return (std::filesystem::path(__FILE__).parent_path() / "../cases" / name).lexically_normal().string();
}

}  // namespace bisque::test

/// Makes `path` that of shared/data/`name`, or skips the test where that is absent.
#define BISQUE_NEEDS_SHARED(path, name)                     \
  const std::string path = bisque::test::shared_data(name); \
  if (path.empty()) GTEST_SKIP() << "shared/data/" << (name) << " is absent (BISQUE_SHARED names shared/)"
