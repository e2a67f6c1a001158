// Binds the columns of a take to the shapes of a model: by name, never by position.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <bisque/renderer/takes/name_map.h>
#include <bisque/renderer/takes/shape_names.h>
#include <bisque/renderer/takes/take.h>

namespace bisque {

/// A column that drives a shape: the shape's coefficient is the sum of weight * value over its columns.
struct BoundShape {
  int64_t column = 0;  // of the take
  int64_t shape = 0;   // of the model
  float weight = 1;
};

/// The result of bind_by_name().
struct Binding {
  std::vector<BoundShape> bound;                  // by column
  std::array<int64_t, kNumAngles> angle_columns;  // in the order of angle_names(); -1 if the take has none
  std::vector<std::string> model_lacks;           // columns of shapes that the model does not have
  std::vector<std::string> take_lacks;          // shapes that no column drives, except identity shapes and correctives
  std::vector<std::string> identity_shapes;     // shapes that no column drives and whose names begin with "identity"
  std::vector<std::string> corrective_columns;  // columns named like a corrective shape, which its factors drive
  std::vector<std::string> unused_columns;      // columns whose shape or angle another one drives
  std::vector<std::string> notes;               // choices among several columns or shapes, one sentence each
  int64_t num_columns = 0;
  int64_t num_shapes = 0;
};

/// Binds the columns of a take to the shapes of a model by their names: those of `map` first, then equal ones, then by
/// resolve_shape_name. A whole shape (browInnerUp) drives the two halves of a model that splits it (browInnerUp_L, _R)
/// with weight 1 each; columns of halves drive a model's whole shape with 0.5 each, the mean. Head and eye angles are
/// bound separately. If two columns match one shape or angle, or two shapes one column, ARKit's spelling wins, else the
/// first, with a note. Shapes in `correctives` (Corrective::shape) are not bound. Binding nothing is not an error.
Binding bind_by_name(const std::vector<std::string>& take_names, const std::vector<std::string>& model_shape_names,
                     std::span<const int32_t> correctives = {}, const NameMap& map = {});

/// What was bound and what was not, in a few lines of text that end in newlines.
std::string binding_report(const Binding& binding);

/// Coefficients of one frame [shapes], 0 if no column drives a shape.
std::vector<float> bound_coefficients(const Take& take, const Binding& binding, int64_t frame);

/// Coefficients of all frames [frames, shapes].
std::vector<float> bound_coefficients(const Take& take, const Binding& binding);

/// The angles of one frame in radians, in the order of angle_names(); 0 if the take has none.
std::array<float, kNumAngles> bound_angles(const Take& take, const Binding& binding, int64_t frame);

/// Coefficients and angles at one point in time.
struct BoundFrame {
  std::vector<float> coefficients;  // [shapes]
  std::array<float, kNumAngles> angles{};
};

/// At `position` frames from the take's first frame: interpolated linearly between two frames, the last frame after the
/// end.
BoundFrame bound_frame(const Take& take, const Binding& binding, double position);

}  // namespace bisque
