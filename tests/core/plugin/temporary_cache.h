// A cache of probes that is empty, and removed at the end.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace bisque::test {

class TemporaryCache {
 public:
  TemporaryCache() {
    if (const char* value = std::getenv("XDG_CACHE_HOME")) before_ = value;
    setenv("XDG_CACHE_HOME", folder_.c_str(), 1);
  }
  ~TemporaryCache() {
    std::filesystem::remove_all(folder_);
    before_ ? setenv("XDG_CACHE_HOME", before_->c_str(), 1) : unsetenv("XDG_CACHE_HOME");
  }
  TemporaryCache(const TemporaryCache&) = delete;
  TemporaryCache& operator=(const TemporaryCache&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("bisque_cache." + std::to_string(getpid()));
  std::optional<std::string> before_;
};

}  // namespace bisque::test
