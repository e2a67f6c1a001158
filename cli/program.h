// The program except main(): a library, which tests call too (tests/cli/fork_server.cpp).
#pragma once

namespace bisque::cli {

/// Runs the command line and returns the exit code.
int run_program(int argc, char** argv);

}  // namespace bisque::cli
