// The plugin ops3d: ops as Modules, by name.
#include <bisque/core/registry/module_plugin.h>

BISQUE_MODULE_PLUGIN("ops3d", BISQUE_VERSION) {
  plugin.add_op_module("ops3d.KNN", "bisque::knn_points");
  plugin.add_op_module("ops3d.MarchingCubes", "bisque::marching_cubes");
}
