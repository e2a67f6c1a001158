#include <bisque/renderer/models/blendshape_data.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/renderer/models/normal_verts.h>

namespace bisque {
namespace {

void check_finite(const std::vector<float>& values, const std::string& what) {
  const bool finite = std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
  if (!finite) fail(what, " hold a value that is not finite.");
}

void check_mesh(const MeshData& mesh) {
  check_finite(mesh.verts, "The mesh's verts");
  check_finite(mesh.uvs, "The mesh's uvs");
  check_mesh_arrays(mesh);
  check_finite(mesh.head_weights, "The mesh's head weights");
  check_finite({mesh.head_joint.begin(), mesh.head_joint.end()}, "The coordinates of the mesh's head joint");
}

void check_morph(const MorphTarget& morph, int64_t num_verts) {
  if (morph.offsets.size() != morph.verts.size() * 3) {
    fail("Morph target \"", morph.name, "\" has ", morph.verts.size(), " verts and ", morph.offsets.size(),
         " offset values, expected 3 per vertex.");
  }
  check_finite(morph.offsets, "The offsets of morph target \"" + morph.name + "\"");
  int64_t previous = -1;
  for (const int32_t vert : morph.verts) {
    if (vert <= previous || vert >= num_verts) {
      fail("Morph target \"", morph.name, "\" lists vertex ", vert, " after ", previous,
           ", expected increasing indices below ", num_verts, ".");
    }
    previous = vert;
  }
}

bool is_zero(const float* offset) { return offset[0] == 0 && offset[1] == 0 && offset[2] == 0; }

/// Whether materials are only names, as a .glb file has them for groups.
bool are_plain(const std::vector<Material>& materials) {
  return std::all_of(materials.begin(), materials.end(),
                     [](const Material& material) { return material == Material{.name = material.name}; });
}

}  // namespace

BlendshapeData make_blendshapes(MeshData mesh) {
  check_mesh(mesh);
  const int64_t num_verts = mesh.num_verts();
  std::unordered_set<std::string> names;
  std::vector<int64_t> vert_offsets(static_cast<size_t>(num_verts) + 1);
  for (const MorphTarget& morph : mesh.morphs) {
    if (!names.insert(morph.name).second) fail("Two morph targets have the name \"", morph.name, "\".");
    check_morph(morph, num_verts);
    for (size_t i = 0; i < morph.verts.size(); ++i) {
      if (!is_zero(&morph.offsets[i * 3])) ++vert_offsets[static_cast<size_t>(morph.verts[i]) + 1];
    }
  }
  for (size_t v = 0; v < static_cast<size_t>(num_verts); ++v) vert_offsets[v + 1] += vert_offsets[v];

  const auto num_deltas = static_cast<size_t>(vert_offsets.back());
  std::vector<int64_t> next(vert_offsets.begin(), vert_offsets.end() - 1);  // where a vertex's next delta goes
  std::vector<int32_t> delta_shape(num_deltas);
  std::vector<float> deltas(num_deltas * 3);
  BlendshapeData model;
  for (MorphTarget& morph : mesh.morphs) {
    const auto shape = static_cast<int32_t>(model.shape_names.size());
    for (size_t i = 0; i < morph.verts.size(); ++i) {
      const float* offset = &morph.offsets[i * 3];
      if (is_zero(offset)) continue;
      const auto at = static_cast<size_t>(next[static_cast<size_t>(morph.verts[i])]++);
      delta_shape[at] = shape;
      std::copy_n(offset, 3, &deltas[at * 3]);
    }
    model.shape_names.push_back(std::move(morph.name));
  }
  model.neutral = std::move(mesh.verts);
  model.faces = std::move(mesh.faces);
  model.vert_offsets = std::move(vert_offsets);
  model.delta_shape = std::move(delta_shape);
  model.deltas = std::move(deltas);
  model.uvs = std::move(mesh.uvs);
  model.uv_faces = std::move(mesh.uv_faces);
  model.group_names = std::move(mesh.group_names);
  model.face_groups = std::move(mesh.face_groups);
  if (!are_plain(mesh.materials)) {
    model.materials = std::move(mesh.materials);
    model.textures = std::move(mesh.textures);
  }
  for (float& weight : mesh.head_weights) weight = std::clamp(weight, 0.0F, 1.0F);  // sums of rounded weights
  model.head_weights = std::move(mesh.head_weights);
  model.head_joint = mesh.head_joint;
  model.warnings = std::move(mesh.warnings);
  if (!mesh.normal_faces.empty()) mesh.normals.clear();  // those of corners are not used
  model.normal_verts = find_normal_verts(model, mesh.normals);
  return model;
}

std::vector<MorphTarget> morph_targets(const BlendshapeData& model) {
  std::vector<MorphTarget> morphs(model.shape_names.size());
  for (size_t s = 0; s < morphs.size(); ++s) morphs[s].name = model.shape_names[s];
  for (size_t v = 0; v + 1 < model.vert_offsets.size(); ++v) {
    for (auto i = static_cast<size_t>(model.vert_offsets[v]); i < static_cast<size_t>(model.vert_offsets[v + 1]); ++i) {
      MorphTarget& morph = morphs[static_cast<size_t>(model.delta_shape[i])];
      morph.verts.push_back(static_cast<int32_t>(v));
      morph.offsets.insert(morph.offsets.end(), &model.deltas.data()[i * 3], &model.deltas.data()[i * 3] + 3);
    }
  }
  return morphs;
}

std::vector<int32_t> corrective_shapes(const BlendshapeData& model) {
  std::vector<int32_t> shapes;
  for (const Corrective& corrective : model.correctives) shapes.push_back(corrective.shape);
  return shapes;
}

int64_t find_shape(const BlendshapeData& model, const std::string& name) {
  const auto found = std::find(model.shape_names.begin(), model.shape_names.end(), name);
  return found == model.shape_names.end() ? -1 : found - model.shape_names.begin();
}

}  // namespace bisque
