#include "harness/ict_scene.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cstdlib>
#include <list>
#include <map>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/safetensors.h>
#include <bisque/ops3d/structures/topology.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/shaders/studio_shader.h>
#include <bisque/renderer/takes/binding.h>
#include <bisque/renderer/takes/read_take.h>

namespace bisque::bench {
namespace {

constexpr int64_t kWrittenFrames = 16;

/// The tensors of a future file, kept alive and contiguous.
class TensorFile {
 public:
  void add(const std::string& name, const at::Tensor& tensor) {
    const at::Tensor& kept = kept_.emplace_back(tensor.contiguous());
    const auto dtype = kept.scalar_type() == at::kLong  ? Dtype::I64
                       : kept.scalar_type() == at::kInt ? Dtype::I32
                                                        : Dtype::F32;
    views_.push_back(
        {name, dtype, kept.sizes().vec(), {static_cast<const std::byte*>(kept.data_ptr()), kept.nbytes()}});
  }
  void write(const std::string& path) const { write_safetensors(path, views_); }

 private:
  std::list<at::Tensor> kept_;
  std::vector<TensorView> views_;
};

}  // namespace

std::string shared_data(const std::string& name) {
  const char* shared = std::getenv("BISQUE_SHARED");
  if (!shared) fail("BISQUE_SHARED is not set, expected the folder that holds data/.");
  return std::string(shared) + "/data/" + name;
}

IctScene ict_scene() {
  const BlendshapeData data = read_blendshapes(kIctModel);
  const Take take = read_take(shared_data("live_link/dao.csv"));
  const auto values = bound_coefficients(take, bind_by_name(take.names, data.shape_names));
  const auto model = std::make_shared<BlendshapeModel>(data);
  return {model, fit_camera(model->framed_verts(), 1), at::tensor(values).view({take.num_frames, model->num_shapes()})};
}

void write_ict_scene(const std::string& path) {
  const c10::InferenceMode no_gradients;
  const IctScene scene = ict_scene();
  const BlendshapeModel& model = *scene.model;
  const auto frames = at::linspace(0, scene.coefficients.size(0) - 1, kWrittenFrames).to(at::kLong);
  const auto coefficients = scene.coefficients.index_select(0, frames);
  const auto verts = scene.model->forward(coefficients);
  const VertFaces around = vert_faces_of(model.faces, verts.size(1));
  const StudioShader shader;
  const FoVPerspectiveCameras& lens = *scene.camera;
  TensorFile file;
  file.add("coefficients", coefficients);
  file.add("neutral", model.neutral);
  file.add("deltas", model.deltas);
  file.add("delta_shape", model.delta_shape);
  file.add("vert_first", model.vert_offsets);
  file.add("faces", model.faces);
  file.add("around_first", around.vert_faces_offsets);
  file.add("around_faces", around.vert_faces);
  file.add("verts", verts);
  file.add("projected", scene.camera->forward(verts));
  file.add("R", scene.camera->R);
  file.add("T", scene.camera->T);
  file.add("camera_position", scene.camera->get_camera_center());
  file.add("fov_znear_zfar", at::cat({lens.fov, lens.znear, lens.zfar}));
  file.add("lights", shader.lights);
  file.add("light_colors", shader.light_colors);
  file.add("ambient", shader.ambient);
  file.add("albedo", shader.albedo);
  const PhongMaterial material;
  file.add("specular_shininess_wrap", at::tensor({material.specular, material.shininess, material.wrap}, at::kFloat));
  file.write(path);
}

}  // namespace bisque::bench
