// A program as users write it: a critic with a gradient penalty, trained on the records of a file, one of which is bad.
// It stops, resumes, and exchanges states with Python.
//
//   critic train FOLDER      trains on FOLDER/records.txt, writes FOLDER/net.pt
//   critic evaluate FOLDER   reads FOLDER/from_python.pt, writes FOLDER/evaluated.pt
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/optim/adam.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/checkpoint/load.h>
#include <bisque/core/checkpoint/optimizer_state.h>
#include <bisque/core/checkpoint/rng_state.h>
#include <bisque/core/checkpoint/save.h>
#include <bisque/core/data/data_loader.h>
#include <bisque/core/nn/layers/linear.h>
#include <bisque/core/nn/layers/norm.h>
#include <bisque/core/nn/module.h>

namespace {

constexpr int64_t kInputs = 4, kWidth = 16, kBatch = 5;

/// Lines of numbers, one record each.
struct Records {
  std::string path;

  auto iter() const {
    return [file = std::make_shared<std::ifstream>(path)]() -> std::optional<at::Tensor> {
      std::string line;
      if (!std::getline(*file, line)) return std::nullopt;
      std::istringstream numbers(line);
      std::vector<float> values;
      for (float value; numbers >> value;) values.push_back(value);
      if (values.size() != kInputs) throw std::runtime_error("expected 4 numbers, but got \"" + line + "\".");
      return at::tensor(values);
    };
  }
};

class Critic : public bisque::ModuleOf<Critic> {
 public:
  Critic() {
    for (int i = 0; i < 3; ++i) blocks.emplace_back(*this, "block" + std::to_string(i), kWidth, kWidth);
    blocks.erase(blocks.begin());
    std::swap(blocks[0], blocks[1]);
  }

  at::Tensor forward(const at::Tensor& x) const {
    at::Tensor hidden = at::silu(norm(in(x)));
    for (const auto& block : blocks) hidden = hidden + at::silu(scale(block(hidden)));
    return out(hidden) * gain;
  }

  bisque::Child<bisque::Linear> in{*this, "in", kInputs, kWidth};
  bisque::Child<bisque::LayerNorm> norm{*this, "norm", kWidth};
  std::vector<bisque::Child<bisque::Linear>> blocks;
  bisque::Child<bisque::RMSNorm> scale{*this, "scale", kWidth};
  bisque::Child<bisque::Linear> out{*this, "out", kWidth, 1};
  bisque::Parameter gain{*this, "gain", at::ones({1})};
  bisque::Buffer steps{*this, "steps", at::zeros({}, at::kLong)};
};

/// How far the gradient of the critic's score by its input is from 1 (Gulrajani et al., 2017).
at::Tensor gradient_penalty(const Critic& critic, const at::Tensor& real, const at::Tensor& fake) {
  const at::Tensor share = at::rand({real.size(0), 1});
  const at::Tensor between = (share * real + (1 - share) * fake).detach().requires_grad_();
  const auto grads = torch::autograd::grad({critic(between).sum()}, {between}, {}, std::nullopt, /*create_graph=*/true);
  return (grads[0].norm(2, 1) - 1).square().mean();
}

/// A loader that goes past bad records, epoch after epoch.
class Batches {
 public:
  explicit Batches(const std::string& path)
      : loader_(Records{path}, {.batch_size = kBatch, .num_workers = 1, .prefetch_factor = 3}) {}

  at::Tensor next() {
    while (errors.size() < 10) {
      if (!epoch_) epoch_.emplace(loader_.epoch());
      try {
        if (const auto batch = epoch_->next()) {
          num_records += batch->size(0);
          return *batch;
        }
        epoch_.reset();
        ++num_epochs;
      } catch (const bisque::data::LoaderError& error) {
        errors.emplace_back(error.what());
      }
    }
    throw std::runtime_error("too many bad records; the last: " + errors.back());
  }

  bisque::Dict state_dict() const { return loader_.state_dict(); }
  void load_state_dict(const bisque::Dict& state) { loader_.load_state_dict(state); }

  std::vector<std::string> errors;
  int64_t num_records = 0, num_epochs = 0;

 private:
  using Loader = bisque::data::DataLoader<Records>;
  Loader loader_;
  std::optional<Loader::Epoch> epoch_;
};

class Training {
 public:
  explicit Training(const std::string& folder) : batches(folder + "/records.txt") {
    critic.register_forward_hook([this](bisque::Module&, const bisque::Tuple&, const bisque::Value&) { ++num_calls; });
    for (const auto& [name, child] : critic.named_children()) {
      child->register_full_backward_hook(
          [this, name = name](bisque::Module&, const bisque::Gradients&, const bisque::Gradients& of_outputs) {
            gradient_sizes[name] = of_outputs[0].norm().item<double>();
          });
    }
  }

  void run(int64_t until) {
    for (; step < until; ++step) {
      const at::Tensor real = batches.next(), fake = at::randn_like(real);
      critic.zero_grad();
      penalty = gradient_penalty(critic, real, fake);
      (critic(fake).mean() - critic(real).mean() + 10 * penalty).backward();
      optimizer.step();
      critic.steps = critic.steps + 1;
    }
  }

  void save_to(const std::string& path) const {
    bisque::save(bisque::Dict{{"model", critic.state_dict()},
                              {"optimizer", bisque::optimizer_state(optimizer)},
                              {"batches", batches.state_dict()},
                              {"step", step},
                              {"rng", bisque::rng_state()}},
                 path);
  }

  void load_from(const std::string& path) {
    const bisque::Value checkpoint = bisque::load(path);
    const auto& parts = checkpoint.as<bisque::Dict>();
    critic.load_state_dict(bisque::StateDict(parts.at("model")));
    bisque::load_optimizer_state(optimizer, parts.at("optimizer"));
    batches.load_state_dict(parts.at("batches").as<bisque::Dict>());
    step = parts.at("step").as<int64_t>();
    bisque::load_rng_state(parts.at("rng").as<at::Tensor>());
  }

  Critic critic;
  torch::optim::Adam optimizer{critic.parameters(), torch::optim::AdamOptions(2e-3)};
  Batches batches;
  int64_t step = 0, num_calls = 0;
  at::Tensor penalty;
  std::map<std::string, double> gradient_sizes;
};

void train(const std::string& folder) {
  at::manual_seed(1);
  const std::string checkpoint = folder + "/checkpoint.pt";
  Training whole(folder);
  whole.run(1);
  const double first_penalty = whole.penalty.item<double>();
  whole.run(20);  // past the bad record of the second epoch
  whole.save_to(checkpoint);
  whole.run(60);

  Training resumed(folder);
  resumed.load_from(checkpoint);
  resumed.run(60);
  for (const auto& [name, value] : whole.critic.state_dict()) {
    if (!at::equal(value.as<at::Tensor>(), resumed.critic.state_dict().at(name).as<at::Tensor>())) {
      throw std::runtime_error("the resumed training has another " + name);
    }
  }
  std::printf("penalty %.4f -> %.4f, calls %d, epochs %d, records %d\n", first_penalty, whole.penalty.item<double>(),
              static_cast<int>(whole.num_calls), static_cast<int>(whole.batches.num_epochs),
              static_cast<int>(whole.batches.num_records));
  for (const auto& [name, size] : whole.gradient_sizes) std::printf("gradient %s %.3e\n", name.c_str(), size);
  for (const auto& error : whole.batches.errors) std::printf("error %s\n", error.c_str());

  const at::Tensor x = at::randn({3, kInputs}).requires_grad_();
  const at::Tensor y = whole.critic(x);
  bisque::save(bisque::Dict{{"model", whole.critic.state_dict()}, {"x", x.detach()}, {"y", y.detach()}},
               folder + "/net.pt");
}

void evaluate(const std::string& folder) {
  const bisque::Value file = bisque::load(folder + "/from_python.pt");
  const auto& parts = file.as<bisque::Dict>();
  Critic critic;
  critic.load_state_dict(bisque::StateDict(parts.at("model")));
  const at::Tensor x = parts.at("x").as<at::Tensor>().detach().requires_grad_();
  const at::Tensor y = critic(x);
  const auto by_x = torch::autograd::grad({y.sum()}, {x}, {}, std::nullopt, /*create_graph=*/true);
  by_x[0].square().sum().backward();
  bisque::save(bisque::Dict{{"y", y.detach()}, {"penalty_by_x", x.grad()}, {"penalty_by_in", critic.in->weight.grad()}},
               folder + "/evaluated.pt");
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string command = argc == 3 ? argv[1] : "";
  if (command != "train" && command != "evaluate")
    throw std::runtime_error("expected: train FOLDER or evaluate FOLDER");
  command == "train" ? train(argv[2]) : evaluate(argv[2]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "critic: %s\n", error.what());
  return 1;
}
