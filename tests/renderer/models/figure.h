// A small person of tubes and a round head, and other meshes whose head or seams tests look for.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <utility>
#include <vector>

#include <bisque/ops3d/io/mesh_data.h>

namespace bisque::model_test {

/// A ring of a tube around a vertical axis.
struct Ring {
  float y, radius;
};

/// Appends a tube around (x, z) whose rings go upwards.
inline void add_tube(MeshData& mesh, float x, float z, const std::vector<Ring>& rings, int sides = 24) {
  const auto first = static_cast<int32_t>(mesh.num_verts());
  for (const Ring& ring : rings) {
    for (int s = 0; s < sides; ++s) {
      const double angle = 2 * std::numbers::pi * s / sides;
      mesh.verts.insert(mesh.verts.end(), {x + ring.radius * static_cast<float>(std::sin(angle)), ring.y,
                                           z + ring.radius * static_cast<float>(std::cos(angle))});
    }
  }
  for (int32_t r = 0; r + 1 < static_cast<int32_t>(rings.size()); ++r) {
    for (int32_t s = 0; s < sides; ++s) {
      const int32_t a = first + r * sides + s, b = first + r * sides + (s + 1) % sides;
      mesh.faces.insert(mesh.faces.end(), {a, b, b + sides, a, b + sides, a + sides});
    }
  }
}

inline std::vector<Ring> ball(float y, float radius) {
  std::vector<Ring> rings;
  for (int i = 0; i <= 16; ++i) {
    const double angle = std::numbers::pi * (i / 16.0 - 0.5);
    rings.push_back({y + radius * static_cast<float>(std::sin(angle)),
                     std::max(1e-4F, radius * static_cast<float>(std::cos(angle)))});
  }
  return rings;
}

/// A shape that moves the vertices where choose(x, y, z) by an offset.
template <class Choose>
MorphTarget shape_of(const MeshData& mesh, const char* name, std::vector<float> offset, const Choose& choose) {
  MorphTarget morph{name, {}, {}};
  for (int32_t v = 0; v < static_cast<int32_t>(mesh.num_verts()); ++v) {
    const float* p = &mesh.verts[3 * static_cast<size_t>(v)];
    if (!choose(p[0], p[1], p[2])) continue;
    morph.verts.push_back(v);
    morph.offsets.insert(morph.offsets.end(), offset.begin(), offset.end());
  }
  return morph;
}

/// The middle of the head of figure(), its radius, and the figure's height.
constexpr float kHeadY = 1.6F, kHeadRadius = 0.12F, kFigureHeight = 1.72F;

/// A person of 1.72 units: legs and trunk, a neck, a head whose nose is at +Z, raised hands beside it, a cap behind,
/// and the face's shapes jawOpen, eyeBlinkLeft and eyeBlinkRight. Its head joint is at (0, 1.48, 0); `with_skeleton`
/// sets head weights, which blend over the neck.
inline MeshData figure(bool with_skeleton) {
  MeshData mesh;
  add_tube(mesh, 0, 0, {{0, 0.14F}, {0.4F, 0.14F}, {0.8F, 0.16F}, {1.2F, 0.2F}, {1.38F, 0.15F}});
  add_tube(mesh, 0, 0, {{1.38F, 0.05F}, {1.42F, 0.05F}, {1.46F, 0.05F}, {1.5F, 0.05F}});
  add_tube(mesh, 0.5F, 0, {{1.2F, 0.04F}, {1.4F, 0.04F}, {1.65F, 0.04F}});
  add_tube(mesh, -0.5F, 0, {{1.2F, 0.04F}, {1.4F, 0.04F}, {1.65F, 0.04F}});
  const auto head = static_cast<size_t>(mesh.num_verts());
  add_tube(mesh, 0, 0, ball(kHeadY, kHeadRadius));
  add_tube(mesh, 0, -0.1F, {{1.62F, 0.06F}, {1.72F, 0.04F}});
  mesh.morphs.push_back(shape_of(mesh, "jawOpen", {0, -0.02F, 0},
                                 [](float, float y, float z) { return y > 1.5F && y < 1.58F && z > 0.05F; }));
  for (const auto& [name, side] : {std::pair("eyeBlinkLeft", 1.0F), std::pair("eyeBlinkRight", -1.0F)}) {
    mesh.morphs.push_back(shape_of(mesh, name, {0, -0.01F, 0}, [side = side](float x, float y, float z) {
      return x * side > 0.02F && x * side < 0.08F && y > 1.6F && y < 1.66F && z > 0.05F;
    }));
  }
  if (!with_skeleton) return mesh;
  mesh.head_joint = {0, 1.48F, 0};
  for (size_t v = 0; v < static_cast<size_t>(mesh.num_verts()); ++v) {
    const float y = mesh.verts[3 * v + 1];
    const bool is_neck = std::abs(mesh.verts[3 * v]) < 0.06F && y > 1.4F && y < 1.47F;
    mesh.head_weights.push_back(v >= head || (y > 1.47F && std::abs(mesh.verts[3 * v]) < 0.06F) ? 1.0F
                                : is_neck                                                       ? 0.5F
                                                                                                : 0.0F);
  }
  return mesh;
}

inline void sort_by_vert(MorphTarget& morph) {
  std::vector<size_t> order(morph.verts.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return morph.verts[a] < morph.verts[b]; });
  const MorphTarget before = morph;
  for (size_t i = 0; i < order.size(); ++i) {
    morph.verts[i] = before.verts[order[i]];
    std::copy_n(&before.offsets[3 * order[i]], 3, &morph.offsets[3 * i]);
  }
}

/// The mesh with the vertices of its plane x = 0 once more for the faces on its right, as a uv seam there would have
/// it.
inline MeshData split_in_halves(MeshData mesh) {
  std::vector<int32_t> copies(static_cast<size_t>(mesh.num_verts()), -1);
  const auto num_verts = static_cast<size_t>(mesh.num_verts());
  for (size_t f = 0; f < mesh.faces.size(); f += 3) {
    float x = 0;
    for (size_t k = 0; k < 3; ++k) x += mesh.verts[3 * static_cast<size_t>(mesh.faces[f + k])];
    for (size_t k = 0; k < 3 && x < 0; ++k) {
      const auto v = static_cast<size_t>(mesh.faces[f + k]);
      if (mesh.verts[3 * v] != 0) continue;
      if (copies[v] < 0) {
        copies[v] = static_cast<int32_t>(mesh.num_verts());
        for (size_t axis = 0; axis < 3; ++axis) mesh.verts.push_back(float{mesh.verts[3 * v + axis]});
        if (!mesh.head_weights.empty()) mesh.head_weights.push_back(float{mesh.head_weights[v]});
      }
      mesh.faces[f + k] = copies[v];
    }
  }
  for (MorphTarget& morph : mesh.morphs) {
    const MorphTarget whole = morph;
    for (size_t v = 0; v < num_verts; ++v) {
      const auto found = std::lower_bound(whole.verts.begin(), whole.verts.end(), static_cast<int32_t>(v));
      if (copies[v] < 0 || found == whole.verts.end() || *found != static_cast<int32_t>(v)) continue;
      const float* offset = &whole.offsets[3 * static_cast<size_t>(found - whole.verts.begin())];
      morph.verts.push_back(copies[v]);
      morph.offsets.insert(morph.offsets.end(), offset, offset + 3);
    }
    sort_by_vert(morph);
  }
  return mesh;
}

}  // namespace bisque::model_test
