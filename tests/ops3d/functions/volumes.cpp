#include <bisque/ops3d/structures/volumes.h>

#include <bisque/ops3d/functions/points_to_volume_features.h>
#include <bisque/ops3d/structures/pointclouds.h>

#include "holder.h"

namespace bisque {
namespace {

using HeldVolumes = Held<Volumes>;

template <auto method>
constexpr auto* get_of_volumes = &get<Volumes, method>;

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  using Tensors = std::vector<at::Tensor>;
  using MaybeTensor = std::optional<at::Tensor>;
  library.class_<HolderOf<Volumes>>("Volumes")
      .def(torch::init([](const Tensors& densities, const Tensors& features, const MaybeTensor& voxel_size,
                          const MaybeTensor& translation, bool align_corners) {
             return hold(Volumes(densities, features,
                                 {tensor_or_none(voxel_size), tensor_or_none(translation), align_corners}));
           }),
           "",
           {torch::arg("densities"), torch::arg("features") = Tensors(), torch::arg("voxel_size") = MaybeTensor(),
            torch::arg("volume_translation") = MaybeTensor(), torch::arg("align_corners") = true})
      .def_static("padded",
                  [](const at::Tensor& densities, const MaybeTensor& features, const MaybeTensor& voxel_size,
                     const MaybeTensor& translation) {
                    return hold(Volumes(densities, tensor_or_none(features),
                                        {tensor_or_none(voxel_size), tensor_or_none(translation)}));
                  })
      .def("size", get_of_volumes<&Volumes::size>)
      .def("densities", get_of_volumes<&Volumes::densities>)
      .def("features", get_of_volumes<&Volumes::features>)
      .def("densities_list", get_of_volumes<&Volumes::densities_list>)
      .def("features_list", get_of_volumes<&Volumes::features_list>)
      .def("get_grid_sizes", get_of_volumes<&Volumes::get_grid_sizes>)
      .def("get_coord_grid", [](const HeldVolumes& self, bool world) { return self->value.get_coord_grid(world); })
      .def("local_to_world_coords",
           [](const HeldVolumes& self, const at::Tensor& points) { return self->value.local_to_world_coords(points); })
      .def("world_to_local_coords",
           [](const HeldVolumes& self, const at::Tensor& points) { return self->value.world_to_local_coords(points); })
      .def("get_local_to_world_coords_matrix", get_of_volumes<&Volumes::get_local_to_world_coords_matrix>)
      .def("at", [](const HeldVolumes& self, int64_t index) { return hold(self->value[index]); })
      .def("at_tensor", [](const HeldVolumes& self, const at::Tensor& indices) { return hold(self->value[indices]); })
      .def("update_padded",
           [](const HeldVolumes& self, const at::Tensor& densities, const MaybeTensor& features) {
             return hold(self->value.update_padded(densities, tensor_or_none(features)));
           })
      .def("add_pointclouds",
           [](const HeldVolumes& self, const Held<Pointclouds>& clouds, std::string mode) {
             return hold(add_pointclouds_to_volumes(clouds->value, self->value, {.mode = std::move(mode)}));
           })
      .def("clone", get_of_volumes<&Volumes::clone>)
      .def("detach", get_of_volumes<&Volumes::detach>)
      .def("to", [](const HeldVolumes& self, at::ScalarType dtype) { return hold(self->value.to(dtype)); });
}

}  // namespace bisque
