// bisque: renders, inspects and converts blendshape models and takes.
// Exit codes: 0; 1: the work failed, including bad content; 2: a wrong command line; 3: `diff` found differences; for
// `softgpu`, those of its program.
#include "cli/program.h"

int main(int argc, char** argv) { return bisque::cli::run_program(argc, argv); }
