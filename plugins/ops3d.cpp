// The plugin ops3d: Modules over the ops, by name.
#include <bisque/core/plugin/module_plugin.h>
#include <bisque/ops3d/modules/knn.h>
#include <bisque/ops3d/modules/marching_cubes.h>

#include <cmath>
#include <limits>

namespace {

using bisque::Config;
using bisque::ConfigReader;

std::shared_ptr<bisque::Module> make_knn(const Config& config) {
  ConfigReader read("ops3d.KNN", config);
  bisque::KnnPointsOptions options;
  options.K = read.get("K", options.K);
  options.norm = read.get("norm", options.norm);
  options.return_sorted = read.get("return_sorted", options.return_sorted);
  read.done();
  return std::make_shared<bisque::KNN>(options);
}

std::shared_ptr<bisque::Module> make_marching_cubes(const Config& config) {
  ConfigReader read("ops3d.MarchingCubes", config);
  // No number stands for "halfway between a volume's extremes", which is what an isolevel that is left out means.
  const double isolevel = read.get("isolevel", std::numeric_limits<double>::quiet_NaN());
  const bool local = read.get("return_local_coords", true);
  read.done();
  return std::make_shared<bisque::MarchingCubes>(std::isnan(isolevel) ? std::nullopt : std::optional(isolevel), local);
}

}  // namespace

BISQUE_MODULE_PLUGIN("ops3d", BISQUE_VERSION) {
  plugin.add_module("ops3d.KNN", make_knn);
  plugin.add_module("ops3d.MarchingCubes", make_marching_cubes);
}
