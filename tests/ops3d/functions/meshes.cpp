#include <bisque/ops3d/structures/meshes.h>

#include <torch/custom_class.h>
#include <torch/library.h>

#include <bisque/core/data/ragged.h>

namespace bisque {
namespace {

using TensorList = std::vector<at::Tensor>;

/// torch.classes.bisque_functions.Meshes: Meshes for Python tests.
struct MeshesForTests : torch::CustomClassHolder {
  explicit MeshesForTests(Meshes those) : meshes(std::move(those)) {}
  Meshes meshes;
};
using Holder = c10::intrusive_ptr<MeshesForTests>;

Holder hold(Meshes meshes) { return c10::make_intrusive<MeshesForTests>(std::move(meshes)); }

// A method of Meshes without arguments.
template <auto method>
auto get(const Holder& self) {
  auto result = (self->meshes.*method)();
  if constexpr (std::is_same_v<decltype(result), Meshes>) {
    return hold(std::move(result));
  } else {
    return result;
  }
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  library.class_<MeshesForTests>("Meshes")
      .def(torch::init([](const TensorList& verts, const TensorList& faces) { return hold(Meshes(verts, faces)); }))
      .def_static("padded", [](const at::Tensor& verts, const at::Tensor& faces) { return hold(Meshes(verts, faces)); })
      .def_static("packed",
                  [](const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& num_verts,
                     const at::Tensor& num_faces) {
                    return hold(Meshes(data::PackedMeshes{verts, faces, num_verts, num_faces}));
                  })
      .def("size", &get<&Meshes::size>)
      .def("isempty", &get<&Meshes::isempty>)
      .def("valid", &get<&Meshes::valid>)
      .def("equisized", &get<&Meshes::equisized>)
      .def("verts_list", &get<&Meshes::verts_list>)
      .def("faces_list", &get<&Meshes::faces_list>)
      .def("verts_packed", &get<&Meshes::verts_packed>)
      .def("faces_packed", &get<&Meshes::faces_packed>)
      .def("verts_padded", &get<&Meshes::verts_padded>)
      .def("faces_padded", &get<&Meshes::faces_padded>)
      .def("num_verts_per_mesh", &get<&Meshes::num_verts_per_mesh>)
      .def("num_faces_per_mesh", &get<&Meshes::num_faces_per_mesh>)
      .def("verts_packed_to_mesh_idx", &get<&Meshes::verts_packed_to_mesh_idx>)
      .def("faces_packed_to_mesh_idx", &get<&Meshes::faces_packed_to_mesh_idx>)
      .def("mesh_to_verts_packed_first_idx", &get<&Meshes::mesh_to_verts_packed_first_idx>)
      .def("mesh_to_faces_packed_first_idx", &get<&Meshes::mesh_to_faces_packed_first_idx>)
      .def("verts_padded_to_packed_idx", &get<&Meshes::verts_padded_to_packed_idx>);
}

}  // namespace bisque
