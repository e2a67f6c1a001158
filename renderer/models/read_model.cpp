#include <bisque/renderer/models/read_model.h>

#include <filesystem>
#include <initializer_list>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/formats.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/near_names.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/gltf.h>
#include <bisque/ops3d/io/mesh_file.h>
#include <bisque/renderer/models/demo_head.h>
#include <bisque/renderer/models/model_file.h>
#include <bisque/renderer/models/obj_folder.h>

namespace bisque {
namespace {

BlendshapeData read_gltf_model(const std::string& path) {
  GltfFile file = read_gltf(path);
  BlendshapeData model = make_blendshapes(std::move(file.mesh));
  const auto shape_of = [&](const std::string& name) {
    const int64_t shape = find_shape(model, name);
    if (shape < 0) fail(path, ": a corrective refers to ", quoted_text(name), ", which is not a shape of the model.");
    return static_cast<int32_t>(shape);
  };
  for (const GltfCorrective& named : file.correctives) {
    Corrective corrective{shape_of(named.shape), {}};
    for (const std::string& factor : named.factors) corrective.factors.push_back(shape_of(factor));
    model.correctives.push_back(std::move(corrective));
  }
  return model;
}

const bool model_formats_added =
    add_formats(kBlendshapeFormat, std::initializer_list<std::pair<const char*, BlendshapeReader>>{
                                       {".glb", read_gltf_model},
                                       {".gltf", read_gltf_model},
                                       {".vrm", read_gltf_model},
                                       {".safetensors", [](const std::string& path) { return read_model(path); }}});

// A mesh of any format, without shapes.
BlendshapeData read_mesh_model(const std::string& path) {
  MeshData mesh = load_mesh(path);
  if (mesh.faces.empty()) fail(path, ": has no faces, expected those of a mesh.");
  return make_blendshapes(std::move(mesh));
}

}  // namespace

BlendshapeData read_blendshapes(const std::string& path) {
  if (path == "demo") return make_blendshapes(make_demo_head());
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return read_obj_folder(path);
  const std::string extension = lower_extension(path);
  if (const std::any reader = formats().find(kBlendshapeFormat, extension); reader.has_value()) {
    const OpenFile check(path);  // reports files that no reader can read
    return std::any_cast<const BlendshapeReader&>(reader)(path);
  }
  if (is_mesh_path(path)) return read_mesh_model(path);
  const bool exists = std::filesystem::exists(path, error);
  std::vector<std::string> known = mesh_extensions();
  for (const std::string& other : formats().extensions(kBlendshapeFormat)) known.push_back(other);
  fail(path, exists ? ": is not a supported model" : ": does not exist", ", expected demo, a folder of .obj files, ",
       ".safetensors or a mesh (", comma_list(mesh_extensions()), ")", nearest_note(extension, known), ".");
}

}  // namespace bisque
