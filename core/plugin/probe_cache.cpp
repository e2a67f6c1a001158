#include <bisque/core/plugin/probe_cache.h>

#include <sys/stat.h>
#include <torch/version.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/core/plugin/core_abi.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

namespace fs = std::filesystem;

std::string cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache == '/') return std::string(cache) + "/bisque/plugins";  // relative paths are invalid there
  const char* home = std::getenv("HOME");
  return home && *home ? std::string(home) + "/.cache/bisque/plugins" : "";
}

std::string hash_text(std::string_view bytes) {
  std::ostringstream text;
  text << std::hex << std::hash<std::string_view>()(bytes);
  return text.str();
}

}  // namespace

ProbeCacheEntry::ProbeCacheEntry(const std::string& path) {
  std::error_code error;
  const std::string full = fs::canonical(path, error).string();
  struct stat status;
  if (error || ::stat(full.c_str(), &status) != 0) fail(path, ": cannot be read (", std::strerror(errno), ").");
  const auto library = MappedFile::open(full);
  std::ostringstream identity;
  identity << "probe 1 | " << escaped(full) << " | " << status.st_size << " bytes | " << status.st_mtim.tv_sec << "."
           << status.st_mtim.tv_nsec << " | " << hash_text(text_of(library->bytes())) << " | " << BISQUE_CORE_ABI;
  identity_ = identity.str();
  const std::string folder = cache_folder();
  if (!folder.empty()) file_ = folder + "/" + hash_text(full);
}

std::optional<ProbeOutcome> ProbeCacheEntry::find() const {
  std::ifstream file(file_, std::ios::binary);
  std::string line;
  if (file_.empty() || !std::getline(file, line) || line != identity_) return std::nullopt;
  const std::string failure{std::istreambuf_iterator<char>(file), {}};
  return ProbeOutcome{failure, !failure.empty()};
}

void ProbeCacheEntry::store(const ProbeOutcome& outcome) const {
  if (file_.empty()) return;
  std::error_code error;
  fs::create_directories(fs::path(file_).parent_path(), error);
  try {
    AtomicFile file(file_);
    file.write(identity_ + "\n" + outcome.failure);
    file.commit(/*sync=*/false);
  } catch (const Error&) {
  }
}

}  // namespace bisque
