#include <unordered_set>

#include <bisque/core/error.h>
#include <bisque/core/nn/module_base.h>
#include <bisque/core/nn/tree.h>
#include <bisque/core/type_name.h>

namespace bisque {
namespace {

/// Calls `visit(prefix, module)` on a Module and, if requested, all descendants.
template <class Visit>
void visit_modules(const Module& root, const NamedOptions& options, const Visit& visit) {
  TreeWalk walk(root, options.prefix.empty() ? "" : options.prefix + ".",
                options.remove_duplicate ? Repeats::kOnce : Repeats::kEveryWay);
  while (walk.next() != TreeWalk::kEnd) {
    if (walk.step() != TreeWalk::kEnter) continue;
    visit(walk);
    if (!options.recurse) return;
  }
}

/// Adds the defined tensors, and with remove_duplicate only new ones.
class Collector {
 public:
  explicit Collector(bool remove_duplicate) : remove_duplicate_(remove_duplicate) {}

  void add(const std::string& prefix, const OrderedMap<TensorSlot>& slots) {
    for (const auto& [name, slot] : slots) {
      const at::Tensor& tensor = *slot.value;
      if (!tensor.defined()) continue;
      // A tensor without other owners has no other name.
      const bool may_repeat = remove_duplicate_ && tensor.use_count() > 1;
      if (may_repeat && !seen_.insert(tensor.unsafeGetTensorImpl()).second) continue;
      found.emplace_back(prefix + name, tensor);
    }
  }

  Named<at::Tensor> found;

 private:
  bool remove_duplicate_;
  std::unordered_set<const void*> seen_;
};

template <class T>
std::vector<T> values_of(const Named<T>& entries) {
  std::vector<T> values;
  values.reserve(entries.size());
  for (const auto& entry : entries) values.push_back(entry.second);
  return values;
}

}  // namespace

Named<at::Tensor> Module::named_parameters(const NamedOptions& options) const {
  Collector all(options.remove_duplicate);
  visit_modules(*this, options, [&](const TreeWalk& at) { all.add(at.prefix(), at.module().parameters_); });
  return std::move(all.found);
}

Named<at::Tensor> Module::named_buffers(const NamedOptions& options) const {
  Collector all(options.remove_duplicate);
  visit_modules(*this, options, [&](const TreeWalk& at) { all.add(at.prefix(), at.module().buffers_); });
  return std::move(all.found);
}

Named<Module*> Module::named_modules(const NamedOptions& options) {
  Named<Module*> all;
  visit_modules(*this, options, [&](const TreeWalk& at) { all.emplace_back(at.path(), &at.module()); });
  return all;
}

Named<std::shared_ptr<Module>> Module::named_children() const {
  Named<std::shared_ptr<Module>> all;
  std::unordered_set<const Module*> seen;
  for (const auto& [name, slot] : children_) {
    if (*slot.value && seen.insert(slot.value->get()).second) all.emplace_back(name, *slot.value);
  }
  return all;
}

std::vector<at::Tensor> Module::parameters(bool recurse) const {
  return values_of(named_parameters({.recurse = recurse}));
}
std::vector<at::Tensor> Module::buffers(bool recurse) const { return values_of(named_buffers({.recurse = recurse})); }
std::vector<std::shared_ptr<Module>> Module::children() const { return values_of(named_children()); }
std::vector<Module*> Module::modules() { return values_of(named_modules()); }

namespace {

/// "a.b.c" as "a.b" and "c".
std::pair<std::string, std::string> split_last(const std::string& path) {
  const auto dot = path.rfind('.');
  if (dot == std::string::npos) return {"", path};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

}  // namespace

Module& Module::get_submodule(const std::string& path) {
  Module* at = this;
  for (size_t begin = 0; !path.empty() && begin <= path.size();) {
    const size_t end = std::min(path.find('.', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    const char* kind = at->kind_of(name);
    if (!kind) fail(at->type_name(), " has no attribute `", name, "`, required by the path ", path, ".");
    const ChildSlot* child = at->children_.find(name);
    if (!child || !*child->value) fail(at->type_name(), ": `", name, "` is not an nn.Module, required by ", path, ".");
    at = child->value->get();
    begin = end + 1;
  }
  return *at;
}

at::Tensor Module::get_parameter(const std::string& path) {
  const auto [module_path, name] = split_last(path);
  Module& module = get_submodule(module_path);
  if (!module.kind_of(name))
    fail(module.type_name(), " has no attribute `", name, "`, required by the path ", path, ".");
  const TensorSlot* slot = module.parameters_.find(name);
  if (!slot || !slot->value->defined()) {
    fail(module.type_name(), ": `", name, "` is not an nn.Parameter, required by ", path, ".");
  }
  return *slot->value;
}

at::Tensor Module::get_buffer(const std::string& path) {
  const auto [module_path, name] = split_last(path);
  Module& module = get_submodule(module_path);
  if (!module.kind_of(name))
    fail(module.type_name(), " has no attribute `", name, "`, required by the path ", path, ".");
  const TensorSlot* slot = module.buffers_.find(name);
  if (!slot) fail(module.type_name(), ": `", name, "` is not a buffer, required by ", path, ".");
  return *slot->value;
}

at::Tensor& Module::tensor_slot(const std::string& path) {
  const auto [module_path, name] = split_last(path);
  Module& module = get_submodule(module_path);
  TensorSlot* slot = module.parameters_.find(name);
  return *(slot ? *slot : module.buffers_.at(name)).value;
}

void fail_submodule_type(const std::string& path, const Module& found) {
  fail("get_submodule: ", path, " is a ", found.type_name(), ", not of the requested type.");
}

void fail_clone(const Module& module, const char* why) {
  fail(module.type_name(), ": cannot be cloned, since ", why, ".");
}

void Module::apply(const std::function<void(Module&)>& visit) {
  TreeWalk walk(*this, "", Repeats::kOnceAParent);
  while (walk.next() != TreeWalk::kEnd) {
    if (walk.step() == TreeWalk::kLeave) visit(walk.module());
  }
}

void Module::train(bool on) {
  for (Module* module : modules()) module->training_ = on;
}

void Module::requires_grad_(bool on) {
  for (auto& tensor : parameters()) tensor.requires_grad_(on);
}

void Module::zero_grad(bool set_to_none) {
  for (auto& tensor : parameters()) {
    at::Tensor& grad = tensor.mutable_grad();
    if (!grad.defined()) continue;
    if (set_to_none) {
      grad.reset();
    } else {
      grad.detach_().requires_grad_(false).zero_();
    }
  }
}

}  // namespace bisque
