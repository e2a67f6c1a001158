// The tensors and plain values of a nested value, by path.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/value.h>

namespace bisque {

struct Flattened {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  std::vector<std::pair<std::string, Value>> values;  // what is no tensor, and empty lists and dicts
};

/// In the order in which they are held. A path is the keys, and the places in lists, joined by ".":
/// "optimizer.state.0.exp_avg"; of a tensor alone it is "". Keys that are no text are as Python's str() has them.
Flattened flatten(const Value& value);

}  // namespace bisque
