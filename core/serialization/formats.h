// File formats by name ending: what plugins register, looked up by those who open files.
#pragma once
#include <any>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace bisque {

/// A reader of files. `kind` says what it reads ("blendshape model"), and so the type of `reader`: whoever defines a
/// kind defines the std::function that its readers are.
struct Format {
  std::string kind;
  std::string extension;  // ".glb", in lower case
  std::any reader;
};

/// The formats of all plugins that are loaded. Thread-safe.
class FormatRegistry {
 public:
  /// Error: a taken extension of that kind.
  void add(const Format& format);
  void remove(const std::string& kind, const std::string& extension);

  /// The reader, or an empty std::any.
  std::any find(const std::string& kind, const std::string& extension) const;
  std::vector<std::string> extensions(const std::string& kind) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::any> readers_;
};

/// The program's registry; what is built in need not be in it.
FormatRegistry& formats();

}  // namespace bisque
