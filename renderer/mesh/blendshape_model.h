// BlendshapeModel: coefficients and head pose to vertices, as a Module.
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

/// What a camera is to see of a model.
enum class FramedPart {
  kAuto,  // the head of a model with a body, as HeadRegion::is_small finds it; else all
  kHead,
  kAll
};

/// A linear blendshape model with corrective shapes, turning head and turning eyeballs.
///
///   forward(coefficients [N, S], pose) -> verts [N, V, 3]
///
/// The column of a corrective shape is replaced by the product of its factors' columns. Eyeballs turn about their own
/// centers, for which the model must have them as groups (find_eyeball): by the pose, and the eyeLook shapes do not
/// move them a second time; without one by the coefficients of the eyeLook shapes, where those move the lids alone. The
/// head turns as find_head describes: a model with a body about its neck, and vertices are blended linearly by the
/// share in which they follow; any other model as a whole about the middle of the neutral's box. Differentiable to
/// coefficients and pose as the op blendshapes is.
class BlendshapeModel : public ModuleOf<BlendshapeModel> {
 public:
  /// `hidden_groups` are left out of `faces`, as without_groups does; their verts are there.
  explicit BlendshapeModel(const BlendshapeData& data, const std::vector<std::string>& hidden_groups = {});

  at::Tensor forward(const at::Tensor& coefficients, const Pose& pose = {}) const;

  int64_t num_shapes() const { return static_cast<int64_t>(shape_names_.size()); }
  const std::vector<std::string>& shape_names() const { return shape_names_; }
  bool has_eyeball(Side side) const { return eyes_[static_cast<int>(side)].has_value(); }
  const HeadRegion& head() const { return head_; }

  /// The vertices of the neutral that a camera is to see, [P, 3], for fit_camera; vertices that no face uses are none
  /// of them. Error: kHead, but no shape moves a vertex and no head weights show where the head is.
  at::Tensor framed_verts(FramedPart part = FramedPart::kAuto) const;

  Buffer neutral;       // [V, 3]
  Buffer faces;         // [F, 3] int64
  Buffer deltas;        // [D, 3]
  Buffer delta_shape;   // [D] int32
  Buffer vert_first;    // [V + 1] int64
  Buffer normal_verts;  // [V] int64, as in BlendshapeData; undefined where no seam is

 private:
  // The vertices of one eyeball as a model of its own, without the eyeLook shapes.
  struct Eye {
    Buffer verts;  // [E] int64
    Buffer center, neutral, deltas, delta_shape, vert_first;
    Buffer gaze;  // [S, 3] angles that the eyeLook shapes stand for; undefined where they move the eyeball themselves
  };
  std::optional<Eye> make_eye(const BlendshapeData& data, Side side);
  at::Tensor with_correctives(const at::Tensor& coefficients) const;
  at::Tensor turn_eye(const at::Tensor& verts, const at::Tensor& coefficients, const Eye& eye,
                      const at::Tensor& angles) const;
  at::Tensor turn_head(const at::Tensor& verts, const at::Tensor& angles) const;

  std::vector<std::string> shape_names_;
  std::vector<Corrective> correctives_;
  std::optional<Eye> eyes_[2];
  HeadRegion head_;      // without its weights, which are below
  Buffer used_verts_;    // [U] int64, those that faces use; undefined where that is all
  Buffer head_center_;   // [3] the point about which the head turns
  Buffer head_weights_;  // [V, 1]; undefined where the whole model turns
};

/// Rotation matrices [N, 3, 3] for row vectors out of (yaw, pitch, roll) [N, 3], with the signs of Pose: roll first,
/// then pitch, then yaw.
at::Tensor pose_rotation(const at::Tensor& angles);

}  // namespace bisque
