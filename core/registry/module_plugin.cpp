#include <bisque/core/registry/module_plugin.h>

#include <bisque/core/registry/op_module.h>

namespace bisque {

void ModulePlugin::add_op_module(const std::string& name, const std::string& op) {
  const auto make = [name, op](const Config& config) { return std::make_shared<OpModule>(name, op, config); };
  add_module(name, ModuleFactory(make, [op] { return OpModule::options(op); }));
}

int ModulePlugin::answer(const char* name, const char* version, const BisqueHost* host,
                         BisqueManifest* manifest) const {
  if (manifest && manifest->size >= sizeof(BisqueManifest)) {
    static const char* const none[] = {nullptr};
    module_list_.clear();
    format_list_.clear();
    for (const auto& module : modules_) module_list_.push_back(module.name.c_str());
    for (const auto& format : format_names_) format_list_.push_back(format.c_str());
    module_list_.push_back(nullptr);
    format_list_.push_back(nullptr);
    manifest->abi = BISQUE_PLUGIN_ABI;
    manifest->name = name;
    manifest->version = version;
    manifest->torch_target = manifest->torch_built = TORCH_ABI_VERSION;
    manifest->core_abi = BISQUE_CORE_ABI;
    manifest->cuda_archs = nullptr;
    manifest->ops = none;
    manifest->modules = module_list_.data();
    manifest->formats = format_list_.data();
  }
  if (!host) return 0;
  if (!host->add_module || !host->add_format) {
    return host->reject(host->context, "it has Modules or file formats, which this host does not support");
  }
  for (const auto& object : objects_) {
    const std::string wrong = add_object_class(object);
    if (!wrong.empty()) return host->reject(host->context, wrong.c_str());
  }
  for (const auto& module : modules_) {
    if (const int rejected = host->add_module(host->context, module.name.c_str(), &module.factory)) return rejected;
  }
  for (const auto& format : formats_) {
    if (const int rejected = host->add_format(host->context, &format)) return rejected;
  }
  return 0;
}

}  // namespace bisque
