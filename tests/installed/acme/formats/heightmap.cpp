// A third-party model format: a heightmap (.heights: the size N and N x N heights, as text) as a blendshape model with
// one shape, `lift`, which raises the flat neutral to those heights.
#include "formats.h"

#include <fstream>

#include <bisque/core/error.h>

namespace acme {

bisque::BlendshapeData read_heightmap(const std::string& path) {
  std::ifstream file(path);
  int32_t n = 0;
  if (!(file >> n) || n < 2 || n > 4096) bisque::fail(path, ": expected a size from 2 to 4096 first.");
  bisque::MeshData mesh;
  bisque::MorphTarget lift{"lift", {}, {}};
  for (int32_t i = 0; i < n * n; ++i) {
    float height = 0;
    if (!(file >> height)) bisque::fail(path, ": expected ", n * n, " heights, but got ", i, ".");
    const int32_t x = i % n, y = i / n;
    mesh.verts.insert(mesh.verts.end(), {2.0f * x / (n - 1) - 1, 1 - 2.0f * y / (n - 1), 0});
    lift.verts.push_back(i);
    lift.offsets.insert(lift.offsets.end(), {0, 0, height});
    if (x + 1 < n && y + 1 < n) mesh.faces.insert(mesh.faces.end(), {i, i + n, i + 1, i + 1, i + n, i + n + 1});
  }
  mesh.morphs.push_back(std::move(lift));
  return bisque::make_blendshapes(std::move(mesh));
}

}  // namespace acme
