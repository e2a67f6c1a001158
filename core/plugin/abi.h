/* The plugin interface, version 1, between a host and a plugin. It is C only, so either side can use any compiler or
 * Python's ctypes; tests/core/plugin/abi_test.cpp freezes the layouts.
 *
 * A plugin is a shared library that exports one function, `bisque_plugin`. Called without a host, it fills in the
 * manifest and does nothing else; the host checks the manifest. Called with a host, it registers what the manifest
 * lists, only through the host's functions (no static initialiser registers anything). The host owns the registrations:
 * if a name is taken, loading fails and leaves nothing behind, and a plugin can be retired.
 *
 * Every struct begins with its size in the writer's version: fields are added at the end, and a reader of a field first
 * checks that the struct includes it. An incompatible change increments BISQUE_PLUGIN_ABI. */
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
  const char* shapes;   /* "x [N, D] -> y [N, D]": sizes of the results for symbolic sizes; see docs/ops.md */
  const char* backward; /* the op that computes the gradient, "acme::_blur_backward"; NULL: not differentiable */
} BisqueOp;

/* Functions return 0 on success. On another number, the plugin must return it at once; the host knows the reason. */
typedef struct BisqueHost {
  size_t size;
  uint32_t abi; /* BISQUE_PLUGIN_ABI */
  uint32_t reserved;
  void* context; /* the first argument of each function */
  int (*define_op)(void* context, const BisqueOp* op);
  /* `key` is a dispatch key of libtorch: "CPU", "CUDA", "Meta", "CompositeExplicitAutograd". "Autograd": the same op
   * as a composition of differentiable operators, which runs if its gradient is required. */
  int (*add_kernel)(void* context, const char* op, const char* key, BisqueKernel kernel);
  /* NULL if the host has no Modules (Python). `factory` is a const bisque::ModuleFactory*, see module_plugin.h. */
  int (*add_module)(void* context, const char* name, const void* factory);
  /* NULL if the host reads no files. `format` is a const bisque::Format*, see core/serialization/formats.h. */
  int (*add_format)(void* context, const void* format);
  /* Reports the plugin's own reason to fail; never returns 0. */
  int (*reject)(void* context, const char* sentence);
} BisqueHost;

typedef struct BisqueManifest {
  size_t size;  /* set by the host: the plugin fills in what fits */
  uint32_t abi; /* BISQUE_PLUGIN_ABI of the plugin */
  uint32_t reserved;
  const char* name;
  const char* version;
  uint64_t torch_target;  /* the oldest torch it runs in: 0x020a000000000000 is 2.10 */
  uint64_t torch_built;   /* the torch whose headers it was built with */
  const char* core_abi;   /* a plugin with Modules: its BISQUE_CORE_ABI; NULL: only ops */
  const char* cuda_archs; /* the architectures of its CUDA kernels; NULL: it has none */
  const char* const* ops; /* names of its registrations; each list ends with NULL */
  const char* const* modules;
  const char* const* formats;
} BisqueManifest;

typedef int (*BisquePluginEntry)(const BisqueHost* host, BisqueManifest* manifest);

#ifdef __cplusplus
}
#endif
#endif
