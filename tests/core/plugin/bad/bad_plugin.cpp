// Plugins that the host must reject, one library per BAD: without libtorch.
#include <bisque/core/plugin/abi.h>
#include <bisque/core/plugin/note.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

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
#define OLD_ABI 17
#define MISSING_SYMBOL 18
#define MISSING_SYMBOLS 19
#define CRASHES 20
#define HANGS 21
#define EXITS 22
#define THROWS_AT_START 23
#define CRASHES_IN_ENTRY 24
#define CRASHES_LATER 25
#define CUDA_ONLY 26
#define NOTE_ABI 27
#define NOTE_TORCH 28
#define NOTE_CORE 29
#define NOTE_DAMAGED 30
#define NOTE_NO_NUMBER 31

// Code that must not run: the note is read before.
#if BAD == NOTE_ABI
#undef BISQUE_PLUGIN_ABI
#define BISQUE_PLUGIN_ABI 2
BISQUE_PLUGIN_NOTE("bad", "1", "2.10", "2.10", "", "");
#elif BAD == NOTE_TORCH
BISQUE_PLUGIN_NOTE("bad", "1", "99.1.2", "99.1.2", "", "");
#elif BAD == NOTE_CORE
BISQUE_PLUGIN_NOTE("bad", "1", "2.10", "2.10", "bisque 9.9 and torch 9.9", "");
#elif BAD == NOTE_DAMAGED
__asm__(
    ".pushsection .note.bisque.plugin,\"a\",%note\n.balign 4\n.long 7, 1000000, 1\n.asciz \"bisque\"\n.popsection\n");
#elif BAD == NOTE_NO_NUMBER
BISQUE_PLUGIN_NOTE("bad", "1", "two", "two", "", "");
#endif

namespace {

struct AtStart {
  AtStart() {
    if (BAD == THROWS_AT_START) throw std::runtime_error("no license file");
    if (BAD == EXITS) std::exit(3);
    if (BAD == HANGS) std::this_thread::sleep_for(std::chrono::hours(1));
    if (BAD == CRASHES || BAD >= NOTE_ABI) {
      std::fputs("no license file\n", stderr);
      if (const char* marks = std::getenv("BAD_PLUGIN_MARKS")) std::fclose(std::fopen(marks, "a"));
      std::raise(SIGSEGV);
    }
  }
} at_start;

}  // namespace

#if BAD == MISSING_SYMBOL || BAD == MISSING_SYMBOLS
namespace acme {
int blur(int radius);
float sharpen(const char* name);
}  // namespace acme
#endif

#if BAD != NO_ENTRY
extern "C" __attribute__((visibility("default"))) int bisque_plugin(const BisqueHost* host, BisqueManifest* manifest) {
  if (BAD == THROWS) throw std::runtime_error("no license file");
  if (BAD == THROWS_INT) throw 42;
  if (BAD == CRASHES_IN_ENTRY || (BAD == CRASHES_LATER && host)) std::abort();
#if BAD == MISSING_SYMBOL || BAD == MISSING_SYMBOLS
  if (acme::blur(3) == 0) return 1;
#endif
#if BAD == MISSING_SYMBOLS
  if (acme::sharpen("x") == 0) return 1;
#endif
  if (manifest) {
    if (BAD == NO_MANIFEST) return 3;
    manifest->abi = BAD == ABI ? 7 : BAD == OLD_ABI ? 0 : BISQUE_PLUGIN_ABI;
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
#elif BAD == CUDA_ONLY
  rejected = define(host, "acme::other(Tensor x) -> Tensor y", nullptr, nullptr);
  return rejected ? rejected
                  : host->add_kernel(host->context, "acme::other", "CUDA", [](uint64_t*, uint64_t, uint64_t) {});
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
