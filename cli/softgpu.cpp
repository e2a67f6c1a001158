// bisque softgpu: runs a program on the CUDA device in software.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <bisque/core/error.h>

#include "cli/commands.h"

namespace bisque::cli {
namespace {

/// The launcher of softgpu: beside bin/ in the build tree, below lib/ in an installation.
std::string find_launcher() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto prefix = program.parent_path().parent_path();
  for (const char* place : {"softgpu/softgpu", BISQUE_LIBDIR "/bisque/softgpu/softgpu"}) {
    if (::access((prefix / place).c_str(), X_OK) == 0) return prefix / place;
  }
  fail("softgpu is not part of this build, which has no CUDA; build with BISQUE_CUDA=ON.");
}

}  // namespace

void add_softgpu(CLI::App& app) {
  CLI::App* command = app.add_subcommand("softgpu", "Runs a program on a CUDA device in software: softgpu COMMAND...");
  command->prefix_command();
  command->callback([command] {
    std::vector<std::string> words = command->remaining();
    if (words.empty()) throw CLI::RequiredError("COMMAND");
    if (words[0][0] == '-') throw CLI::ExtrasError(words);
    words.insert(words.begin(), find_launcher());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    fail("\"", words[0], "\" cannot be run (", std::strerror(errno), ").");
  });
}

}  // namespace bisque::cli
