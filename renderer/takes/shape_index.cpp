#include <bisque/renderer/takes/shape_index.h>

namespace bisque {

ShapeIndex::ShapeIndex(const std::vector<std::string>& names) {
  for (size_t i = 0; i < names.size(); ++i) {
    const auto place = static_cast<int64_t>(i);
    exact_.emplace(names[i], place);
    const ShapeName name = resolve_shape_name(names[i]);
    resolved_[{name.key, name.half}].push_back(place);
  }
}

int64_t ShapeIndex::exact(const std::string& name) const {
  const auto found = exact_.find(name);
  return found == exact_.end() ? -1 : found->second;
}

const std::vector<int64_t>& ShapeIndex::resolved(const std::string& key, ShapeHalf half) const {
  static const std::vector<int64_t> none;
  const auto found = resolved_.find({key, half});
  return found == resolved_.end() ? none : found->second;
}

}  // namespace bisque
