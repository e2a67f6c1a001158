#include <bisque/renderer/models/glb_writer.h>

#include <algorithm>

#include <bisque/ops3d/io/gltf_writer.h>
#include <bisque/renderer/models/model_check.h>
#include <bisque/renderer/models/normal_verts.h>

namespace bisque {
namespace {

template <class T>
std::vector<T> vector_of(const Array<T>& values) {
  return {values.begin(), values.end()};
}

// Without normals, a reader treats vertices along a seam as smooth.
bool has_creases(const BlendshapeData& model) {
  const std::vector<int32_t> smooth = find_normal_verts(model);
  return !std::equal(smooth.begin(), smooth.end(), model.normal_verts.begin(), model.normal_verts.end());
}

MeshData mesh_of(const BlendshapeData& model) {
  MeshData mesh;
  mesh.verts = vector_of(model.neutral);
  mesh.faces = vector_of(model.faces);
  mesh.uvs = vector_of(model.uvs);
  mesh.uv_faces = vector_of(model.uv_faces);
  mesh.group_names = model.group_names;
  mesh.face_groups = vector_of(model.face_groups);
  mesh.materials = model.materials;
  mesh.textures = model.textures;
  if (has_creases(model)) mesh.normals = neutral_normals(model);
  mesh.head_weights = vector_of(model.head_weights);
  mesh.head_joint = model.head_joint;
  mesh.morphs = morph_targets(model);
  return mesh;
}

std::vector<GltfCorrective> named_correctives(const BlendshapeData& model) {
  const auto name_of = [&](int32_t shape) { return model.shape_names[static_cast<size_t>(shape)]; };
  std::vector<GltfCorrective> named;
  for (const Corrective& corrective : model.correctives) {
    named.push_back({name_of(corrective.shape), {}});
    for (const int32_t factor : corrective.factors) named.back().factors.push_back(name_of(factor));
  }
  return named;
}

}  // namespace

void write_glb(const std::string& path, const BlendshapeData& model) {
  check_model(model, path);
  write_glb(path, mesh_of(model), named_correctives(model));
}

}  // namespace bisque
