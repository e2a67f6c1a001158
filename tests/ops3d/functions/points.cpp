#include <bisque/ops3d/ball_query/ball_query.h>
#include <bisque/ops3d/functions/knn_gather.h>
#include <bisque/ops3d/loss/chamfer_distance.h>
#include <bisque/ops3d/sample_farthest_points/sample_farthest_points.h>

#include <torch/library.h>

namespace bisque {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

std::tuple<at::Tensor, at::Tensor> sample_farthest(const at::Tensor& points, const OptionalTensor& lengths, int64_t K,
                                                   const OptionalTensor& num_samples,
                                                   const OptionalTensor& start_idxs) {
  return sample_farthest_points(points, lengths, {.K = K, .num_samples = num_samples, .start_idxs = start_idxs});
}

std::tuple<at::Tensor, at::Tensor> query_balls(const at::Tensor& p1, const at::Tensor& p2, int64_t K, double radius) {
  return ball_query(p1, p2, std::nullopt, std::nullopt, {.K = K, .radius = radius});
}

// The losses in the order of ChamferDistance; an undefined one is empty.
std::vector<at::Tensor> chamfer(const at::Tensor& x, const at::Tensor& y, const OptionalTensor& x_lengths,
                                const OptionalTensor& y_lengths, const OptionalTensor& x_normals,
                                const OptionalTensor& y_normals, const OptionalTensor& weights,
                                std::optional<std::string> batch_reduction, std::optional<std::string> point_reduction,
                                int64_t norm, bool single_directional, bool abs_cosine) {
  const auto losses = chamfer_distance(x, y,
                                       {.x_lengths = x_lengths,
                                        .y_lengths = y_lengths,
                                        .x_normals = x_normals,
                                        .y_normals = y_normals,
                                        .weights = weights,
                                        .batch_reduction = std::move(batch_reduction),
                                        .point_reduction = std::move(point_reduction),
                                        .norm = norm,
                                        .single_directional = single_directional,
                                        .abs_cosine = abs_cosine});
  std::vector<at::Tensor> list;
  for (const auto& loss : {losses.loss, losses.loss_normals, losses.loss_y, losses.loss_normals_y}) {
    list.push_back(loss.defined() ? loss : at::empty({0}));
  }
  return list;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  library.def("knn_gather(Tensor x, Tensor idx, Tensor? lengths=None) -> Tensor", &knn_gather);
  library.def("masked_gather(Tensor points, Tensor idx) -> Tensor", &masked_gather);
  library.def(
      "sample_farthest_points(Tensor points, Tensor? lengths=None, int K=50, Tensor? num_samples=None, "
      "Tensor? start_idxs=None) -> (Tensor points, Tensor idx)",
      &sample_farthest);
  library.def("ball_query(Tensor p1, Tensor p2, int K=500, float radius=0.2) -> (Tensor dists, Tensor idx)",
              &query_balls);
  library.def(
      "chamfer_distance(Tensor x, Tensor y, Tensor? x_lengths=None, Tensor? y_lengths=None, Tensor? x_normals=None, "
      "Tensor? y_normals=None, Tensor? weights=None, str? batch_reduction='mean', str? point_reduction='mean', "
      "int norm=2, bool single_directional=False, bool abs_cosine=True) -> Tensor[]",
      &chamfer);
}

}  // namespace bisque
