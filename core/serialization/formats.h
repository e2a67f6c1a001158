// File formats by extension: built-in ones and those of plugins.
#pragma once
#include <any>
#include <mutex>
#include <string>
#include <vector>

namespace bisque {

/// A file format. `kind` says what its files hold ("mesh"), and determines the type of `format`: the header that
/// defines a kind defines it (MeshFormat, TakeFormat, BlendshapeReader).
struct Format {
  std::string kind;
  std::string extension;  // ".glb", in lower case
  std::any format;
};

/// File formats of all kinds. Thread-safe.
class FormatRegistry {
 public:
  /// Error: a taken extension of that kind.
  void add(const Format& format);
  void remove(const std::string& kind, const std::string& extension);

  /// Format::format, or an empty std::any.
  std::any find(const std::string& kind, const std::string& extension) const;
  /// Those of a kind, in the order in which they were added: built-in ones first.
  std::vector<std::string> extensions(const std::string& kind) const;

 private:
  const Format* find_entry(const std::string& kind, const std::string& extension) const;

  mutable std::mutex mutex_;
  std::vector<Format> formats_;
};

/// The program's registry. Built-in formats add themselves when the program starts, plugins when they are loaded.
FormatRegistry& formats();

/// Adds built-in formats of one kind; `list` holds pairs of an extension and a format. For static initialisation:
///
///   const bool mesh_formats_added = add_formats(kMeshFormat, built_in_formats());
template <class List>
bool add_formats(const char* kind, const List& list) {
  for (const auto& [extension, format] : list) formats().add({kind, extension, std::any(format)});
  return true;
}

}  // namespace bisque
