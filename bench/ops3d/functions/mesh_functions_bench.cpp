// Operators and losses of the ICT head's mesh.
#include <ATen/ATen.h>

#include <bisque/ops3d/functions/laplacian.h>
#include <bisque/ops3d/functions/subdivide_meshes.h>
#include <bisque/ops3d/functions/taubin_smoothing.h>
#include <bisque/ops3d/loss/mesh_edge_loss.h>
#include <bisque/ops3d/loss/mesh_laplacian_smoothing.h>
#include <bisque/ops3d/loss/mesh_normal_consistency.h>
#include <bisque/ops3d/structures/meshes.h>
#include <bisque/renderer/models/read_model.h>

#include "harness/bench.h"
#include "harness/ict_scene.h"

namespace bisque::bench {
namespace {

struct Head {
  std::shared_ptr<BlendshapeModel> model = std::make_shared<BlendshapeModel>(read_blendshapes(kIctModel));
  at::Tensor verts = model->neutral.detach().contiguous(), faces = model->faces;
  Meshes meshes() const { return Meshes(Meshes::TensorList{verts}, Meshes::TensorList{faces}); }
};

std::function<void()> of_head(void (*call)(const Head&)) {
  return [call, head = Head()] { call(head); };
}

// Value and gradient of a loss of verts that move, as a fit has them: the edges are found once.
std::function<void()> fit(at::Tensor (*loss)(const Meshes&)) {
  const Head head;
  const Meshes meshes = head.meshes();
  const at::Tensor offsets = at::zeros_like(head.verts).set_requires_grad(true);
  return [=] {
    offsets.mutable_grad() = at::Tensor();
    loss(meshes.offset_verts(offsets)).backward();
  };
}

const Bench cot({.name = "cot_laplacian_ict", .work = "the cotangent matrix of the ICT head", .needs = "ict"},
                [] { return of_head([](const Head& head) { cot_laplacian(head.verts, head.faces); }); });
const Bench subdivide({.name = "subdivide_meshes_ict", .work = "each face of the ICT head in four", .needs = "ict"},
                      [] { return of_head([](const Head& head) { subdivide_meshes(head.meshes()); }); });
const Bench taubin({.name = "taubin_smoothing_ict", .work = "10 iterations on the ICT head", .needs = "ict"},
                   [] { return of_head([](const Head& head) { taubin_smoothing(head.meshes()); }); });
const Bench edge({.name = "mesh_edge_loss_ict", .work = "value and gradient for the ICT head", .needs = "ict"},
                 [] { return fit([](const Meshes& meshes) { return mesh_edge_loss(meshes); }); });
const Bench uniform({.name = "mesh_laplacian_uniform_ict",
                     .work = "value and gradient for the ICT head",
                     .needs = "ict"},
                    [] { return fit([](const Meshes& meshes) { return mesh_laplacian_smoothing(meshes); }); });
const Bench cot_loss({.name = "mesh_laplacian_cot_ict", .work = "value and gradient for the ICT head", .needs = "ict"},
                     [] {
                       return fit([](const Meshes& meshes) {
                         return mesh_laplacian_smoothing(meshes, LaplacianMethod::kCot);
                       });
                     });
const Bench consistency({.name = "mesh_normal_consistency_ict",
                         .work = "value and gradient for the ICT head",
                         .needs = "ict"},
                        [] { return fit(&mesh_normal_consistency); });

}  // namespace
}  // namespace bisque::bench
