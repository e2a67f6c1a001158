#include <bisque/plugins/renderer_cameras.h>

#include <ATen/ATen.h>

#include <bisque/plugins/option_tensors.h>
#include <bisque/renderer/cameras/fisheye_cameras.h>
#include <bisque/renderer/cameras/fov_orthographic_cameras.h>
#include <bisque/renderer/cameras/fov_perspective_cameras.h>
#include <bisque/renderer/cameras/orthographic_cameras.h>
#include <bisque/renderer/cameras/perspective_cameras.h>
#include <bisque/renderer/lights/ambient_lights.h>
#include <bisque/renderer/lights/directional_lights.h>
#include <bisque/renderer/lights/materials.h>
#include <bisque/renderer/lights/point_lights.h>

namespace bisque {

void describe(OptionFields& fields, FoVPerspectiveOptions& options) {
  fields("fov", options.fov);
  fields("aspect_ratio", options.aspect_ratio);
  fields("znear", options.znear);
  fields("zfar", options.zfar);
  fields("degrees", options.degrees);
  fields("K", options.K);
}

void describe(OptionFields& fields, FoVOrthographicOptions& options) {
  fields("znear", options.znear);
  fields("zfar", options.zfar);
  fields("max_y", options.max_y);
  fields("min_y", options.min_y);
  fields("max_x", options.max_x);
  fields("min_x", options.min_x);
  fields("scale_xyz", options.scale_xyz);
  fields("K", options.K);
}

void describe(OptionFields& fields, FocalLengthOptions& options) {
  fields("focal_length", options.focal_length);
  fields("principal_point", options.principal_point);
  fields("K", options.K);
  fields("in_ndc", options.in_ndc);
  fields("image_size", options.image_size);
}

void describe(OptionFields& fields, FishEyeOptions& options) {
  fields("focal_length", options.focal_length);
  fields("principal_point", options.principal_point);
  fields("radial_params", options.radial_params);
  fields("tangential_params", options.tangential_params);
  fields("thin_prism_params", options.thin_prism_params);
  fields("world_coordinates", options.world_coordinates);
  fields("use_radial", options.use_radial);
  fields("use_tangential", options.use_tangential);
  fields("use_thin_prism", options.use_thin_prism);
  fields("image_size", options.image_size);
}

void describe(OptionFields& fields, LightColors& colors) {
  fields("ambient_color", colors.ambient_color);
  fields("diffuse_color", colors.diffuse_color);
  fields("specular_color", colors.specular_color);
}

void describe(OptionFields& fields, MaterialsOptions& options) {
  fields("ambient_color", options.ambient_color);
  fields("diffuse_color", options.diffuse_color);
  fields("specular_color", options.specular_color);
  fields("shininess", options.shininess);
}

namespace {

/// The two structs that a class of cameras is made of.
template <class Options>
struct OfCameras {
  ViewTransform view;
  Options options;
};

template <class Options>
void describe(OptionFields& fields, OfCameras<Options>& cameras) {
  fields("R", cameras.view.R);
  fields("T", cameras.view.T);
  describe(fields, cameras.options);
}

template <class C, class Options>
void add_cameras(ModulePlugin& plugin, const std::string& name) {
  using Of = OfCameras<Options>;
  plugin.add_module<Of, C>(name, [](const Of& cameras) { return std::tuple(cameras.view, cameras.options); });
}

struct OfPointLights {
  BatchValue location = {0, 1, 0};
  LightColors colors;
};

void describe(OptionFields& fields, OfPointLights& lights) {
  fields("location", lights.location);
  describe(fields, lights.colors);
}

struct OfDirectionalLights {
  BatchValue direction = {0, 1, 0};
  LightColors colors;
};

void describe(OptionFields& fields, OfDirectionalLights& lights) {
  fields("direction", lights.direction);
  describe(fields, lights.colors);
}

struct OfAmbientLights {
  BatchValue ambient_color = 1.0;
};

void describe(OptionFields& fields, OfAmbientLights& lights) { fields("ambient_color", lights.ambient_color); }

}  // namespace

void add_cameras_and_lights(ModulePlugin& plugin) {
  add_cameras<FoVPerspectiveCameras, FoVPerspectiveOptions>(plugin, "renderer.FoVPerspectiveCameras");
  add_cameras<FoVOrthographicCameras, FoVOrthographicOptions>(plugin, "renderer.FoVOrthographicCameras");
  add_cameras<PerspectiveCameras, PerspectiveOptions>(plugin, "renderer.PerspectiveCameras");
  add_cameras<OrthographicCameras, OrthographicOptions>(plugin, "renderer.OrthographicCameras");
  add_cameras<FishEyeCameras, FishEyeOptions>(plugin, "renderer.FishEyeCameras");
  plugin.add_module<OfPointLights, PointLights>(
      "renderer.PointLights", [](const OfPointLights& lights) { return std::tuple(lights.location, lights.colors); });
  plugin.add_module<OfDirectionalLights, DirectionalLights>(
      "renderer.DirectionalLights",
      [](const OfDirectionalLights& lights) { return std::tuple(lights.direction, lights.colors); });
  plugin.add_module<OfAmbientLights, AmbientLights>(
      "renderer.AmbientLights", [](const OfAmbientLights& lights) { return std::tuple(lights.ambient_color); });
  plugin.add_module<MaterialsOptions, Materials>("renderer.Materials");
}

}  // namespace bisque
