// The checks and allocations that the CPU, Meta and CUDA implementations of marching_cubes share.
#pragma once
#include <bisque/core/ops/glue.h>
#include <bisque/ops3d/marching_cubes/marching_cubes_params.h>

#include <cmath>
#include <optional>
#include <tuple>

namespace bisque {

using MarchingCubesResults = std::tuple<op::Tensor, op::Tensor, op::Tensor, op::Tensor>;

inline void check_marching_cubes(const op::Tensor& vol, std::optional<double> isolevel) {
  const char* op = "marching_cubes";
  op::check(op, "vol", vol).shape({op::kAny, op::kAny, op::kAny, op::kAny}, "[N, D, H, W]").floating();
  if (isolevel && !std::isfinite(*isolevel)) {
    op::refuse(op, "isolevel", "be finite", std::to_string(*isolevel));
  }
}

struct MarchingCubesCall {
  op::Tensor vol;  // checked and contiguous
  bool own_isolevel, local_coords;
  double isolevel;
  int64_t words, units;
  op::Tensor isolevels, below, at, corners, vert_first, face_first;  // scratch
  op::Tensor num_verts, num_faces, verts, faces;

  template <class T>
  MarchingCubesParams<T> params() const {
    return {op::data<T>(vol),
            vol.size(0),
            vol.size(1),
            vol.size(2),
            vol.size(3),
            words,
            units,
            own_isolevel,
            local_coords,
            static_cast<T>(isolevel),
            op::mutable_data<T>(isolevels),
            reinterpret_cast<uint32_t*>(op::mutable_data<int32_t>(below)),
            reinterpret_cast<uint32_t*>(op::mutable_data<int32_t>(at)),
            reinterpret_cast<uint32_t*>(op::mutable_data<int32_t>(corners)),
            op::mutable_data<int64_t>(vert_first),
            op::mutable_data<int64_t>(face_first),
            op::mutable_data<int64_t>(num_verts),
            op::mutable_data<int64_t>(num_faces),
            op::mutable_data<T>(verts),
            op::mutable_data<int64_t>(faces)};
  }

  /// Makes verts and faces, once their numbers are known.
  void allocate(int64_t verts_in_all, int64_t faces_in_all) {
    verts = op::new_empty(vol, {verts_in_all, 3});
    faces = op::new_empty(vol, {faces_in_all, 3}, op::ScalarType::Long);
  }

  MarchingCubesResults results() const { return {verts, faces, num_verts, num_faces}; }
};

/// Verts and faces are empty at first; where there are no cells, so are units, and that is the result.
inline MarchingCubesCall prepare_marching_cubes(const op::Tensor& vol, std::optional<double> isolevel,
                                                bool local_coords) {
  check_marching_cubes(vol, isolevel);
  const bool cells = vol.size(0) > 0 && vol.size(1) > 1 && vol.size(2) > 1 && vol.size(3) > 1;
  const int64_t words = (vol.size(3) + 31) / 32;
  const int64_t units = cells ? vol.size(0) * vol.size(1) * vol.size(2) * words : 0;
  const auto index = op::ScalarType::Long;
  const auto bits = [&] { return op::new_empty(vol, {units}, op::ScalarType::Int); };
  return {op::contiguous(vol),
          !isolevel,
          local_coords,
          isolevel.value_or(0),
          words,
          units,
          op::new_empty(vol, {vol.size(0)}),
          bits(),
          bits(),
          bits(),
          op::new_empty(vol, {units + 1}, index),
          op::new_empty(vol, {units + 1}, index),
          torch::stable::new_zeros(vol, {vol.size(0)}, index),
          torch::stable::new_zeros(vol, {vol.size(0)}, index),
          op::new_empty(vol, {0, 3}),
          op::new_empty(vol, {0, 3}, index)};
}

}  // namespace bisque
