// The program behind main(), which is apart so that CLI11 is compiled once.
#pragma once

namespace bisque::cli {

/// Runs the command line and gives the exit code.
int run_program(int argc, char** argv);

}  // namespace bisque::cli
