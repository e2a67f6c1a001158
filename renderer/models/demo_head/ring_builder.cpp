#include <bisque/renderer/models/demo_head/ring_builder.h>

namespace bisque::demo {

int32_t RingBuilder::add_vert(int k, Part part, double across, Vec3 position) {
  if (!closed_ && at(k).along == 0) position.x() = 0;
  return mesh_.add_vert(position, {part, at(k).along, across});
}

void RingBuilder::join(const std::vector<int32_t>& ring) {
  for (int k = 0; k < (closed_ ? size() : size() - 1); ++k) {
    const int next = (k + 1) % size();
    if (!closed_ && (k == 0 || k + 2 == size())) {
      mesh_.add_midline_quad(rows_, outer_[k], ring[k], ring[next], outer_[next], kFace);
    } else {
      mesh_.add_quad(outer_[k], ring[k], ring[next], outer_[next], kFace);
    }
  }
  outer_ = ring;
  ++rows_;
}

}  // namespace bisque::demo
