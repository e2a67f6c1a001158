#include <bisque/ops3d/io/obj.h>

#include "harness/bench.h"
#include "harness/ict_scene.h"

namespace bisque::bench {
namespace {

const Bench load({.name = "load_obj_ict",
                  .work = "read an OBJ file of 26,719 verts, 26,384 polygons with UVs; one thread",
                  .note = "the target is a fifth of the peer",
                  .needs = "ict",
                  .recorded_peer = "PyTorch3D load_obj",
                  .recorded_ms = 455},
                 [] {
                   const std::string path = shared_data("ict_face/generic_neutral_mesh.obj");
                   return std::function<void()>([path] { read_obj(path); });
                 });

}  // namespace
}  // namespace bisque::bench
