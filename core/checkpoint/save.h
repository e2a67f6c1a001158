// Writing what load() and torch.load(weights_only=True) read.
#pragma once
#include <iosfwd>
#include <string>

#include <bisque/core/value.h>

namespace bisque {

struct SaveOptions {
  /// Brings the bytes to the disk before the file takes its name, so that a loss of power loses neither the old file
  /// nor the new one.
  bool sync = true;
};

/// Writes a value as torch.save does: a zip archive of a pickle (protocol 2) and the storages of its tensors, each
/// once. Tensors keep their strides, their shared storages, requires_grad and device; of a view the whole storage is
/// written (clone() it to save the view alone). A shared tensor comes back as tensors that share a storage. The file is
/// written whole or not at all. Errors: a value of a type that files do not have (see Value); text that is not UTF-8; a
/// value deeper than 1000; the file cannot be written, which then is as it was.
void save(const Value& value, const std::string& path, const SaveOptions& options = {});
void save(const Value& value, std::ostream& stream);
std::string save_to_string(const Value& value);

}  // namespace bisque
