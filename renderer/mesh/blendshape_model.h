// BlendshapeModel: a Module that computes vertices from coefficients and head pose.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include <bisque/core/nn/module.h>
#include <bisque/renderer/models/blendshape_data.h>
#include <bisque/renderer/models/eyeballs.h>
#include <bisque/renderer/models/head_region.h>

namespace bisque {

/// Rotations of N frames in radians, each [N, 3] as (yaw, pitch, roll); undefined means none.
/// Signs are those of Live Link Face: yaw is positive towards the subject's right, pitch down, roll towards the
/// subject's left shoulder.
struct Pose {
  at::Tensor head, left_eye, right_eye;
};

/// The part of a model that a camera frames.
enum class FramedPart {
  kAuto,  // the head of a model with a body (HeadRegion::is_small); else all
  kHead,
  kAll
};

/// A linear blendshape model with corrective shapes, a turning head and turning eyeballs.
///
///   forward(coefficients [N, S], pose) -> verts [N, V, 3]
///
/// The column of a corrective shape is replaced by the product of its factors' columns. Eyeballs turn about their own
/// centers if the model has them as groups (find_eyeball): by the pose, and the eyeLook shapes do not move them a
/// second time; without a pose by the coefficients of the eyeLook shapes, if those move only the lids. The head turns
/// as find_head describes: in a model with a body about its neck, with vertices blended linearly by their weights; any
/// other model turns as a whole about the middle of the neutral's box. Differentiable with respect to coefficients and
/// pose, like the op blendshapes.
class BlendshapeModel : public ModuleOf<BlendshapeModel> {
 public:
  /// `hidden_groups` are removed from `faces`, as by without_groups; their verts remain.
  explicit BlendshapeModel(const BlendshapeData& data, const std::vector<std::string>& hidden_groups = {});

  at::Tensor forward(const at::Tensor& coefficients, const Pose& pose = {}) const;

  int64_t num_shapes() const { return static_cast<int64_t>(shape_names_.size()); }
  const std::vector<std::string>& shape_names() const { return shape_names_; }
  bool has_eyeball(Side side) const { return eyes_[static_cast<int>(side)].has_value(); }
  const HeadRegion& head() const { return head_; }

  /// The vertices of the neutral that a camera frames, [P, 3], for fit_camera, without vertices that no face uses.
  /// Error: kHead, but no shape moves a vertex and there are no head weights.
  at::Tensor framed_verts(FramedPart part = FramedPart::kAuto) const;

  Buffer neutral;       // [V, 3]
  Buffer faces;         // [F, 3] int64
  Buffer deltas;        // [D, 3]
  Buffer delta_shape;   // [D] int32
  Buffer vert_offsets;  // [V + 1] int64
  Buffer normal_verts;  // [V] int64, as in BlendshapeData; undefined without seams

 private:
  // One eyeball as a separate model, without the eyeLook shapes.
  struct Eye {
    Buffer verts;  // [E] int64
    Buffer center, neutral, deltas, delta_shape, vert_offsets;
    Buffer gaze;  // [S, 3] angles of the eyeLook shapes; undefined if they move the eyeball
  };
  std::optional<Eye> make_eye(const BlendshapeData& data, Side side);
  at::Tensor with_correctives(const at::Tensor& coefficients) const;
  at::Tensor turn_eye(const at::Tensor& verts, const at::Tensor& coefficients, const Eye& eye,
                      const at::Tensor& angles) const;
  at::Tensor turn_head(const at::Tensor& verts, const at::Tensor& angles) const;

  std::vector<std::string> shape_names_;
  std::vector<Corrective> correctives_;
  std::optional<Eye> eyes_[2];
  HeadRegion head_;      // without its weights, see head_weights_
  Buffer used_verts_;    // [U] int64, vertices of faces; undefined if that is all
  Buffer head_center_;   // [3] the point about which the head turns
  Buffer head_weights_;  // [V, 1]; undefined if the whole model turns
};

/// Rotation matrices [N, 3, 3] for row vectors from (yaw, pitch, roll) [N, 3], with the signs of Pose: roll first, then
/// pitch, then yaw.
at::Tensor pose_rotation(const at::Tensor& angles);

}  // namespace bisque
