// Internal. The tensors and plain values of a nested value, by path.
#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/value.h>

namespace bisque {

/// What lies at one path of a nested value.
template <class T>
struct Leaf {
  /// The keys, and the places in lists, joined by ".": "optimizer.state.0.exp_avg"; of a tensor alone "". Keys that are
  /// no text are as Python's str() has them. Several leaves may have one: {0: x, "0": y}.
  std::string path;
  /// The same as Python's indices, which are each leaf's own: ["optimizer"]["state"][0]["exp_avg"].
  std::string indices;
  T value;
};

struct Flattened {
  std::vector<Leaf<at::Tensor>> tensors;
  std::vector<Leaf<Value>> values;            // what is no tensor; sets of such values, and empty containers
  std::vector<Leaf<std::string>> containers;  // the container_kind() of each list, tuple, set and dict
};

/// In the order in which they are held. Error, begun with `where`: the paths take more than 64 MiB, and 256 bytes a
/// leaf.
Flattened flatten(const Value& value, const std::string& where);

/// For each tensor and each value a name of its own: its path, or where others have the same path, or it could be taken
/// for indices, the indices.
struct LeafNames {
  std::vector<std::string> tensors;
  std::vector<std::string> values;
};
LeafNames leaf_names(const Flattened& flat);

}  // namespace bisque
