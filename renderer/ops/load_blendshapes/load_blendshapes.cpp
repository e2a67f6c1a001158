// Blendshape models of any format as an op, with what rendering derives from them. One kernel serves all devices, since
// there is no tensor argument.
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>
#include <bisque/renderer/models/eyeballs.h>
#include <bisque/renderer/models/groups.h>
#include <bisque/renderer/models/head_region.h>
#include <bisque/renderer/models/model_textures.h>
#include <bisque/renderer/models/read_model.h>

namespace bisque {
namespace {

using op::Tensor;
using Tensors = std::vector<Tensor>;
using Texts = std::vector<std::string>;
using LoadedBlendshapes = std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor,
                                     Tensor, Tensors, Tensor, Texts, Texts, Texts, Tensor, Tensor, Tensor, Tensors,
                                     Tensors, Tensors, Tensor, Tensor, Tensor, bool, bool, Texts>;

// The factors of all correctives, one corrective after the other.
struct Factors {
  std::vector<int32_t> shapes, first_idx{0}, factors;
};

Factors factors_of(const BlendshapeData& model) {
  Factors all;
  for (const Corrective& corrective : model.correctives) {
    all.shapes.push_back(corrective.shape);
    all.factors.insert(all.factors.end(), corrective.factors.begin(), corrective.factors.end());
    all.first_idx.push_back(static_cast<int32_t>(all.factors.size()));
  }
  return all;
}

// The left eye, then the right one; without verts where the model has none.
struct Eyes {
  Tensors verts, centers, gazes;
};

Eyes eyes_of(const BlendshapeData& model) {
  Eyes eyes;
  for (const Side side : {Side::kLeft, Side::kRight}) {
    const Eyeball ball = find_eyeball(model, side).value_or(Eyeball{});
    eyes.verts.push_back(op::index_rows(std::span<const int64_t>(ball.verts), 0));
    eyes.centers.push_back(op::float_rows(ball.center, 0));
    eyes.gazes.push_back(op::float_rows(gaze_of_shapes(model.shape_names, side), 3));
  }
  return eyes;
}

Tensor box_rows(const Box& box) {
  std::vector<float> rows(box.low.begin(), box.low.end());
  rows.insert(rows.end(), box.high.begin(), box.high.end());
  return op::float_rows(rows, 3);
}

LoadedBlendshapes load_blendshapes(const std::string& path, bool textures) {
  BlendshapeData model = read_blendshapes(path);
  if (textures) read_textures(model);
  const Factors factors = factors_of(model);
  Eyes eyes = eyes_of(model);
  const HeadRegion head = find_head(model);
  return {op::float_rows(model.neutral, 3),
          op::index_rows(std::span<const int32_t>(model.faces), 3),
          op::index_rows(std::span<const int64_t>(model.vert_offsets), 0),
          op::index_rows(std::span<const int32_t>(model.delta_shape), 0),
          op::float_rows(model.deltas, 3),
          op::float_rows(model.uvs, 2),
          op::index_rows(std::span<const int32_t>(model.uv_faces), 3),
          op::index_rows(std::span<const int32_t>(model.face_groups), 0),
          op::index_rows(std::span<const int32_t>(model.normal_verts), 0),
          op::material_rows(model.materials),
          op::material_textures(model.materials),
          op::contained_pictures(model.textures),
          op::texture_rows(model.textures),
          model.shape_names,
          model.group_names,
          transparent_groups(model),
          op::index_rows(std::span<const int32_t>(factors.shapes), 0),
          op::index_rows(std::span<const int32_t>(factors.first_idx), 0),
          op::index_rows(std::span<const int32_t>(factors.factors), 0),
          std::move(eyes.verts),
          std::move(eyes.centers),
          std::move(eyes.gazes),
          box_rows(head.head),
          op::float_rows(head.pivot, 0),
          op::float_rows(head.weights, 0),
          head.is_known,
          head.is_small,
          model.warnings};
}

const op::Register load_blendshapes_op({
    .schema =
        "bisque::load_blendshapes(str path, bool textures=False) -> (Tensor neutral, Tensor faces, Tensor"
        " vert_offsets, Tensor delta_shape, Tensor deltas, Tensor uvs, Tensor uv_faces, Tensor face_groups, Tensor"
        " normal_verts, Tensor materials, Tensor material_textures, Tensor[] pictures, Tensor texture_options,"
        " str[] shape_names, str[] group_names, str[] transparent_groups, Tensor corrective_shapes, Tensor"
        " corrective_first_idx, Tensor corrective_factors, Tensor[] eye_verts, Tensor[] eye_centers, Tensor[]"
        " eye_gazes, Tensor head_box, Tensor head_pivot, Tensor head_weights, bool head_is_known, bool"
        " head_is_small, str[] warnings)",
    .any = BISQUE_KERNEL(load_blendshapes),
});

}  // namespace
}  // namespace bisque
