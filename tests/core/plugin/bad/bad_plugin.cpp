// Plugins that the host must reject, one library per BAD: without libtorch.
#include <bisque/core/plugin/abi.h>

#include <stdexcept>

namespace {

const char* const kNone[] = {nullptr};

[[maybe_unused]] int define(const BisqueHost* host, const char* schema, const char* shapes, const char* backward) {
  const BisqueOp op{sizeof(BisqueOp), schema, shapes, backward};
  return host->define_op(host->context, &op);
}

}  // namespace

#define ABI 0
#define NEW_TORCH 1
#define NAMELESS 2
#define TAKEN 3
#define TWICE 4
#define REJECTS 5
#define SCHEMA 6
#define NO_NAMESPACE 7
#define NO_OP 8
#define GRADIENT 9
#define OTHER_CORE 10
#define NO_MANIFEST 11
#define NO_ENTRY 12
#define THROWS 13
#define THROWS_INT 14
#define THROWS_LATER 15
#define NO_BACKWARD 16

#if BAD != NO_ENTRY
extern "C" __attribute__((visibility("default"))) int bisque_plugin(const BisqueHost* host, BisqueManifest* manifest) {
  if (BAD == THROWS) throw std::runtime_error("no license file");
  if (BAD == THROWS_INT) throw 42;
  if (manifest) {
    if (BAD == NO_MANIFEST) return 3;
    manifest->abi = BAD == ABI ? 7 : BISQUE_PLUGIN_ABI;
    manifest->name = BAD == NAMELESS ? "" : "bad";
    manifest->version = "1";
    manifest->torch_target = manifest->torch_built = BAD == NEW_TORCH ? 0x6300000000000000 : 0x020a000000000000;
    if (BAD == OTHER_CORE) manifest->core_abi = "bisque 9.9 and torch 9.9";
    manifest->ops = manifest->modules = manifest->formats = kNone;
  }
  if (!host) return 0;
  [[maybe_unused]] int rejected = 0;
#if BAD == TAKEN
  rejected = define(host, "acme::other(Tensor x) -> Tensor y", nullptr, nullptr);
  return rejected ? rejected : define(host, "aten::relu(Tensor self) -> Tensor", nullptr, nullptr);
#elif BAD == TWICE
  rejected = define(host, "acme::other(Tensor x) -> Tensor y", nullptr, nullptr);
  return rejected ? rejected : define(host, "acme::other(Tensor x) -> Tensor y", nullptr, nullptr);
#elif BAD == THROWS_LATER
  rejected = define(host, "acme::other(Tensor x) -> Tensor y", nullptr, nullptr);
  throw std::runtime_error("no license file");
#elif BAD == REJECTS
  return host->reject(host->context, "it needs a Tuesday");
#elif BAD == SCHEMA
  return define(host, "acme::other(Tensor x -> y", nullptr, nullptr);
#elif BAD == NO_NAMESPACE
  return define(host, "other(Tensor x) -> Tensor y", nullptr, nullptr);
#elif BAD == NO_OP
  return host->add_kernel(host->context, "acme::other", "CPU", nullptr);
#elif BAD == NO_BACKWARD
  return define(host, "acme::other(Tensor x) -> Tensor y", nullptr, "acme::_other_backward");
#elif BAD == GRADIENT
  rejected = define(host, "acme::other(Tensor x) -> Tensor y", nullptr, "acme::_other_backward");
  return rejected ? rejected : define(host, "acme::_other_backward(Tensor grad_z) -> Tensor grad_x", nullptr, nullptr);
#else
  return 0;
#endif
}
#endif
