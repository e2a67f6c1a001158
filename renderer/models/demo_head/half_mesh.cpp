#include <bisque/renderer/models/demo_head/half_mesh.h>

namespace bisque::demo {

int32_t HalfMesh::add_vert(const Vec3& position, const Place& place) {
  verts.push_back(position);
  places.push_back(place);
  return static_cast<int32_t>(verts.size() - 1);
}

void HalfMesh::add_face(int32_t a, int32_t b, int32_t c, Group group) {
  faces.push_back({a, b, c});
  groups.push_back(group);
}

void HalfMesh::add_quad(int32_t a, int32_t b, int32_t c, int32_t d, Group group) {
  add_face(a, b, c, group);
  add_face(a, c, d, group);
  edges.insert(edges.end(), {{a, b}, {b, c}, {c, d}, {d, a}});
}

void HalfMesh::add_midline_quad(int row, int32_t a, int32_t b, int32_t c, int32_t d, Group group) {
  if (row % 2 == 0) {
    add_quad(a, b, c, d, group);
  } else {
    add_quad(b, c, d, a, group);
  }
}

}  // namespace bisque::demo
