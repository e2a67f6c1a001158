#include <ATen/ATen.h>

#include <array>

#include <bisque/core/error.h>
#include <bisque/ops3d/blendshapes/blendshapes.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/models/groups.h>

namespace bisque {
namespace {

/// A tensor that views and keeps alive the memory of an array.
template <class T>
at::Tensor view(const Array<T>& array, at::IntArrayRef sizes, at::ScalarType dtype) {
  if (array.empty()) return at::empty(sizes, dtype);
  return at::from_blob(
      const_cast<T*>(array.data()), sizes, [owner = array.owner()](void*) {}, dtype);
}

at::Tensor faces_of(const BlendshapeData& data) {
  return view(data.faces, {data.num_faces(), 3}, at::kInt).to(at::kLong);
}

/// The indices of the vertices that faces use; undefined if all are used.
at::Tensor used_indices(const BlendshapeData& data) {
  const std::vector<bool> used = used_verts(data);
  std::vector<int64_t> indices;
  for (size_t v = 0; v < used.size(); ++v) {
    if (used[v]) indices.push_back(static_cast<int64_t>(v));
  }
  return indices.size() == used.size() ? at::Tensor() : at::tensor(indices, at::kLong);
}

/// Values as [V, 1]; undefined if there are none.
at::Tensor column_of(const std::vector<float>& values) {
  return values.empty() ? at::Tensor() : at::tensor(values).unsqueeze(1);
}

}  // namespace

BlendshapeModel::BlendshapeModel(const BlendshapeData& data, const std::vector<std::string>& hidden_groups)
    : neutral(*this, "neutral", view(data.neutral, {data.num_verts(), 3}, at::kFloat)),
      faces(*this, "faces", faces_of(without_groups(data, hidden_groups))),
      deltas(*this, "deltas", view(data.deltas, {static_cast<int64_t>(data.deltas.size() / 3), 3}, at::kFloat)),
      delta_shape(*this, "delta_shape",
                  view(data.delta_shape, {static_cast<int64_t>(data.delta_shape.size())}, at::kInt)),
      vert_offsets(*this, "vert_offsets", view(data.vert_offsets, {data.num_verts() + 1}, at::kLong)),
      normal_verts(*this, "normal_verts",
                   data.normal_verts.empty() ? at::Tensor()
                                             : view(data.normal_verts, {data.num_verts()}, at::kInt).to(at::kLong)),
      shape_names_(data.shape_names),
      correctives_(data.correctives),
      head_(find_head(data)),
      used_verts_(*this, "used_verts", used_indices(data)),
      head_center_(*this, "head_center", at::tensor(at::ArrayRef<float>(head_.pivot.data(), 3))),
      head_weights_(*this, "head_weights", column_of(head_.weights)) {
  head_.weights = {};
  for (Side side : {Side::kLeft, Side::kRight}) eyes_[static_cast<int>(side)] = make_eye(data, side);
}

std::optional<BlendshapeModel::Eye> BlendshapeModel::make_eye(const BlendshapeData& data, Side side) {
  const auto eyeball = find_eyeball(data, side);
  if (!eyeball) return std::nullopt;
  std::vector<int64_t> first{0};
  std::vector<int64_t> entries;
  bool moved_by_eye_look = false;
  for (int64_t vert : eyeball->verts) {
    for (int64_t d = data.vert_offsets[vert]; d < data.vert_offsets[vert + 1]; ++d) {
      const bool eye_look = is_eye_look(data.shape_names[data.delta_shape[d]]);
      moved_by_eye_look |= eye_look;
      if (!eye_look) entries.push_back(d);
    }
    first.push_back(static_cast<int64_t>(entries.size()));
  }
  const auto rows = at::tensor(entries, at::kLong);
  const auto verts = at::tensor(eyeball->verts, at::kLong);
  const std::string prefix = side == Side::kLeft ? "left_eye_" : "right_eye_";
  const auto keep = [&](const char* name, const at::Tensor& value) { return Buffer(*this, prefix + name, value); };
  return Eye{
      keep("verts", verts),
      keep("center", at::tensor(at::ArrayRef<float>(eyeball->center.data(), 3))),
      keep("neutral", neutral.index_select(0, verts)),
      keep("deltas", deltas.index_select(0, rows)),
      keep("delta_shape", delta_shape.index_select(0, rows)),
      keep("vert_offsets", at::tensor(first, at::kLong)),
      moved_by_eye_look ? Buffer() : keep("gaze", at::tensor(gaze_of_shapes(data.shape_names, side)).view({-1, 3}))};
}

at::Tensor BlendshapeModel::with_correctives(const at::Tensor& coefficients) const {
  if (correctives_.empty()) return coefficients;
  auto columns = coefficients.unbind(1);
  for (const Corrective& corrective : correctives_) {
    auto product = columns[corrective.factors.at(0)];
    for (size_t i = 1; i < corrective.factors.size(); ++i) product = product * columns[corrective.factors[i]];
    columns[corrective.shape] = product;
  }
  return at::stack(columns, 1);
}

at::Tensor BlendshapeModel::turn_eye(const at::Tensor& verts, const at::Tensor& coefficients, const Eye& eye,
                                     const at::Tensor& angles) const {
  const auto rest = blendshapes(coefficients, eye.neutral, eye.deltas, eye.delta_shape, eye.vert_offsets);
  const auto turned = at::matmul(rest - eye.center, pose_rotation(angles)) + eye.center;
  return verts.index_copy(1, eye.verts, turned);
}

at::Tensor BlendshapeModel::forward(const at::Tensor& coefficients, const Pose& pose) const {
  if (coefficients.dim() != 2 || coefficients.size(1) != num_shapes()) {
    fail("BlendshapeModel: expected coefficients to have shape [N, ", num_shapes(), "], but got ",
         coefficients.sizes());
  }
  const auto all = with_correctives(coefficients);
  auto verts = blendshapes(all, neutral, deltas, delta_shape, vert_offsets);
  const at::Tensor* angles[] = {&pose.left_eye, &pose.right_eye};
  for (int side = 0; side < 2; ++side) {
    if (!eyes_[side]) continue;
    const Eye& eye = *eyes_[side];
    if (angles[side]->defined()) {
      verts = turn_eye(verts, all, eye, *angles[side]);
    } else if (eye.gaze.defined()) {
      verts = turn_eye(verts, all, eye, at::matmul(all, eye.gaze));
    }
  }
  return pose.head.defined() ? turn_head(verts, pose.head) : verts;
}

at::Tensor BlendshapeModel::turn_head(const at::Tensor& verts, const at::Tensor& angles) const {
  const auto turned = at::matmul(verts - head_center_, pose_rotation(angles)) + head_center_;
  return head_weights_.defined() ? at::lerp(verts, turned, head_weights_) : turned;
}

at::Tensor BlendshapeModel::framed_verts(FramedPart part) const {
  if (part == FramedPart::kHead && !head_.is_known) {
    fail("BlendshapeModel: the head cannot be framed, as no shape moves a vertex and the model has no head weights.");
  }
  const at::Tensor used = used_verts_.defined() ? neutral.index_select(0, used_verts_) : at::Tensor(neutral);
  if (part == FramedPart::kAll || (part == FramedPart::kAuto && !head_.is_small)) return used;
  const auto bound = [&](const std::array<float, 3>& corner) {
    return at::tensor(at::ArrayRef<float>(corner.data(), 3), used.options());
  };
  const auto inside = (used >= bound(head_.head.low)).logical_and(used <= bound(head_.head.high)).all(1);
  return used.index_select(0, inside.nonzero().squeeze(1));
}

at::Tensor pose_rotation(const at::Tensor& angles) {
  if (angles.dim() != 2 || angles.size(1) != 3) {
    fail("pose_rotation: expected angles to have shape [N, 3] as (yaw, pitch, roll), but got ", angles.sizes());
  }
  const auto sin = angles.sin(), cos = angles.cos();
  const auto sy = -sin.select(1, 0), cy = cos.select(1, 0);  // yaw turns against the right hand about +Y
  const auto sp = sin.select(1, 1), cp = cos.select(1, 1);
  const auto sr = -sin.select(1, 2), cr = cos.select(1, 2);
  // Rows are the images of the axes: (x, y, z) Rz Rx Ry.
  return at::stack({cr * cy + sr * sp * sy, sr * cp, sr * sp * cy - cr * sy,  //
                    cr * sp * sy - sr * cy, cr * cp, sr * sy + cr * sp * cy,  //
                    cp * sy, -sp, cp * cy},
                   1)
      .view({-1, 3, 3});
}

}  // namespace bisque
