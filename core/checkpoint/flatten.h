// Internal. The tensors and plain values of a nested value, by path.
#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/value.h>

namespace bisque {

/// A leaf of a nested value.
template <class T>
struct Leaf {
  /// The keys and list indices, joined by ".": "optimizer.state.0.exp_avg"; "" for a single tensor. Keys that are not
  /// strings appear as Python's str() prints them. Several leaves may have the same path: {0: x, "0": y}.
  std::string path;
  /// The same as Python indices, which are unique per leaf: ["optimizer"]["state"][0]["exp_avg"].
  std::string indices;
  T value;
};

struct Flattened {
  std::vector<Leaf<at::Tensor>> tensors;
  std::vector<Leaf<Value>> values;            // values that are not tensors; sets of such values, and empty containers
  std::vector<Leaf<std::string>> containers;  // the container_kind() of each list, tuple, set and dict
};

/// In the order of the value. Error, prefixed with `where`: the paths take more than 64 MiB plus 256 bytes per leaf.
Flattened flatten(const Value& value, const std::string& where);

/// A unique name for each tensor and each value: its path, or its indices if the path is not unique or looks like
/// indices.
struct LeafNames {
  std::vector<std::string> tensors;
  std::vector<std::string> values;
};
LeafNames leaf_names(const Flattened& flat);

}  // namespace bisque
