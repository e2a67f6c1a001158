#include <bisque/ops3d/structures/topology.h>

#include <torch/library.h>

namespace bisque {
namespace {

std::tuple<at::Tensor, at::Tensor> faces_around(const at::Tensor& faces, int64_t num_verts) {
  const auto around = vert_faces_of(faces, num_verts);
  return {around.vert_faces_offsets, around.vert_faces};
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  library.def("vert_faces_of(Tensor faces, int num_verts) -> (Tensor vert_faces_offsets, Tensor vert_faces)",
              &faces_around);
}

}  // namespace bisque
