// The plugin ops3d: its Modules, ops as Modules, and structures, by name.
#include <bisque/core/error.h>
#include <bisque/core/registry/module_plugin.h>
#include <bisque/ops3d/functions/graph_conv.h>
#include <bisque/ops3d/structures/meshes.h>
#include <bisque/ops3d/structures/pointclouds.h>
#include <bisque/ops3d/structures/volumes.h>
#include <bisque/plugins/tensor_or_list.h>

namespace bisque {
namespace {

struct NamedGraphConv {
  int64_t input_dim = 0, output_dim = 0;
  GraphConvOptions options;
};

void describe(OptionFields& fields, NamedGraphConv& conv) {
  using Init = GraphConvOptions::Init;
  fields.required("input_dim", conv.input_dim);
  fields.required("output_dim", conv.output_dim);
  fields("init", conv.options.init, {{"normal", Init::kNormal}, {"zero", Init::kZero}});
  fields("directed", conv.options.directed);
}

std::shared_ptr<GraphConv> make_graph_conv(const NamedGraphConv& conv) {
  if (conv.input_dim < 1 || conv.output_dim < 1) {
    fail("ops3d.GraphConv: expected input_dim and output_dim of at least 1, but got ", conv.input_dim, " and ",
         conv.output_dim, ".");
  }
  return std::make_shared<GraphConv>(conv.input_dim, conv.output_dim, conv.options);
}

using OptionalBatch = std::optional<TensorOrList>;

Meshes make_meshes(const TensorOrList& verts, const TensorOrList& faces, const OptionalBatch& verts_normals) {
  const auto make = [](const auto&... tensors) { return Meshes(tensors...); };
  return make_batch("ops3d.Meshes", make, verts, faces, verts_normals);
}

Pointclouds make_pointclouds(const TensorOrList& points, const OptionalBatch& normals, const OptionalBatch& features) {
  const auto make = [](const auto&... tensors) { return Pointclouds(tensors...); };
  return make_batch("ops3d.Pointclouds", make, points, normals, features);
}

Volumes make_volumes(const TensorOrList& densities, const OptionalBatch& features,
                     const std::optional<at::Tensor>& voxel_size, const std::optional<at::Tensor>& volume_translation,
                     std::optional<bool> align_corners) {
  const VolumesOptions options{voxel_size.value_or(at::Tensor()), volume_translation.value_or(at::Tensor()),
                               align_corners.value_or(true)};
  const auto make = [&](const auto&... tensors) { return Volumes(tensors..., options); };
  return make_batch("ops3d.Volumes", make, densities, features);
}

void add_structures(ModulePlugin& plugin) {
  plugin.add_object<Meshes>("ops3d.Meshes")
      .constructor({"verts", "faces", "verts_normals"}, make_meshes)
      .attribute("size", &Meshes::size)
      .attribute("verts_list", &Meshes::verts_list)
      .attribute("faces_list", &Meshes::faces_list)
      .attribute("verts_packed", &Meshes::verts_packed)
      .attribute("faces_packed", &Meshes::faces_packed)
      .attribute("verts_padded", &Meshes::verts_padded)
      .attribute("faces_padded", &Meshes::faces_padded)
      .attribute("num_verts_per_mesh", &Meshes::num_verts_per_mesh)
      .attribute("num_faces_per_mesh", &Meshes::num_faces_per_mesh)
      .attribute("edges_packed", &Meshes::edges_packed)
      .attribute("verts_normals_packed", &Meshes::verts_normals_packed)
      .attribute("faces_normals_packed", &Meshes::faces_normals_packed)
      .attribute("faces_areas_packed", &Meshes::faces_areas_packed);
  plugin.add_object<Pointclouds>("ops3d.Pointclouds")
      .constructor({"points", "normals", "features"}, make_pointclouds)
      .attribute("size", &Pointclouds::size)
      .attribute("points_list", &Pointclouds::points_list)
      .attribute("normals_list", &Pointclouds::normals_list)
      .attribute("features_list", &Pointclouds::features_list)
      .attribute("points_packed", &Pointclouds::points_packed)
      .attribute("normals_packed", &Pointclouds::normals_packed)
      .attribute("features_packed", &Pointclouds::features_packed)
      .attribute("points_padded", &Pointclouds::points_padded)
      .attribute("num_points_per_cloud", &Pointclouds::num_points_per_cloud);
  plugin.add_object<Volumes>("ops3d.Volumes")
      .constructor({"densities", "features", "voxel_size", "volume_translation", "align_corners"}, make_volumes)
      .attribute("size", &Volumes::size)
      .attribute("densities", &Volumes::densities)
      .attribute("features", &Volumes::features)
      .attribute("densities_list", &Volumes::densities_list)
      .attribute("features_list", &Volumes::features_list)
      .attribute("voxel_size", &Volumes::voxel_size)
      .attribute("volume_translation", &Volumes::volume_translation);
}

}  // namespace
}  // namespace bisque

BISQUE_MODULE_PLUGIN("ops3d", BISQUE_VERSION) {
  plugin.add_module<bisque::NamedGraphConv>("ops3d.GraphConv", bisque::make_graph_conv);
  bisque::add_structures(plugin);
  plugin.add_op_module("ops3d.KNN", "bisque::knn_points");
  plugin.add_op_module("ops3d.MarchingCubes", "bisque::marching_cubes");
}
