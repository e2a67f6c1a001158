#include <bisque/ops3d/io/list_files.h>

#include <algorithm>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

bool may_be_read(const fs::directory_entry& entry) {
  std::error_code missing;
  const fs::file_type type = entry.status(missing).type();
  return type == fs::file_type::regular || type == fs::file_type::not_found;
}

}  // namespace

std::vector<fs::path> list_files(const std::string& folder, std::span<const std::string_view> extensions,
                                 Subfolders subfolders) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const fs::path& path = it->path();
    if (subfolders == Subfolders::kSkip || is_hidden(path)) it.disable_recursion_pending();
    const std::string extension = lower_extension(path.string());
    const bool is_wanted = std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
    if (is_wanted && !is_hidden(path) && may_be_read(*it)) files.push_back(path.lexically_relative(folder));
  }
  if (error) fail(folder, ": cannot be listed (", error.message(), ").");
  std::sort(files.begin(), files.end(),
            [](const fs::path& a, const fs::path& b) { return a.generic_string() < b.generic_string(); });
  return files;
}

}  // namespace bisque
