// Internal. Finds shapes by name.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <bisque/renderer/takes/shape_names.h>

namespace bisque {

/// The indices of names in a list.
class ShapeIndex {
 public:
  explicit ShapeIndex(const std::vector<std::string>& names);

  /// The index of exactly this name, the first of several; -1 for none.
  int64_t exact(const std::string& name) const;
  /// The indices of all names that resolve_shape_name maps to this key and half, in order.
  const std::vector<int64_t>& resolved(const std::string& key, ShapeHalf half) const;

 private:
  std::unordered_map<std::string, int64_t> exact_;
  std::map<std::pair<std::string, ShapeHalf>, std::vector<int64_t>> resolved_;
};

}  // namespace bisque
