// The columns of a take bound to the shapes of a model by their names, and the names nearest to one, as ops.
#include <string>
#include <tuple>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>
#include <bisque/renderer/takes/binding.h>
#include <bisque/renderer/takes/shape_names.h>

namespace bisque {
namespace {

using op::Tensor;
using Texts = std::vector<std::string>;
using BoundTake = std::tuple<Tensor, Tensor, Tensor, Tensor, Texts, Texts, Texts, Texts, Texts, Texts, std::string>;

NameMap name_map(const Texts& take_names, const Texts& shape_names) {
  if (take_names.size() != shape_names.size()) {
    fail("bind_take: expected map_to to have a shape for each of the ", take_names.size(),
         " names of map_from, but got ", shape_names.size());
  }
  NameMap map;
  for (size_t i = 0; i < take_names.size(); ++i) map.push_back({take_names[i], shape_names[i]});
  return map;
}

std::vector<int32_t> shape_indices(const std::vector<int64_t>& indices, size_t num_shapes) {
  std::vector<int32_t> shapes;
  for (const int64_t index : indices) {
    if (index < 0 || index >= static_cast<int64_t>(num_shapes)) {
      fail("bind_take: expected correctives to lie in [0, ", num_shapes, "), but got ", index);
    }
    shapes.push_back(static_cast<int32_t>(index));
  }
  return shapes;
}

BoundTake bind_take(const Texts& take_names, const Texts& shape_names, const std::vector<int64_t>& correctives,
                    const Texts& map_from, const Texts& map_to) {
  const std::vector<int32_t> driven = shape_indices(correctives, shape_names.size());
  const Binding binding = bind_by_name(take_names, shape_names, driven, name_map(map_from, map_to));
  std::vector<int64_t> columns, shapes;
  std::vector<float> weights;
  for (const BoundShape& bound : binding.bound) {
    columns.push_back(bound.column);
    shapes.push_back(bound.shape);
    weights.push_back(bound.weight);
  }
  return {op::index_rows(std::span<const int64_t>(columns), 0),
          op::index_rows(std::span<const int64_t>(shapes), 0),
          op::float_rows(weights, 0),
          op::index_rows(std::span<const int64_t>(binding.angle_columns), 0),
          binding.model_lacks,
          binding.take_lacks,
          binding.identity_shapes,
          binding.corrective_columns,
          binding.unused_columns,
          binding.notes,
          binding_report(binding)};
}

Texts names_near(const std::string& name, const Texts& candidates) { return nearest_names(name, candidates); }

const op::Register bind_take_op({
    .schema =
        "bisque::bind_take(str[] take_names, str[] shape_names, int[] correctives, str[] map_from, str[] map_to) ->"
        " (Tensor columns, Tensor shapes, Tensor weights, Tensor angle_columns, str[] model_lacks, str[] take_lacks,"
        " str[] identity_shapes, str[] corrective_columns, str[] unused_columns, str[] notes, str report)",
    .any = BISQUE_KERNEL(bind_take),
});

const op::Register nearest_names_op({
    .schema = "bisque::nearest_names(str name, str[] candidates) -> str[] nearest",
    .any = BISQUE_KERNEL(names_near),
});

}  // namespace
}  // namespace bisque
