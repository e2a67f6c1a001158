// The plugin ops3d: its Modules and ops as Modules, by name.
#include <bisque/core/error.h>
#include <bisque/core/registry/module_plugin.h>
#include <bisque/ops3d/functions/graph_conv.h>

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

}  // namespace
}  // namespace bisque

BISQUE_MODULE_PLUGIN("ops3d", BISQUE_VERSION) {
  plugin.add_module<bisque::NamedGraphConv>("ops3d.GraphConv", bisque::make_graph_conv);
  plugin.add_op_module("ops3d.KNN", "bisque::knn_points");
  plugin.add_op_module("ops3d.MarchingCubes", "bisque::marching_cubes");
}
