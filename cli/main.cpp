// bisque: renders, inspects and converts blendshape models and takes.
// Exit codes: 0; 1: the work failed, including bad content; 2: a wrong command line; 3: `diff` found differences; for
// `softgpu`, those of its program.
#include "cli/preflight.h"
#include "cli/program.h"

namespace {

/// Functions of this section run before the constructors of all shared libraries; some of libtorch's need a newer CPU
/// than its users have.
[[gnu::section(".preinit_array"), gnu::used]] void (*const run_preflight)() = bisque::cli::preflight;

}  // namespace

int main(int argc, char** argv) { return bisque::cli::run_program(argc, argv); }
