// The checks and allocations that the CPU, Meta and CUDA implementations of vertex_normals share.
#pragma once
#include <bisque/core/ops/glue.h>
#include <bisque/ops3d/vertex_normals/vertex_normals_params.h>

namespace bisque {

struct VertexNormalsCall {
  op::Tensor verts, faces, vert_first, vert_faces;  // checked and contiguous
  op::Tensor face_normals, normals;

  template <class T>
  VertexNormalsParams<T> params() const {
    return {op::data<T>(verts),
            op::data<int64_t>(faces),
            op::data<int64_t>(vert_first),
            op::data<int64_t>(vert_faces),
            op::mutable_data<T>(face_normals),
            op::mutable_data<T>(normals),
            verts.size(0),
            verts.size(1),
            faces.size(0)};
  }
};

/// The checks of the arguments that the backward op has as well.
inline void check_vertex_normals(const char* op, const op::Tensor& verts, const op::Tensor& faces,
                                 const op::Tensor& vert_first, const op::Tensor& vert_faces) {
  const auto index = op::ScalarType::Long;
  op::check(op, "verts", verts).shape({op::kAny, op::kAny, 3}, "[N, V, 3]").floating();
  op::check(op, "faces", faces).shape({op::kAny, 3}, "[F, 3]").dtype(index).on_device_of("verts", verts);
  op::check(op, "vert_first", vert_first)
      .shape({verts.size(1) + 1}, "[V + 1]")
      .dtype(index)
      .on_device_of("verts", verts);
  op::check(op, "vert_faces", vert_faces).shape({3 * faces.size(0)}, "[3 F]").dtype(index).on_device_of("verts", verts);
}

inline VertexNormalsCall prepare_vertex_normals(const op::Tensor& verts, const op::Tensor& faces,
                                                const op::Tensor& vert_first, const op::Tensor& vert_faces) {
  check_vertex_normals("vertex_normals", verts, faces, vert_first, vert_faces);
  return {op::contiguous(verts),
          op::contiguous(faces),
          op::contiguous(vert_first),
          op::contiguous(vert_faces),
          op::new_empty(verts, {verts.size(0), faces.size(0), 3}),
          op::new_empty(verts, {verts.size(0), verts.size(1), 3})};
}

}  // namespace bisque
