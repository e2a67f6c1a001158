#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/cameras/colmap_cameras.h>
#include <bisque/renderer/cameras/fisheye_cameras.h>
#include <bisque/renderer/cameras/fov_orthographic_cameras.h>
#include <bisque/renderer/cameras/fov_perspective_cameras.h>
#include <bisque/renderer/cameras/look_at.h>
#include <bisque/renderer/cameras/opencv_cameras.h>
#include <bisque/renderer/cameras/opengl_cameras.h>
#include <bisque/renderer/cameras/orthographic_cameras.h>
#include <bisque/renderer/cameras/perspective_cameras.h>
#include <bisque/tests/ops3d/functions/holder.h>

#include "named_values.h"

namespace bisque {
namespace {

using at::Tensor;
using AnyCameras = std::shared_ptr<Cameras>;
using HeldCameras = Held<AnyCameras>;
using MaybeTensor = std::optional<Tensor>;
using MaybeEps = std::optional<double>;
using CamerasClass = torch::class_<HolderOf<AnyCameras>>;

template <class C, class Options>
AnyCameras make(const ViewTransform& view, const Options& options) {
  return std::make_shared<C>(view, options);
}

template <class C, class Options>
AnyCameras make_with_focal_length(const ViewTransform& view, const Tensors& values, const Flags& flags) {
  Options options;
  take(options.focal_length, values, "focal_length");
  take(options.principal_point, values, "principal_point");
  take(options.K, values, "K");
  take(options.in_ndc, flags, "in_ndc");
  take(options.image_size, values, "image_size");
  return make<C>(view, options);
}

AnyCameras make_fov_perspective(const ViewTransform& view, const Tensors& values, const Flags& flags) {
  FoVPerspectiveOptions options;
  take(options.znear, values, "znear");
  take(options.zfar, values, "zfar");
  take(options.aspect_ratio, values, "aspect_ratio");
  take(options.fov, values, "fov");
  take(options.degrees, flags, "degrees");
  take(options.K, values, "K");
  return make<FoVPerspectiveCameras>(view, options);
}

AnyCameras make_fov_orthographic(const ViewTransform& view, const Tensors& values) {
  FoVOrthographicOptions options;
  take(options.znear, values, "znear");
  take(options.zfar, values, "zfar");
  take(options.max_y, values, "max_y");
  take(options.min_y, values, "min_y");
  take(options.max_x, values, "max_x");
  take(options.min_x, values, "min_x");
  take(options.scale_xyz, values, "scale_xyz");
  take(options.K, values, "K");
  return make<FoVOrthographicCameras>(view, options);
}

AnyCameras make_fisheye(const ViewTransform& view, const Tensors& values, const Flags& flags) {
  FishEyeOptions options;
  take(options.focal_length, values, "focal_length");
  take(options.principal_point, values, "principal_point");
  take(options.radial_params, values, "radial_params");
  take(options.tangential_params, values, "tangential_params");
  take(options.thin_prism_params, values, "thin_prism_params");
  take(options.world_coordinates, flags, "world_coordinates");
  take(options.use_radial, flags, "use_radial");
  take(options.use_tangential, flags, "use_tangential");
  take(options.use_thin_prism, flags, "use_thin_prism");
  take(options.image_size, values, "image_size");
  return make<FishEyeCameras>(view, options);
}

HeldCameras make_cameras(const std::string& kind, const Tensors& values, const Flags& flags) {
  const ViewTransform view = {tensor_or_none(values, "R"), tensor_or_none(values, "T")};
  if (kind == "fov_perspective") return hold(make_fov_perspective(view, values, flags));
  if (kind == "fov_orthographic") return hold(make_fov_orthographic(view, values));
  if (kind == "perspective") {
    return hold(make_with_focal_length<PerspectiveCameras, PerspectiveOptions>(view, values, flags));
  }
  if (kind == "orthographic") {
    return hold(make_with_focal_length<OrthographicCameras, OrthographicOptions>(view, values, flags));
  }
  if (kind == "fisheye") return hold(make_fisheye(view, values, flags));
  fail("no cameras named ", kind);
}

const LinearCameras& linear(const HeldCameras& self) { return dynamic_cast<const LinearCameras&>(*self->value); }

BatchValue value_of(const MaybeTensor& tensor) { return tensor ? BatchValue(*tensor) : BatchValue(); }

void define_transforms(CamerasClass& cameras) {
  cameras
      .def("transform_points",
           [](const HeldCameras& self, const Tensor& points, MaybeEps eps) {
             return self->value->transform_points(points, eps);
           },
           "", {torch::arg("points"), torch::arg("eps") = MaybeEps()})
      .def("transform_points_ndc",
           [](const HeldCameras& self, const Tensor& points, MaybeEps eps) {
             return self->value->transform_points_ndc(points, eps);
           },
           "", {torch::arg("points"), torch::arg("eps") = MaybeEps()})
      .def("transform_points_screen",
           [](const HeldCameras& self, const Tensor& points, const MaybeTensor& image_size, bool with_xyflip,
              MaybeEps eps) {
             return self->value->transform_points_screen(points, {value_of(image_size), with_xyflip, eps});
           },
           "",
           {torch::arg("points"), torch::arg("image_size") = MaybeTensor(), torch::arg("with_xyflip") = true,
            torch::arg("eps") = MaybeEps()})
      .def("transform_points_to_view",
           [](const HeldCameras& self, const Tensor& points) { return self->value->transform_points_to_view(points); })
      .def("unproject_points",
           [](const HeldCameras& self, const Tensor& xy_depth, bool world_coordinates, bool from_ndc, bool scaled) {
             return self->value->unproject_points(xy_depth, {world_coordinates, from_ndc, scaled});
           },
           "",
           {torch::arg("xy_depth"), torch::arg("world_coordinates") = true, torch::arg("from_ndc") = false,
            torch::arg("scaled_depth_input") = false})
      .def(
          "forward",
          [](const HeldCameras& self, const Tensor& points, double unit) { return self->value->forward(points, unit); },
          "", {torch::arg("points"), torch::arg("unit") = 1.0});
}

void define_properties(CamerasClass& cameras) {
  cameras.def("size", [](const HeldCameras& self) { return self->value->size(); })
      .def("repr", [](const HeldCameras& self) { return self->value->repr(); })
      .def("is_perspective", [](const HeldCameras& self) { return self->value->is_perspective(); })
      .def("in_ndc", [](const HeldCameras& self) { return self->value->in_ndc(); })
      .def("get", [](const HeldCameras& self, const std::string& name) { return self->value->get_buffer(name); })
      .def("get_znear", [](const HeldCameras& self) { return none_if_undefined(self->value->get_znear()); })
      .def("get_camera_center", [](const HeldCameras& self) { return self->value->get_camera_center(); })
      .def("get_world_to_view_transform",
           [](const HeldCameras& self) { return self->value->get_world_to_view_transform().get_matrix(); })
      .def("get_projection_transform",
           [](const HeldCameras& self) { return linear(self).get_projection_transform().get_matrix(); })
      .def("get_full_projection_transform",
           [](const HeldCameras& self) { return linear(self).get_full_projection_transform().get_matrix(); })
      .def("get_ndc_camera_transform",
           [](const HeldCameras& self) { return linear(self).get_ndc_camera_transform().get_matrix(); })
      .def("select", [](const HeldCameras& self, const Tensor& indices) { return hold(self->value->select(indices)); })
      .def("at", [](const HeldCameras& self, int64_t index) { return hold(self->value->select(index)); })
      .def_static("join", [](const std::vector<HeldCameras>& all) {
        std::vector<std::shared_ptr<const Cameras>> cameras;
        for (const AnyCameras& each : values_of(all)) cameras.push_back(each);
        return hold(join_cameras_as_batch(cameras));
      });
}

Tensors opencv_tensors(const OpenCvCameras& cameras) {
  Tensors tensors;
  tensors.insert("R", cameras.R);
  tensors.insert("tvec", cameras.tvec);
  tensors.insert("camera_matrix", cameras.camera_matrix);
  if (cameras.distortion.defined()) tensors.insert("distortion", cameras.distortion);
  return tensors;
}

OpenCvCameras opencv_of(const Tensors& tensors) {
  return {tensor_or_none(tensors, "R"), tensor_or_none(tensors, "tvec"), tensor_or_none(tensors, "camera_matrix"),
          tensor_or_none(tensors, "distortion")};
}

void define_conversions(CamerasClass& cameras) {
  cameras
      .def_static("from_opencv",
                  [](const Tensors& tensors, const MaybeTensor& image_size, double pixel_center) {
                    const OpenCvCameras opencv = opencv_of(tensors);
                    return hold<AnyCameras>(
                        cameras_from_opencv_projection(opencv, value_of(image_size), {.pixel_center = pixel_center}));
                  })
      .def("to_opencv",
           [](const HeldCameras& self, const MaybeTensor& image_size, double pixel_center) {
             return opencv_tensors(
                 opencv_from_cameras_projection(linear(self), value_of(image_size), {.pixel_center = pixel_center}));
           })
      .def_static("from_opencv_fisheye",
                  [](const Tensors& tensors, const MaybeTensor& image_size) {
                    return hold<AnyCameras>(cameras_from_opencv_fisheye(opencv_of(tensors), value_of(image_size)));
                  })
      .def("to_opencv_fisheye",
           [](const HeldCameras& self) {
             return opencv_tensors(opencv_fisheye_from_cameras(dynamic_cast<const FishEyeCameras&>(*self->value)));
           })
      .def_static("from_opengl",
                  [](const Tensor& view, const Tensor& projection, const MaybeTensor& image_size) {
                    return hold<AnyCameras>(cameras_from_opengl({view, projection}, value_of(image_size)));
                  })
      .def("to_opengl",
           [](const HeldCameras& self, const MaybeTensor& image_size, const MaybeTensor& znear,
              const MaybeTensor& zfar) {
             const OpenGlCameras opengl =
                 opengl_from_cameras(linear(self), {value_of(image_size), value_of(znear), value_of(zfar)});
             return std::tuple(opengl.view, opengl.projection);
           },
           "",
           {torch::arg("image_size") = MaybeTensor(), torch::arg("znear") = MaybeTensor(),
            torch::arg("zfar") = MaybeTensor()})
      .def_static("from_colmap",
                  [](std::string model, const Tensor& qvec, const Tensor& tvec, const Tensor& params,
                     const Tensor& image_size) {
                    return hold(cameras_from_colmap({std::move(model), qvec, tvec, params, image_size}));
                  })
      .def("to_colmap",
           [](const HeldCameras& self, const MaybeTensor& image_size, std::string model) {
             const ColmapCameras colmap = colmap_from_cameras(*self->value, value_of(image_size), model);
             return std::tuple(colmap.model, colmap.qvec, colmap.tvec, colmap.params, colmap.image_size);
           },
           "", {torch::arg("image_size") = MaybeTensor(), torch::arg("model") = std::string()});
}

std::tuple<Tensor, Tensor> look_at_view(const Tensors& values, bool degrees) {
  LookAtOptions options;
  take(options.dist, values, "dist");
  take(options.elev, values, "elev");
  take(options.azim, values, "azim");
  take(options.eye, values, "eye");
  take(options.at, values, "at");
  take(options.up, values, "up");
  options.degrees = degrees;
  const auto [R, T] = look_at_view_transform(options);
  return {R, T};
}

std::tuple<Tensor, Tensor> turned(const Tensor& R, const Tensor& T, const Tensor& rotation) {
  const ViewTransform view = rotate_on_spot({R, T}, rotation);
  return {view.R, view.T};
}

std::tuple<Tensor, Tensor, Tensor> eye_at_up(const Tensor& R, const Tensor& T) {
  const auto [eye, at, up] = camera_to_eye_at_up(get_world_to_view_transform({R, T}));
  return {eye, at, up};
}

Tensor spherical(const Tensor& distance, const Tensor& elevation, const Tensor& azimuth, bool degrees) {
  return camera_position_from_spherical_angles(distance, elevation, azimuth, degrees);
}

Tensor look_rotation(const Tensor& camera_position, const Tensor& at, const Tensor& up) {
  return look_at_rotation(camera_position, at, up);
}

Tensor to_screen(const Tensor& image_size, bool with_xyflip) {
  return get_ndc_to_screen_transform(image_size, with_xyflip).get_matrix();
}

Tensor to_ndc(const Tensor& image_size, bool with_xyflip) {
  return get_screen_to_ndc_transform(image_size, with_xyflip).get_matrix();
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  CamerasClass cameras = library.class_<HolderOf<AnyCameras>>("Cameras");
  cameras.def(torch::init(&make_cameras));
  define_transforms(cameras);
  define_properties(cameras);
  define_conversions(cameras);
  library.def("look_at_view_transform(Dict(str, Tensor) values, bool degrees=True) -> (Tensor, Tensor)", &look_at_view);
  library.def("look_at_rotation(Tensor camera_position, Tensor at, Tensor up) -> Tensor", &look_rotation);
  library.def(
      "camera_position_from_spherical_angles(Tensor distance, Tensor elevation, Tensor azimuth, bool "
      "degrees=True) -> Tensor",
      &spherical);
  library.def("rotate_on_spot(Tensor R, Tensor T, Tensor rotation) -> (Tensor, Tensor)", &turned);
  library.def("camera_to_eye_at_up(Tensor R, Tensor T) -> (Tensor, Tensor, Tensor)", &eye_at_up);
  library.def("get_ndc_to_screen_transform(Tensor image_size, bool with_xyflip=False) -> Tensor", &to_screen);
  library.def("get_screen_to_ndc_transform(Tensor image_size, bool with_xyflip=False) -> Tensor", &to_ndc);
}

}  // namespace bisque
