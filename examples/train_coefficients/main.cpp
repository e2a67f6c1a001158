// train_coefficients: a small network learns the coefficients of the demo head from its verts. A hook per layer logs
// the gradients that reach it. Prints the error on unseen faces, and exits with 1 if that is above kWantedError.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/optim/adamw.h>

#include <cstdio>
#include <map>
#include <string>

#include <bisque/core/nn/layers/activation.h>
#include <bisque/core/nn/layers/linear.h>
#include <bisque/core/nn/layers/norm.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/models/demo_head.h>

namespace {

constexpr double kWantedError = 0.04;   // mean absolute error of a coefficient; predicting 0 gives 0.17
constexpr double kLearningRate = 4e-3;  // initial value; decreases to 0
constexpr int64_t kTrainFaces = 4096, kTestFaces = 512, kBatch = 128, kEpochs = 40, kVertStep = 32;

struct Faces {
  at::Tensor verts;         // [N, V', 3]
  at::Tensor coefficients;  // [N, S]
};

/// Random faces with about a third of the coefficients nonzero. Keeps every kVertStep-th vertex.
Faces make_faces(const bisque::BlendshapeModel& head, int64_t count) {
  const at::NoGradGuard no_grad;
  Faces faces{{}, at::rand({count, head.num_shapes()})};
  faces.coefficients *= at::rand_like(faces.coefficients) < 0.35;
  std::vector<at::Tensor> parts;
  for (const at::Tensor& part : faces.coefficients.split(64)) parts.push_back(head(part).slice(1, 0, {}, kVertStep));
  faces.verts = at::cat(parts);
  return faces;
}

class CoefficientNet : public bisque::ModuleOf<CoefficientNet> {
 public:
  CoefficientNet(int64_t num_verts, int64_t num_shapes)
      : norm(*this, "norm", 3 * num_verts, bisque::BatchNormOptions{.eps = 1e-9}),  // some verts barely move
        hidden(*this, "hidden", 3 * num_verts, 256),
        activation(*this, "activation"),
        out(*this, "out", 256, num_shapes) {}

  at::Tensor forward(const at::Tensor& verts) const { return out(activation(hidden(norm(verts.flatten(1))))); }

  bisque::Child<bisque::BatchNorm1d> norm;
  bisque::Child<bisque::Linear> hidden;
  bisque::Child<bisque::GELU> activation;
  bisque::Child<bisque::Linear> out;
};

/// The norm of the gradient that reached each layer's output in the last step.
using GradientLog = std::map<std::string, double>;

void log_gradients(CoefficientNet& net, GradientLog& log) {
  for (const auto& [name, child] : net.named_children()) {
    child->register_full_backward_pre_hook([&log, name = name](bisque::Module&, const bisque::Gradients& of_outputs) {
      log[name] = of_outputs[0].norm().item<double>();
    });
  }
}

double error_on(CoefficientNet& net, const Faces& faces) {
  const at::NoGradGuard no_grad;
  net.eval();
  const double error = (net(faces.verts).clamp(0, 1) - faces.coefficients).abs().mean().item<double>();
  net.train();
  return error;
}

void train_epoch(CoefficientNet& net, torch::optim::AdamW& optimizer, const Faces& faces) {
  const at::Tensor order = at::randperm(kTrainFaces);
  for (const at::Tensor& batch : order.split(kBatch)) {
    net.zero_grad();
    const at::Tensor loss =
        at::mse_loss(net(faces.verts.index_select(0, batch)), faces.coefficients.index_select(0, batch));
    loss.backward();
    optimizer.step();
  }
}

}  // namespace

int main() try {
  at::manual_seed(1);
  const bisque::BlendshapeModel head(bisque::make_blendshapes(bisque::make_demo_head()));
  const Faces train = make_faces(head, kTrainFaces), test = make_faces(head, kTestFaces);

  CoefficientNet net(train.verts.size(1), head.num_shapes());
  std::printf("%s\n", net.repr().c_str());
  GradientLog gradients;
  log_gradients(net, gradients);

  torch::optim::AdamW optimizer(net.parameters(), torch::optim::AdamWOptions(kLearningRate));
  auto& options = static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options());
  for (int64_t epoch = 0; epoch < kEpochs; ++epoch) {
    options.lr(kLearningRate * static_cast<double>(kEpochs - epoch) / kEpochs);
    train_epoch(net, optimizer, train);
    std::printf("epoch %2d: error %.4f; gradients", static_cast<int>(epoch) + 1, error_on(net, test));
    for (const auto& [layer, norm] : gradients) std::printf(" %s %.2e", layer.c_str(), norm);
    std::printf("\n");
  }

  const double error = error_on(net, test);
  std::printf("mean absolute error on %d faces: %.4f (wanted: below %.2f)\n", static_cast<int>(kTestFaces), error,
              kWantedError);
  return error < kWantedError ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "train_coefficients: %s\n", error.what());
  return 1;
}
