// The checks and allocations that the CPU, Meta and CUDA implementations of vertex_normals' gradient share.
#pragma once
#include <bisque/ops3d/vertex_normals/vertex_normals_backward_params.h>
#include <bisque/ops3d/vertex_normals/vertex_normals_prepare.h>

namespace bisque {

struct VertexNormalsBackwardCall {
  op::Tensor grad_normals, verts, faces, vert_first, vert_faces;  // checked and contiguous
  op::Tensor face_normals, grad_sums, grad_verts;

  template <class T>
  VertexNormalsBackwardParams<T> params() const {
    return {{op::data<T>(verts), op::data<int64_t>(faces), op::data<int64_t>(vert_first), op::data<int64_t>(vert_faces),
             op::mutable_data<T>(face_normals), nullptr, verts.size(0), verts.size(1), faces.size(0)},
            op::data<T>(grad_normals),
            op::mutable_data<T>(grad_sums),
            op::mutable_data<T>(grad_verts)};
  }
};

inline VertexNormalsBackwardCall prepare_vertex_normals_backward(const op::Tensor& grad_normals,
                                                                 const op::Tensor& verts, const op::Tensor& faces,
                                                                 const op::Tensor& vert_first,
                                                                 const op::Tensor& vert_faces) {
  const char* op = "_vertex_normals_backward";
  check_vertex_normals(op, verts, faces, vert_first, vert_faces);
  op::check(op, "grad_normals", grad_normals)
      .shape({verts.size(0), verts.size(1), 3}, "[N, V, 3]")
      .like("verts", verts);
  const auto like_verts = [&] { return op::new_empty(verts, {verts.size(0), verts.size(1), 3}); };
  return {op::contiguous(grad_normals),
          op::contiguous(verts),
          op::contiguous(faces),
          op::contiguous(vert_first),
          op::contiguous(vert_faces),
          op::new_empty(verts, {verts.size(0), faces.size(0), 3}),
          like_verts(),
          like_verts()};
}

}  // namespace bisque
