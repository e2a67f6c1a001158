// bisque: renders, inspects and converts blendshape models and takes.
// Exit codes: 0; 1: the work failed, bad content included; 2: a wrong command line; 3: `diff` found differences; those
// of what `softgpu` runs.
#include "cli/interrupt.h"
#include "cli/program.h"

int main(int argc, char** argv) {
  bisque::cli::open_standard_streams();
  return bisque::cli::run_program(argc, argv);
}
