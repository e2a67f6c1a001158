// The commands of the program, one per file.
#pragma once
#include <CLI/CLI.hpp>

namespace bisque::cli {

/// Adds a command with its options to the program; it runs if the command line contains it.
void add_render(CLI::App& app);
void add_info(CLI::App& app);
void add_convert(CLI::App& app);
void add_diff(CLI::App& app);
void add_doctor(CLI::App& app);
void add_plugins(CLI::App& app);
void add_new_plugin(CLI::App& app);
void add_softgpu(CLI::App& app);

}  // namespace bisque::cli
