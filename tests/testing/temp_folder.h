// A folder of a test's own.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>

#include <bisque/tests/testing/files.h>

namespace bisque::test {

/// A new, empty folder that goes with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "bisque-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string path() const { return path_.string(); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file in it and returns its path.
  std::string write(const std::string& name, std::string_view content) const {
    write_file(*this / name, content);
    return *this / name;
  }
  /// The files in it, hidden ones too.
  size_t num_files() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::filesystem::path path_;
};

}  // namespace bisque::test
