// What a plugin with Modules is bound to.
#pragma once
#include <bisque/core/version.h>
#include <torch/headeronly/version.h>

// Modules are C++ objects: a plugin with Modules runs with exactly the core and the libtorch that it was built with.
#define BISQUE_CORE_ABI "bisque " BISQUE_VERSION " and torch " TORCH_VERSION
