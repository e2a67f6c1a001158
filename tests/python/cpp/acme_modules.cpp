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
  std::vector<int64_t> strides = {1, 2};
  std::optional<double> limit = {};
  std::optional<double> most = 9;
};

void describe(bisque::OptionFields& fields, NetOptions& options) {
  fields("inputs", options.inputs);
  fields("outputs", options.outputs);
  fields("activation", options.activation);
  fields("weights", options.weights);
  fields("strides", options.strides);
  fields("limit", options.limit);
  fields("most", options.most);
}

/// scale * activation(fc(x)), which counts its calls.
struct Net : bisque::ModuleOf<Net> {
  explicit Net(const NetOptions& options)
      : fc(*this, "fc", options.inputs, options.outputs),
        scale(*this, "scale", at::ones({options.outputs})),
        none(*this, "none", at::Tensor()),
        calls(*this, "calls", at::zeros({}, at::kLong)),
        noise(*this, "noise", at::zeros({2}), {.persistent = false}),
        missing(*this, "missing", at::Tensor()),
        table(*this, "table", at::arange(3).to(at::kDouble), {.keep_dtype = true}) {}

  at::Tensor forward(const at::Tensor& x) {
    calls = calls + 1;  // another tensor
    if (is_training()) noise.add_(1);
    if (x.dim() != 2) bisque::fail("acme.Net: expected x to have shape [N, D], but got ", x.dim(), " dimensions.");
    const at::Tensor y = fc(x).relu() * scale;
    return missing.defined() ? y + missing : y;
  }

  bisque::Child<bisque::Linear> fc;
  bisque::Parameter scale, none;
  bisque::Buffer calls, noise, missing, table;
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

/// Not described to Python.
struct Secret {
  at::Tensor pixels;
};

struct Hide : bisque::ModuleOf<Hide> {
  Secret forward(const at::Tensor& x) const { return {x}; }
};
struct Reveal : bisque::ModuleOf<Reveal> {
  at::Tensor forward(const Secret& secret) const { return secret.pixels; }
};

/// An abstract class of Modules, which others take as arguments.
struct Filter : bisque::Module {
  virtual at::Tensor filter(const at::Tensor& x) const = 0;
};

struct Double : bisque::ModuleOf<Double, Filter> {
  at::Tensor filter(const at::Tensor& x) const override { return x * factor; }
  at::Tensor forward(const at::Tensor& x) const { return filter(x); }
  bisque::Parameter factor{*this, "factor", at::full({}, 2.0)};
};

using FilterPointer = std::shared_ptr<const Filter>;

struct Apply : bisque::ModuleOf<Apply> {
  at::Tensor forward(const FilterPointer& filter, const at::Tensor& x) const { return filter ? filter->filter(x) : x; }
  at::Tensor forward(const std::vector<FilterPointer>& filters, at::Tensor x) const {
    for (const FilterPointer& filter : filters) x = filter ? filter->filter(x) : x;
    return x;
  }
};
bisque::Overloads<at::Tensor(const FilterPointer&, const at::Tensor&),
                  at::Tensor(const std::vector<FilterPointer>&, at::Tensor)>
forward_overloads(const Apply&);

/// Takes a reference to an abstract class.
struct ApplyOne : bisque::ModuleOf<ApplyOne> {
  at::Tensor forward(const Filter& filter, const at::Tensor& x) const { return filter.filter(x); }
};

/// Returns a Module.
struct Pick : bisque::ModuleOf<Pick> {
  FilterPointer forward(const std::vector<FilterPointer>& filters) const { return filters.at(0); }
};

/// Holds a tensor, and has no forward.
struct Holder : bisque::ModuleOf<Holder> {
  bisque::Buffer values{*this, "values", at::ones(1)};
};

}  // namespace acme

BISQUE_MODULE_PLUGIN("acme_modules", "1.0") {
  using namespace acme;
  plugin.add_module<NetOptions, Net>("acme.Net");
  plugin.add_module<SleepOptions, Sleep>("acme.Sleep");
  plugin.add_module<bisque::NoOptions, Versioned>("acme.Versioned", bisque::no_arguments);
  plugin.add_module<bisque::NoOptions, Draw>("acme.Draw", bisque::no_arguments);
  plugin.add_module<bisque::NoOptions, Show>("acme.Show", bisque::no_arguments);
  plugin.add_module<bisque::NoOptions, Hide>("acme.Hide", bisque::no_arguments);
  plugin.add_module<bisque::NoOptions, Reveal>("acme.Reveal", bisque::no_arguments);
  plugin.add_module<bisque::NoOptions, Double>("acme.Double", bisque::no_arguments);
  plugin.add_module<bisque::NoOptions, Apply>("acme.Apply", bisque::no_arguments);
  plugin.add_module<bisque::NoOptions, ApplyOne>("acme.ApplyOne", bisque::no_arguments);
  plugin.add_module<bisque::NoOptions, Pick>("acme.Pick", bisque::no_arguments);
  plugin.add_module<bisque::NoOptions, Holder>("acme.Holder", bisque::no_arguments);
  plugin.add_object<Image>("acme.Image").required("pixels", &Image::pixels);
  plugin.add_module("acme.Undescribed", [](const bisque::Config& config) {
    bisque::ConfigReader read("acme.Undescribed", config);
    const int64_t outputs = read.get("outputs", 2);
    read.done();
    return std::make_shared<Net>(NetOptions{.outputs = outputs});
  });
}
