#include <bisque/core/serialization/formats.h>

#include <algorithm>

#include <bisque/core/error.h>

namespace bisque {

const Format* FormatRegistry::find_entry(const std::string& kind, const std::string& extension) const {
  const auto found = std::find_if(formats_.begin(), formats_.end(), [&](const Format& format) {
    return format.kind == kind && format.extension == extension;
  });
  return found == formats_.end() ? nullptr : &*found;
}

void FormatRegistry::add(const Format& format) {
  const std::lock_guard lock(mutex_);
  if (find_entry(format.kind, format.extension) != nullptr) {
    fail("the format ", format.extension, " of a ", format.kind,
         " is taken, expected an extension that is neither built in nor a plugin's.");
  }
  formats_.push_back(format);
}

void FormatRegistry::remove(const std::string& kind, const std::string& extension) {
  const std::lock_guard lock(mutex_);
  std::erase_if(formats_, [&](const Format& format) { return format.kind == kind && format.extension == extension; });
}

std::any FormatRegistry::find(const std::string& kind, const std::string& extension) const {
  const std::lock_guard lock(mutex_);
  const Format* const found = find_entry(kind, extension);
  return found == nullptr ? std::any() : found->format;
}

std::vector<std::string> FormatRegistry::extensions(const std::string& kind) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> result;
  for (const Format& format : formats_) {
    if (format.kind == kind) result.push_back(format.extension);
  }
  return result;
}

FormatRegistry& formats() {
  static FormatRegistry registry;
  return registry;
}

}  // namespace bisque
