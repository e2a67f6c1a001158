// Reading what torch.save, or save(), wrote.
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

/// A call in a file of a function or class that ReadOptions::constructors names.
struct ConstructorCall {
  const std::string& name;  // "my_module.Point"
  Tuple args;
  Value state;  // what Python's __setstate__ would get; None where there is none
  List items;   // appended to a class derived from list
  Items pairs;  // set in a class derived from dict
};

struct ReadOptions {
  MapLocation map_location = {};
  /// Tensors on the CPU view the file, which is mapped: nothing is read before it is used, and what is written into
  /// them stays in this process. The file must not be written meanwhile; save() puts a new file in its place.
  bool mmap = false;
  /// Whether the checksums of all storages are checked. By default where they are read, and so not with mmap.
  std::optional<bool> check_crc = {};
  /// What a file may call beside torch's own constructors, by full name, and what the call makes. Nothing else is ever
  /// called, or looked up.
  std::map<std::string, std::function<Value(const ConstructorCall&)>> constructors = {};
  TorchFileOptions limits = {};
  size_t max_depth = 1000;  // of values in values
  /// Memory that the values may take beside the storages of tensors. By default 64 MiB and 512 times the pickle, which
  /// only a pickle that repeats large values exceeds.
  std::optional<size_t> max_bytes = {};
};

/// The value of a file: see Value for what Python's types become. A defaultdict or Counter is a dict, a Parameter a
/// Value that is_parameter(). Storages that several tensors share are shared. torch.load(weights_only=True) in all that
/// it allows, and files of torch before 1.6. Errors: the file is missing, or breaks a rule of TorchFile; a constructor
/// that is not allowed; a value that holds itself; a tensor that its storage is too small for; a place of tensors that
/// is no device here.
Value load(const std::string& path, const ReadOptions& options = {});
/// From a stream's place to its end.
Value load(std::istream& stream, const ReadOptions& options = {});
/// With mmap the bytes must outlive the tensors, which view them.
Value load(std::span<const std::byte> bytes, const ReadOptions& options = {});

}  // namespace bisque
