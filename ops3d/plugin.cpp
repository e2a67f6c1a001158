// The plugin ops3d: Modules over the ops.
#include <bisque/core/plugin/module_plugin.h>

BISQUE_MODULE_PLUGIN("ops3d", BISQUE_VERSION) { (void)plugin; }
