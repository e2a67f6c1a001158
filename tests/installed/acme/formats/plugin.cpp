// Registers the formats.
#include <bisque/core/registry/module_plugin.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/takes/read_take.h>

#include "formats.h"

BISQUE_MODULE_PLUGIN("acme_formats", "1.0") {
  plugin.add_format(bisque::kBlendshapeFormat, ".heights", bisque::BlendshapeReader(acme::read_heightmap));
  plugin.add_format(bisque::kTakeFormat, ".keys", bisque::TakeFormat{.parse = acme::parse_keys});
}
