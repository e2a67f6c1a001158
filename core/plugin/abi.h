/* The plugin door, version 1: what a host and a plugin must agree on. C alone, so that any compiler and Python's ctypes
 * can stand on either side; tests/core/plugin/abi_test.cpp freezes the layouts.
 *
 * A plugin is a shared library that exports one function, `bisque_plugin`. Called with no host it fills in the manifest
 * and does nothing else; the host reads it, and refuses what does not fit. Called with a host it registers what the
 * manifest lists, through the host's functions and in no other way (no static initialiser registers anything). The host
 * owns what was registered: a taken name is an error that leaves nothing behind, and a plugin can be retired.
 *
 * Every struct begins with its size as its writer knows it: fields are added at the end, and who reads a field looks
 * first whether the struct reaches that far. A change that breaks this raises BISQUE_PLUGIN_ABI. */
#ifndef BISQUE_CORE_PLUGIN_ABI_H
#define BISQUE_CORE_PLUGIN_ABI_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BISQUE_PLUGIN_ABI 1
#define BISQUE_PLUGIN_ENTRY "bisque_plugin"

/* A kernel in the boxed form of libtorch's stable ABI (TORCH_BOX): arguments and results are StableIValues. */
typedef void (*BisqueKernel)(uint64_t* stack, uint64_t num_arguments, uint64_t num_results);

typedef struct BisqueOp {
  size_t size;
  const char* schema;   /* "acme::blur(Tensor x, int radius) -> Tensor y"; arguments and results named */
  const char* shapes;   /* "x [N, D] -> y [N, D]": sizes of the results where sizes are symbols; see docs/ops.md */
  const char* backward; /* the op that gives the gradient, "acme::_blur_backward"; NULL: not differentiable */
} BisqueOp;

/* Functions return 0, or another number after which the plugin returns it at once; the host knows why. */
typedef struct BisqueHost {
  size_t size;
  uint32_t abi; /* BISQUE_PLUGIN_ABI */
  uint32_t reserved;
  void* context; /* the first argument of each function */
  int (*define_op)(void* context, const BisqueOp* op);
  /* `key` is a dispatch key of libtorch: "CPU", "CUDA", "Meta", "CompositeExplicitAutograd". "Autograd": the same op
   * out of differentiable operators, which runs where its gradient is asked for. */
  int (*add_kernel)(void* context, const char* op, const char* key, BisqueKernel kernel);
  /* NULL where the host has no Modules (Python). `factory` is a const bisque::ModuleFactory*, see module_plugin.h. */
  int (*add_module)(void* context, const char* name, const void* factory);
  /* NULL where the host reads no files. `format` is a const bisque::Format*, see core/serialization/formats.h. */
  int (*add_format)(void* context, const void* format);
  /* The plugin's own reason to refuse; always returns another number than 0. */
  int (*refuse)(void* context, const char* sentence);
} BisqueHost;

typedef struct BisqueManifest {
  size_t size;  /* set by the host: the plugin fills in what fits */
  uint32_t abi; /* BISQUE_PLUGIN_ABI of the plugin */
  uint32_t reserved;
  const char* name;
  const char* version;
  uint64_t torch_target;  /* the oldest torch it runs in: 0x020a000000000000 is 2.10 */
  uint64_t torch_built;   /* the torch whose headers it was built with */
  const char* core_abi;   /* a plugin with Modules: the BISQUE_CORE_ABI it is bound to; NULL: ops alone */
  const char* cuda_archs; /* what its CUDA kernels were compiled for; NULL: it has none */
  const char* const* ops; /* names of what it registers, each list ending with NULL */
  const char* const* modules;
  const char* const* formats;
} BisqueManifest;

typedef int (*BisquePluginEntry)(const BisqueHost* host, BisqueManifest* manifest);

#ifdef __cplusplus
}
#endif
#endif
