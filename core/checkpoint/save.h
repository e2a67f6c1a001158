// Writes files that load() and torch.load(weights_only=True) read.
#pragma once
#include <iosfwd>
#include <string>

#include <bisque/core/value.h>

namespace bisque {

struct SaveOptions {
  /// Flushes the bytes to disk before the file is renamed into place, so a power failure loses neither the old file nor
  /// the new one.
  bool sync = true;
};

/// Writes a value like torch.save: a zip archive of a pickle (protocol 2) and the storages of its tensors, each once.
/// Tensors keep their strides, shared storages, requires_grad and device; for a view the whole storage is written
/// (clone() it to save only the view). A shared tensor is loaded as tensors that share a storage. The file is written
/// completely or not at all. Errors: a value of a type that the format does not support (see Value); text that is not
/// UTF-8; values nested deeper than 1000; the file cannot be written, and the old file is unchanged.
void save(const Value& value, const std::string& path, const SaveOptions& options = {});
void save(const Value& value, std::ostream& stream);
std::string save_to_string(const Value& value);

}  // namespace bisque
