#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/models/read_model.h>

#include "harness/bench.h"
#include "harness/ict_scene.h"

namespace bisque::bench {
namespace {

const Bench open({.name = "open_model_ict",
                  .work = "open the ICT model's .safetensors (14 MB, 61 shapes), checked and ready to render",
                  .note = "the target is 20 ms; the peer maps the tensors and checks nothing in them",
                  .needs = "ict"},
                 [] { return std::function<void()>([] { BlendshapeModel(read_blendshapes(kIctModel)); }); });

}  // namespace
}  // namespace bisque::bench
