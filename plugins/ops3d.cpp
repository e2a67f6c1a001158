// The plugin ops3d: its Modules and ops as Modules, by name.
#include <bisque/core/error.h>
#include <bisque/core/registry/module_plugin.h>
#include <bisque/ops3d/functions/graph_conv.h>

namespace {

using bisque::Config;
using bisque::ConfigReader;
using bisque::GraphConvOptions;

std::shared_ptr<bisque::Module> make_graph_conv(const Config& config) {
  ConfigReader read("ops3d.GraphConv", config);
  const int64_t input_dim = read.get("input_dim", 0), output_dim = read.get("output_dim", 0);
  const std::string init = read.get("init", std::string("normal"));
  const bool directed = read.get("directed", false);
  read.done();
  if (input_dim < 1 || output_dim < 1) {
    bisque::fail("ops3d.GraphConv: expected input_dim and output_dim of at least 1, but got ", input_dim, " and ",
                 output_dim, ".");
  }
  if (init != "normal" && init != "zero") {
    bisque::fail("ops3d.GraphConv: expected init to be normal or zero, but got \"", init, "\".");
  }
  const GraphConvOptions options = {
      .init = init == "zero" ? GraphConvOptions::Init::kZero : GraphConvOptions::Init::kNormal, .directed = directed};
  return std::make_shared<bisque::GraphConv>(input_dim, output_dim, options);
}

}  // namespace

BISQUE_MODULE_PLUGIN("ops3d", BISQUE_VERSION) {
  plugin.add_module("ops3d.GraphConv", make_graph_conv);
  plugin.add_op_module("ops3d.KNN", "bisque::knn_points");
  plugin.add_op_module("ops3d.MarchingCubes", "bisque::marching_cubes");
}
