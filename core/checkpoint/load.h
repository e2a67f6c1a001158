// Reads files of torch.save and save().
#pragma once
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <span>
#include <string>

#include <bisque/core/checkpoint/map_location.h>
#include <bisque/core/torch_file/torch_file.h>
#include <bisque/core/value.h>

namespace bisque {

/// A call in a file to a function or class of ReadOptions::constructors.
struct ConstructorCall {
  const std::string& name;  // "my_module.Point"
  Tuple args;
  Value state;  // the argument of Python's __setstate__, or None
  List items;   // appended to a class derived from list
  Items pairs;  // set in a class derived from dict
};

struct ReadOptions {
  MapLocation map_location = {};
  /// Tensors on the CPU view the mapped file: data is read when it is used, and writes to the tensors stay in this
  /// process. The file must not be modified meanwhile; save() replaces a file instead of modifying it.
  bool mmap = false;
  /// Whether to check the checksums of all storages. By default they are checked unless mmap is set.
  std::optional<bool> check_crc = {};
  /// Functions and classes that a file may call besides torch's own constructors, by full name, and the results of the
  /// calls. Nothing else is ever called or looked up.
  std::map<std::string, std::function<Value(const ConstructorCall&)>> constructors = {};
  TorchFileOptions limits = {};
  size_t max_depth = 1000;  // of nested values
  /// Maximum memory of the values besides tensor storages. The default is 64 MiB plus 512 times the pickle, which only
  /// a pickle that repeats large values exceeds.
  std::optional<size_t> max_bytes = {};
};

/// The value of a file; Value describes how Python's types are represented. A defaultdict or Counter is a dict, a
/// Parameter a Value that is_parameter(). Shared storages stay shared. Reads everything that
/// torch.load(weights_only=True) allows, and files of torch before 1.6. Errors: the file is missing, or violates a rule
/// of TorchFile; a constructor that is not allowed; a value that contains itself; a tensor that is larger than its
/// storage; a device that is not available. A state_dict of Modules of a plugin that is not loaded is one warning.
Value load(const std::string& path, const ReadOptions& options = {});
/// From the current position of a stream to its end.
Value load(std::istream& stream, const ReadOptions& options = {});
/// With mmap, tensors view the bytes, which must outlive them.
Value load(std::span<const std::byte> bytes, const ReadOptions& options = {});

}  // namespace bisque
