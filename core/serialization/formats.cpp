#include <bisque/core/serialization/formats.h>

#include <bisque/core/error.h>

namespace bisque {

void FormatRegistry::add(const Format& format) {
  const std::lock_guard lock(mutex_);
  if (!readers_.emplace(std::pair(format.kind, format.extension), format.reader).second) {
    fail("the format ", format.extension, " of a ", format.kind,
         " is taken, expected one that no plugin has registered.");
  }
}

void FormatRegistry::remove(const std::string& kind, const std::string& extension) {
  const std::lock_guard lock(mutex_);
  readers_.erase({kind, extension});
}

std::any FormatRegistry::find(const std::string& kind, const std::string& extension) const {
  const std::lock_guard lock(mutex_);
  const auto found = readers_.find({kind, extension});
  return found == readers_.end() ? std::any() : found->second;
}

std::vector<std::string> FormatRegistry::extensions(const std::string& kind) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> result;
  for (const auto& [key, reader] : readers_) {
    if (key.first == kind) result.push_back(key.second);
  }
  return result;
}

FormatRegistry& formats() {
  static FormatRegistry registry;
  return registry;
}

}  // namespace bisque
