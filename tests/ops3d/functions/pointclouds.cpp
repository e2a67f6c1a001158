#include <bisque/ops3d/structures/pointclouds.h>

#include "holder.h"

namespace bisque {
namespace {

using Clouds = Held<Pointclouds>;

template <auto method>
constexpr auto* get_of_clouds = &get<Pointclouds, method>;

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  using Tensors = std::vector<at::Tensor>;
  using MaybeTensor = std::optional<at::Tensor>;
  library.class_<HolderOf<Pointclouds>>("Pointclouds")
      .def(torch::init([](const Tensors& points, const Tensors& normals, const Tensors& features) {
             return hold(Pointclouds(points, normals, features));
           }),
           "", {torch::arg("points"), torch::arg("normals") = Tensors(), torch::arg("features") = Tensors()})
      .def_static("padded",
                  [](const at::Tensor& points, const MaybeTensor& normals, const MaybeTensor& features,
                     const MaybeTensor& lengths) {
                    return hold(Pointclouds(points, tensor_or_none(normals), tensor_or_none(features),
                                            tensor_or_none(lengths)));
                  })
      .def("size", get_of_clouds<&Pointclouds::size>)
      .def("isempty", get_of_clouds<&Pointclouds::isempty>)
      .def("valid", get_of_clouds<&Pointclouds::valid>)
      .def("equisized", get_of_clouds<&Pointclouds::equisized>)
      .def("points_list", get_of_clouds<&Pointclouds::points_list>)
      .def("normals_list", get_of_clouds<&Pointclouds::normals_list>)
      .def("features_list", get_of_clouds<&Pointclouds::features_list>)
      .def("points_packed", get_of_clouds<&Pointclouds::points_packed>)
      .def("normals_packed", get_of_clouds<&Pointclouds::normals_packed>)
      .def("features_packed", get_of_clouds<&Pointclouds::features_packed>)
      .def("points_padded", get_of_clouds<&Pointclouds::points_padded>)
      .def("normals_padded", get_of_clouds<&Pointclouds::normals_padded>)
      .def("features_padded", get_of_clouds<&Pointclouds::features_padded>)
      .def("num_points_per_cloud", get_of_clouds<&Pointclouds::num_points_per_cloud>)
      .def("packed_to_cloud_idx", get_of_clouds<&Pointclouds::packed_to_cloud_idx>)
      .def("cloud_to_packed_first_idx", get_of_clouds<&Pointclouds::cloud_to_packed_first_idx>)
      .def("padded_to_packed_idx", get_of_clouds<&Pointclouds::padded_to_packed_idx>)
      .def("get_bounding_boxes", get_of_clouds<&Pointclouds::get_bounding_boxes>)
      .def("inside_box", [](const Clouds& self, const at::Tensor& box) { return self->value.inside_box(box); })
      .def("get_cloud",
           [](const Clouds& self, int64_t index) {
             const auto [points, normals, features] = self->value.get_cloud(index);
             return std::tuple(points, none_if_undefined(normals), none_if_undefined(features));
           })
      .def("at", [](const Clouds& self, int64_t index) { return hold(self->value[index]); })
      .def("at_list",
           [](const Clouds& self, const std::vector<int64_t>& indices) { return hold(self->value[indices]); })
      .def("at_tensor", [](const Clouds& self, const at::Tensor& indices) { return hold(self->value[indices]); })
      .def("split",
           [](const Clouds& self, const std::vector<int64_t>& sizes) { return hold_each(self->value.split(sizes)); })
      .def("extend", [](const Clouds& self, int64_t count) { return hold(self->value.extend(count)); })
      .def("subsample", [](const Clouds& self, const std::vector<int64_t>& most,
                           const at::Tensor& random) { return hold(self->value.subsample(most, random)); })
      .def("clone", get_of_clouds<&Pointclouds::clone>)
      .def("detach", get_of_clouds<&Pointclouds::detach>)
      .def("to", [](const Clouds& self, at::ScalarType dtype) { return hold(self->value.to(dtype)); })
      .def("to_device", [](const Clouds& self, at::Device device) { return hold(self->value.to(device)); })
      .def("offset", [](const Clouds& self, const at::Tensor& offsets) { return hold(self->value.offset(offsets)); })
      .def("offset_", [](const Clouds& self, const at::Tensor& offsets) { self->value.offset_(offsets); })
      .def("scale", [](const Clouds& self, const at::Tensor& scale) { return hold(self->value.scale(scale)); })
      .def("scale_", [](const Clouds& self, double scale) { self->value.scale_(scale); })
      .def("update_padded",
           [](const Clouds& self, const at::Tensor& points, const MaybeTensor& normals, const MaybeTensor& features) {
             return hold(self->value.update_padded(points, tensor_or_none(normals), tensor_or_none(features)));
           })
      .def_static("join_as_batch",
                  [](const std::vector<Clouds>& held) { return hold(join_pointclouds_as_batch(values_of(held))); })
      .def_static("join_as_scene",
                  [](const std::vector<Clouds>& held) { return hold(join_pointclouds_as_scene(values_of(held))); });
}

}  // namespace bisque
