#include <bisque/ops3d/functions/mesh_tensors.h>
#include <bisque/ops3d/io/mesh_file.h>

#include <ATen/ATen.h>
#include <torch/library.h>

namespace bisque {
namespace {

// The tensors of a mesh, in the order of MeshTensors; [0] stands for one that is undefined.
std::vector<at::Tensor> load_mesh_file(const std::string& path) {
  const MeshTensors mesh = to_tensors(load_mesh(path));
  std::vector<at::Tensor> tensors{mesh.verts,       mesh.faces, mesh.normals,  mesh.colors,
                                  mesh.face_colors, mesh.uvs,   mesh.uv_faces, mesh.normal_faces};
  for (at::Tensor& tensor : tensors) {
    if (!tensor.defined()) tensor = at::empty({0});
  }
  return tensors;
}

void save_mesh_file(const std::string& path, std::vector<at::Tensor> tensors) {
  for (at::Tensor& tensor : tensors) {
    if (tensor.dim() == 1 && tensor.numel() == 0) tensor = at::Tensor();
  }
  save_mesh(path, to_mesh_data({tensors[0], tensors[1], tensors[2], tensors[3], tensors[4], tensors[5], tensors[6],
                                tensors[7]}));
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  library.def("load_mesh_file(str path) -> Tensor[]", &load_mesh_file);
  library.def("save_mesh_file(str path, Tensor[] tensors) -> ()", &save_mesh_file);
}

}  // namespace bisque
