// The commands of the program, each in a file of its own.
#pragma once
#include <CLI/CLI.hpp>

namespace bisque::cli {

/// Adds a command with its options to the program; its work runs when the command line names it.
void add_render(CLI::App& app);
void add_info(CLI::App& app);
void add_convert(CLI::App& app);
void add_diff(CLI::App& app);
void add_doctor(CLI::App& app);
void add_plugins(CLI::App& app);
void add_softgpu(CLI::App& app);

}  // namespace bisque::cli
