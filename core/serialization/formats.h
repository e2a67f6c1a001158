// File formats by extension: registered by plugins, used when files are opened.
#pragma once
#include <any>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace bisque {

/// A reader of files. `kind` is what it reads ("blendshape model"), and determines the type of `reader`: the code that
/// defines a kind defines the std::function type of its readers.
struct Format {
  std::string kind;
  std::string extension;  // ".glb", in lower case
  std::any reader;
};

/// The formats of all loaded plugins. Thread-safe.
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

/// The program's registry; built-in formats need not be in it.
FormatRegistry& formats();

}  // namespace bisque
