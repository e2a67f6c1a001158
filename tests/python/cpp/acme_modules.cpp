// A third-party plugin: Modules with each feature that bisque3d.cpp shows in Python.
#include <ATen/ATen.h>

#include <chrono>
#include <thread>

#include <bisque/core/error.h>
#include <bisque/core/nn/layers/linear.h>
#include <bisque/core/registry/module_plugin.h>

namespace acme {

struct NetOptions {
  int64_t inputs = 3;
  int64_t outputs = 2;
  std::string activation = "relu";
  std::vector<double> weights = {1, 0.5};
  std::optional<double> limit;
};

void describe(bisque::OptionFields& fields, NetOptions& options) {
  fields("inputs", options.inputs);
  fields("outputs", options.outputs);
  fields("activation", options.activation);
  fields("weights", options.weights);
  fields("limit", options.limit);
}

/// scale * activation(fc(x)), which counts its calls.
struct Net : bisque::ModuleOf<Net> {
  explicit Net(const NetOptions& options)
      : fc(*this, "fc", options.inputs, options.outputs),
        scale(*this, "scale", at::ones({options.outputs})),
        none(*this, "none", at::Tensor()),
        calls(*this, "calls", at::zeros({}, at::kLong)),
        noise(*this, "noise", at::zeros({2}), {.persistent = false}),
        table(*this, "table", at::arange(3).to(at::kDouble), {.keep_dtype = true}) {}

  at::Tensor forward(const at::Tensor& x) {
    calls = calls + 1;  // another tensor
    if (is_training()) noise.add_(1);
    if (x.dim() != 2) bisque::fail("acme.Net: expected x to have shape [N, D], but got ", x.dim(), " dimensions.");
    return fc(x).relu() * scale;
  }

  bisque::Child<bisque::Linear> fc;
  bisque::Parameter scale, none;
  bisque::Buffer calls, noise, table;
};

struct SleepOptions {
  double seconds = 0.2;
};

void describe(bisque::OptionFields& fields, SleepOptions& options) { fields("seconds", options.seconds); }

struct Sleep : bisque::ModuleOf<Sleep> {
  explicit Sleep(const SleepOptions& options) : seconds(options.seconds) {}
  std::tuple<at::Tensor, std::optional<at::Tensor>, double> forward(const at::Tensor& x,
                                                                    const std::optional<at::Tensor>& y = {}) const {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    return {x, y, seconds};
  }
  double seconds;
};

/// Version 2 of a state whose version 1 had "old_weight", and a state that is not a tensor.
struct Versioned : bisque::ModuleOf<Versioned> {
  Versioned() : weight(*this, "weight", at::zeros({2})) {}
  at::Tensor forward(const at::Tensor& x, const bisque::Kwargs& more) const { return x + weight * double(more.size()); }
  int64_t state_version() const override { return 2; }
  void upgrade_state(bisque::LoadState& state) override {
    if (state.version().value_or(1) < 2) state.rename("old_weight", "weight");
  }
  bool has_extra_state() const override { return true; }
  bisque::Value get_extra_state() const override { return note; }
  void set_extra_state(const bisque::Value& state) override { note = state.as<std::string>(); }
  bisque::Parameter weight;
  std::string note = "new";
};

struct Image {
  at::Tensor pixels;
};

struct Draw : bisque::ModuleOf<Draw> {
  Image forward(const at::Tensor& x) const { return {x}; }
};
struct Show : bisque::ModuleOf<Show> {
  at::Tensor forward(const Image& image) const { return image.pixels; }
};

}  // namespace acme

BISQUE_MODULE_PLUGIN("acme_modules", "1.0") {
  using namespace acme;
  plugin.add_module<NetOptions, Net>("acme.Net");
  plugin.add_module<SleepOptions, Sleep>("acme.Sleep");
  plugin.add_module<bisque::NoOptions, Versioned>("acme.Versioned", bisque::no_arguments);
  plugin.add_module<bisque::NoOptions, Draw>("acme.Draw", bisque::no_arguments);
  plugin.add_module<bisque::NoOptions, Show>("acme.Show", bisque::no_arguments);
  plugin.add_module("acme.Undescribed", [](const bisque::Config& config) {
    bisque::ConfigReader read("acme.Undescribed", config);
    const int64_t outputs = read.get("outputs", 2);
    read.done();
    return std::make_shared<Net>(NetOptions{.outputs = outputs});
  });
}
