// bisque plugins: lists the loaded plugins.
#include <bisque/core/plugin/plugins.h>

#include <cstdio>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

#include "cli/commands.h"

namespace bisque::cli {
namespace {

void print_list(const char* what, const std::vector<std::string>& names) {
  if (!names.empty()) std::printf("  %-8s %s\n", what, comma_list(names).c_str());
}

}  // namespace

void add_plugins(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "plugins", "Lists the built-in plugins and those in BISQUE_PLUGINS (paths separated by \":\").");
  command->callback([] {
    for (const PluginInfo& plugin : plugins().list()) {
      std::printf("%s %s, for torch %s%s\n  %-8s %s\n", plugin.name.c_str(), plugin.version.c_str(),
                  plugin.torch_target.c_str(), plugin.modules.empty() ? " or later" : " only", "file",
                  plugin.path.c_str());
      print_list("ops", plugin.ops);
      print_list("modules", plugin.modules);
      print_list("formats", plugin.formats);
      if (!plugin.cuda_archs.empty()) std::printf("  %-8s %s\n", "CUDA", plugin.cuda_archs.c_str());
      if (!plugin.cuda_note.empty()) std::printf("  %-8s %s\n", "CUDA", plugin.cuda_note.c_str());
    }
    // Each was reported when the program started.
    if (const size_t failed = plugins().failures().size()) {
      fail(failed, failed == 1 ? " entry" : " entries", " of BISQUE_PLUGINS could not be loaded, see above.");
    }
  });
}

}  // namespace bisque::cli
