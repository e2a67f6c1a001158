// Names, paths, printing, containers and errors.
#include <bisque/core/error.h>
#include <bisque/tests/core/nn/parity/cases.h>
#include <bisque/tests/core/nn/parity/modules.h>

namespace bisque::parity {
namespace {

template <class T>
Json names(const Named<T>& entries) {
  Json all = Json::array();
  for (const auto& entry : entries) all.push_back(entry.first);
  return all;
}

Json reprs() {
  Sequential edited(Affine(1, 1), Act(), Affine(2, 2));
  edited.insert(1, Affine(5, 5));
  edited.pop(0);
  edited[-1] = Act();
  ModuleList list(Act(), Affine(1, 1), Act());
  list.insert(1, Act());
  list.pop(-1);
  list.append(Act());
  ModuleList nested(Sequential(Act(), Affine(1, 2)), Sequential(Act(), Affine(1, 2)), Sequential(Act(), Affine(1, 3)));
  Sequential named({{"fc", share(Affine(1, 1))}, {"act", share(Act())}, {"none", nullptr}});
  Json all;
  all["net"] = Net().repr();
  all["edited"] = edited.repr();
  all["list"] = list.repr();
  all["nested"] = nested.repr();
  all["named"] = named.repr();
  all["empty list"] = ModuleList().repr();
  all["empty sequential"] = Sequential().repr();
  return all;
}

Json named() {
  Net net;
  const NamedOptions twice{.prefix = "p", .remove_duplicate = false};
  Json all;
  all["parameters"] = names(net.named_parameters());
  all["parameters twice"] = names(net.named_parameters(twice));
  all["parameters here"] = names(net.named_parameters({.recurse = false}));
  all["buffers"] = names(net.named_buffers());
  all["buffers twice"] = names(net.named_buffers(twice));
  all["modules"] = names(net.named_modules());
  all["modules twice"] = names(net.named_modules(twice));
  all["children"] = names(net.named_children());
  return all;
}

Json apply_order() {
  Json order = Json::array();
  Net().apply([&](Module& module) { order.push_back(module.type_name()); });
  return order;
}

Json errors() {
  Net net;
  Json all;
  const auto try_to = [&](const std::string& name, const std::function<void()>& action) {
    try {
      action();
      all[name] = nullptr;
    } catch (const Error& error) {
      all[name] = error.what();
    }
  };
  const auto t = at::ones({1});
  try_to("parameter dot", [&] { net.register_parameter("a.b", t); });
  try_to("parameter empty", [&] { net.register_parameter("", t); });
  try_to("parameter over child", [&] { net.register_parameter("a", t); });
  try_to("parameter over parameter", [&] { net.register_parameter("w", t); });
  try_to("parameter of integers", [&] { net.register_parameter("i", at::ones({1}, at::kLong)); });
  try_to("buffer dot", [&] { net.register_buffer("a.b", t); });
  try_to("buffer empty", [&] { net.register_buffer("", t); });
  try_to("buffer over parameter", [&] { net.register_buffer("w", t); });
  try_to("module dot", [&] { net.register_module("a.b", share(Act())); });
  try_to("module empty", [&] { net.register_module("", share(Act())); });
  try_to("module over parameter", [&] { net.register_module("w", share(Act())); });
  try_to("submodule missing", [&] { net.get_submodule("a.nothing"); });
  try_to("submodule of a parameter", [&] { net.get_submodule("w"); });
  try_to("submodule that is None", [&] { net.get_submodule("a.shortcut"); });
  try_to("parameter missing", [&] { net.get_parameter("a.fc.nothing"); });
  try_to("parameter that is a buffer", [&] { net.get_parameter("a.scale"); });
  try_to("buffer missing", [&] { net.get_buffer("a.nothing"); });
  try_to("buffer that is a parameter", [&] { net.get_buffer("w"); });
  try_to("delete missing", [&] { net.erase("nothing"); });
  try_to("sequential index", [&] { (void)Sequential(Act())[1]; });
  try_to("sequential insert", [&] { Sequential(Act()).insert(3, Act()); });
  try_to("list index", [&] { (void)ModuleList(Act())[-2]; });
  try_to("parameter list index", [&] { (void)ParameterList({at::ones({1})})[1]; });
  try_to("to integers", [&] { net.to(at::kLong); });
  try_to("to from meta", [&] {
    net.to(at::kMeta);
    net.to(at::kCPU);
  });
  return all;
}

}  // namespace

Cases tree_cases() { return {{"reprs", reprs}, {"named", named}, {"apply_order", apply_order}, {"errors", errors}}; }

}  // namespace bisque::parity
