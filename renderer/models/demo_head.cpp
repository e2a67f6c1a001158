#include <bisque/renderer/models/demo_head.h>

#include <bisque/renderer/models/demo_head/head_parts.h>
#include <bisque/renderer/models/demo_head/head_shapes.h>
#include <bisque/renderer/models/demo_head/head_surface.h>

namespace bisque {
namespace demo {
namespace {

constexpr const char* kGroupNames[] = {"M_Face",       "M_Ears",     "M_GumsTongue",  "M_Teeth",
                                       "M_ScleraLeft", "M_IrisLeft", "M_ScleraRight", "M_IrisRight"};

/// The index in kGroupNames of a group on the left (side 0) or right (side 1) half.
int32_t group_index(Group group, int side) { return group < kSclera ? group : group + 2 * side; }

/// The vertices of the right half: those on the midline are shared with the left, the others follow all of the left.
std::vector<int32_t> mirrored_verts(const HalfMesh& half) {
  std::vector<int32_t> mirrored(half.verts.size());
  int32_t next = static_cast<int32_t>(half.verts.size());
  for (size_t v = 0; v < half.verts.size(); ++v) mirrored[v] = half.verts[v].x() == 0 ? v : next++;
  return mirrored;
}

/// A cylinder's unwrapping that is cut at the back, of the left half: u from 0.5 in front to 1, v from the neck up.
Vec2 unwrapped(const Vec3& p) {
  constexpr double kBottom = -16.5;
  constexpr double kTop = 12;
  const double length = std::abs(p.x()) + std::abs(p.z());
  const double quarter = length > 0 ? 0.125 * (1 - std::abs(p.z()) / length) : 0;
  const double around = p.z() >= 0 ? quarter : 0.25 - quarter;
  return {0.5 + 2 * around, clamp01((p.y() - kBottom) / (kTop - kBottom))};
}

/// Each half has its own UVs, so that the cut at the back needs no care.
void add_uvs(MeshData& mesh, const HalfMesh& half) {
  for (const int side : {0, 1}) {
    for (const Vec3& p : half.verts) {
      const Vec2 uv = unwrapped(p);
      mesh.uvs.push_back(static_cast<float>(side == 0 ? uv.x() : 1 - uv.x()));
      mesh.uvs.push_back(static_cast<float>(uv.y()));
    }
  }
  const int32_t count = static_cast<int32_t>(half.verts.size());
  for (const auto& [a, b, c] : half.faces) mesh.uv_faces.insert(mesh.uv_faces.end(), {a, b, c});
  for (const auto& [a, b, c] : half.faces) mesh.uv_faces.insert(mesh.uv_faces.end(), {a + count, c + count, b + count});
}

MeshData both_halves(const HalfMesh& half, const std::vector<int32_t>& mirrored) {
  MeshData mesh;
  const auto push = [&mesh](double x, double y, double z) {
    for (const double value : {x, y, z}) mesh.verts.push_back(static_cast<float>(value));
  };
  for (const Vec3& p : half.verts) push(p.x(), p.y(), p.z());
  for (const Vec3& p : half.verts) {
    if (p.x() != 0) push(-p.x(), p.y(), p.z());
  }
  for (size_t f = 0; f < half.faces.size(); ++f) {
    const auto& [a, b, c] = half.faces[f];
    for (const int32_t v : {a, b, c}) mesh.faces.push_back(v);
    mesh.face_groups.push_back(group_index(half.groups[f], 0));
  }
  for (size_t f = 0; f < half.faces.size(); ++f) {
    const auto& [a, b, c] = half.faces[f];
    for (const int32_t v : {a, c, b}) mesh.faces.push_back(mirrored[v]);
    mesh.face_groups.push_back(group_index(half.groups[f], 1));
  }
  mesh.group_names.assign(std::begin(kGroupNames), std::end(kGroupNames));
  return mesh;
}

/// A shape over both halves, by vertex. Offsets too small to see are left out.
MorphTarget morph_target(const Shape& shape, const std::vector<Spot>& left, const std::vector<Spot>& right,
                         const std::vector<int32_t>& mirrored) {
  constexpr double kLeast = 1e-4;
  const Vec3 flip(-1, 1, 1);
  MorphTarget target;
  target.name = shape.name;
  const auto push = [&](int32_t vert, const Vec3& offset) {
    if (offset.cwiseAbs().maxCoeff() < kLeast) return;
    target.verts.push_back(vert);
    for (const double value : {offset.x(), offset.y(), offset.z()}) target.offsets.push_back(static_cast<float>(value));
  };
  // A mirrored shape is the shape at the mirror image, mirrored.
  const auto offset_at = [&](const Spot& here, const Spot& there) -> Vec3 {
    return shape.mirrored ? Vec3(shape.offset(there).cwiseProduct(flip)) : shape.offset(here);
  };
  for (size_t v = 0; v < left.size(); ++v) push(static_cast<int32_t>(v), offset_at(left[v], right[v]));
  for (size_t v = 0; v < left.size(); ++v) {
    if (mirrored[v] != static_cast<int32_t>(v)) push(mirrored[v], offset_at(right[v], left[v]));
  }
  return target;
}

void add_morphs(MeshData& mesh, const HalfMesh& half, const std::vector<int32_t>& mirrored) {
  std::vector<Spot> left;
  std::vector<Spot> right;
  for (size_t v = 0; v < half.verts.size(); ++v) {
    left.push_back(make_spot(half.verts[v], half.places[v]));
    right.push_back(left.back());
    right.back().p.x() *= -1;
  }
  for (const Shape& shape : arkit_shapes()) mesh.morphs.push_back(morph_target(shape, left, right, mirrored));
}

}  // namespace
}  // namespace demo

MeshData make_demo_head() {
  demo::HalfMesh half;
  demo::add_skin(half);
  demo::add_eyeball(half);
  demo::add_ear(half);
  demo::add_mouth_parts(half);
  const std::vector<int32_t> mirrored = demo::mirrored_verts(half);
  MeshData mesh = demo::both_halves(half, mirrored);
  demo::add_uvs(mesh, half);
  demo::add_morphs(mesh, half, mirrored);
  return mesh;
}

}  // namespace bisque
