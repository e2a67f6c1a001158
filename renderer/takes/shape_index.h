// Internal. Shapes found by name.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <bisque/renderer/takes/shape_names.h>

namespace bisque {

/// The places of names in a list of them.
class ShapeIndex {
 public:
  explicit ShapeIndex(const std::vector<std::string>& names);

  /// The place of just this name, the first of several; -1 for none.
  int64_t exact(const std::string& name) const;
  /// The places of all names that resolve_shape_name makes this of, in order.
  const std::vector<int64_t>& resolved(const std::string& key, Half half) const;

 private:
  std::unordered_map<std::string, int64_t> exact_;
  std::map<std::pair<std::string, Half>, std::vector<int64_t>> resolved_;
};

}  // namespace bisque
