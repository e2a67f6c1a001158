#include <bisque/ops3d/structures/meshes.h>

#include <bisque/core/data/ragged.h>

#include "holder.h"

namespace bisque {
namespace {

using Tensors = std::vector<at::Tensor>;
using HeldMeshes = Held<Meshes>;
using MeshesClass = torch::class_<HolderOf<Meshes>>;

template <auto method>
constexpr auto* get_of_meshes = &get<Meshes, method>;

void define_forms(MeshesClass& meshes) {
  meshes
      .def(torch::init([](const Tensors& verts, const Tensors& faces, const Tensors& verts_normals) {
             return hold(Meshes(verts, faces, verts_normals));
           }),
           "", {torch::arg("verts"), torch::arg("faces"), torch::arg("verts_normals") = Tensors()})
      .def_static("padded",
                  [](const at::Tensor& verts, const at::Tensor& faces, const std::optional<at::Tensor>& normals) {
                    return hold(Meshes(verts, faces, tensor_or_none(normals)));
                  })
      .def_static("packed",
                  [](const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& num_verts,
                     const at::Tensor& num_faces) {
                    return hold(Meshes(data::PackedMeshes{verts, faces, num_verts, num_faces}));
                  })
      .def("size", get_of_meshes<&Meshes::size>)
      .def("isempty", get_of_meshes<&Meshes::isempty>)
      .def("valid", get_of_meshes<&Meshes::valid>)
      .def("equisized", get_of_meshes<&Meshes::equisized>)
      .def("verts_list", get_of_meshes<&Meshes::verts_list>)
      .def("faces_list", get_of_meshes<&Meshes::faces_list>)
      .def("verts_packed", get_of_meshes<&Meshes::verts_packed>)
      .def("faces_packed", get_of_meshes<&Meshes::faces_packed>)
      .def("verts_padded", get_of_meshes<&Meshes::verts_padded>)
      .def("faces_padded", get_of_meshes<&Meshes::faces_padded>)
      .def("num_verts_per_mesh", get_of_meshes<&Meshes::num_verts_per_mesh>)
      .def("num_faces_per_mesh", get_of_meshes<&Meshes::num_faces_per_mesh>)
      .def("verts_packed_to_mesh_idx", get_of_meshes<&Meshes::verts_packed_to_mesh_idx>)
      .def("faces_packed_to_mesh_idx", get_of_meshes<&Meshes::faces_packed_to_mesh_idx>)
      .def("mesh_to_verts_packed_first_idx", get_of_meshes<&Meshes::mesh_to_verts_packed_first_idx>)
      .def("mesh_to_faces_packed_first_idx", get_of_meshes<&Meshes::mesh_to_faces_packed_first_idx>)
      .def("verts_padded_to_packed_idx", get_of_meshes<&Meshes::verts_padded_to_packed_idx>);
}

void define_derived(MeshesClass& meshes) {
  meshes.def("edges_packed", get_of_meshes<&Meshes::edges_packed>)
      .def("faces_packed_to_edges_packed", get_of_meshes<&Meshes::faces_packed_to_edges_packed>)
      .def("num_edges_per_mesh", get_of_meshes<&Meshes::num_edges_per_mesh>)
      .def("edges_packed_to_mesh_idx", get_of_meshes<&Meshes::edges_packed_to_mesh_idx>)
      .def("mesh_to_edges_packed_first_idx", get_of_meshes<&Meshes::mesh_to_edges_packed_first_idx>)
      .def("adjacency_packed", get_of_meshes<&Meshes::adjacency_packed>)
      .def("laplacian_packed", get_of_meshes<&Meshes::laplacian_packed>)
      .def("faces_areas_packed", get_of_meshes<&Meshes::faces_areas_packed>)
      .def("faces_normals_packed", get_of_meshes<&Meshes::faces_normals_packed>)
      .def("faces_normals_list", get_of_meshes<&Meshes::faces_normals_list>)
      .def("faces_normals_padded", get_of_meshes<&Meshes::faces_normals_padded>)
      .def("verts_normals_packed", get_of_meshes<&Meshes::verts_normals_packed>)
      .def("verts_normals_list", get_of_meshes<&Meshes::verts_normals_list>)
      .def("verts_normals_padded", get_of_meshes<&Meshes::verts_normals_padded>)
      .def("has_verts_normals", get_of_meshes<&Meshes::has_verts_normals>)
      .def("get_bounding_boxes", get_of_meshes<&Meshes::get_bounding_boxes>)
      .def("get_mesh_verts_faces", [](const HeldMeshes& self, int64_t index) {
        const auto [verts, faces] = self->value.get_mesh_verts_faces(index);
        return std::tuple(verts, faces);
      });
}

void define_changes(MeshesClass& meshes) {
  meshes.def("at", [](const HeldMeshes& self, int64_t index) { return hold(self->value[index]); })
      .def("at_list",
           [](const HeldMeshes& self, const std::vector<int64_t>& indices) { return hold(self->value[indices]); })
      .def("at_tensor", [](const HeldMeshes& self, const at::Tensor& indices) { return hold(self->value[indices]); })
      .def("split", [](const HeldMeshes& self,
                       const std::vector<int64_t>& sizes) { return hold_each(self->value.split(sizes)); })
      .def("extend", [](const HeldMeshes& self, int64_t count) { return hold(self->value.extend(count)); })
      .def("submeshes", [](const HeldMeshes& self,
                           const std::vector<Tensors>& indices) { return hold(self->value.submeshes(indices)); })
      .def("clone", get_of_meshes<&Meshes::clone>)
      .def("detach", get_of_meshes<&Meshes::detach>)
      .def("to", [](const HeldMeshes& self, at::ScalarType dtype) { return hold(self->value.to(dtype)); })
      .def("to_device", [](const HeldMeshes& self, at::Device device) { return hold(self->value.to(device)); })
      .def("offset_verts",
           [](const HeldMeshes& self, const at::Tensor& offsets) { return hold(self->value.offset_verts(offsets)); })
      .def("offset_verts_",
           [](const HeldMeshes& self, const at::Tensor& offsets) { self->value.offset_verts_(offsets); })
      .def("scale_verts",
           [](const HeldMeshes& self, const at::Tensor& scale) { return hold(self->value.scale_verts(scale)); })
      .def("scale_verts_", [](const HeldMeshes& self, double scale) { self->value.scale_verts_(scale); })
      .def("update_padded",
           [](const HeldMeshes& self, const at::Tensor& verts) { return hold(self->value.update_padded(verts)); })
      .def("copy", [](const HeldMeshes& self) { return hold(Meshes(self->value)); })
      .def_static("join_as_batch",
                  [](const std::vector<HeldMeshes>& held) { return hold(join_meshes_as_batch(values_of(held))); })
      .def_static("join_as_scene",
                  [](const std::vector<HeldMeshes>& held) { return hold(join_meshes_as_scene(values_of(held))); });
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  MeshesClass meshes = library.class_<HolderOf<Meshes>>("Meshes");
  define_forms(meshes);
  define_derived(meshes);
  define_changes(meshes);
}

}  // namespace bisque
