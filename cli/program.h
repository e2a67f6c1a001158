// The program behind main(), in a separate file so that CLI11 is compiled once.
#pragma once

namespace bisque::cli {

/// Runs the command line and returns the exit code.
int run_program(int argc, char** argv);

}  // namespace bisque::cli
