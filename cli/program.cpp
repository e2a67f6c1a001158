// The command line: its commands, and the exit.
#include <c10/util/Exception.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/plugin/plugins.h>
#include <bisque/core/serialization/text.h>
#include <bisque/core/version.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/values.h"

namespace bisque::cli {
namespace {

/// The error of a command line, with a reference to its help. CLI11 itself does not report an unknown command.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  const auto commands = app.get_subcommands();
  const auto words = app.remaining();
  if (commands.empty() && !words.empty()) {
    return "\"" + words[0] +
           "\" is not a command; expected render, info, convert, diff, doctor, plugins, new-plugin or softgpu.";
  }
  const std::string command = commands.empty() ? "" : " " + commands[0]->get_name();
  return std::string(error.what()) + "; `bisque" + command + " --help` shows what is expected.";
}

/// Lost output, for example on a full disk, is an error too.
void finish_stdout() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
    fail("the standard output cannot be written (", std::strerror(errno), ").");
  }
}

/// "[json.exception.type_error.316] invalid UTF-8" without the brackets.
std::string_view without_library_tag(std::string_view message) {
  if (!message.starts_with("[json.exception.")) return message;
  return message.substr(std::min(message.find("] ") + 2, message.size()));
}

/// Prints warnings as notes of one line. ATen's warnings concern its caller: layouts in beta state, deprecated dtypes.
class NotesOfWarnings : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override {
    if (std::string_view(warning.source_location().file).find("/ATen/") != std::string_view::npos) return;
    std::fprintf(stderr, "note: %s\n", first_line(warning.msg()).c_str());
  }
};

int run(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ConversionError&) {
    throw;
  } catch (const CLI::ValidationError&) {
    throw;
  } catch (const CLI::RuntimeError& error) {
    finish_stdout();
    return error.get_exit_code();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      std::fprintf(stderr, "bisque: %s\n", one_line(usage_message(app, error)).c_str());
      return 2;
    }
    app.exit(error);  // --help or --version
  }
  finish_stdout();
  return 0;
}

/// A warning of libtorch as one line.
struct OneLineWarnings : c10::WarningHandler {
  void process(const c10::Warning& warning) override {
    std::fprintf(stderr, "bisque: warning: %s\n", one_line(warning.msg()).c_str());
  }
};

/// Third-party plugins. One of the environment that cannot be loaded is a warning, one of --plugin an error.
void load_plugins(const std::vector<std::string>& files) {
  set_program_plugins(files);
  // Their formats must be registered before a file is opened; built-in plugins are loaded on demand.
  if (!has_third_party_plugins()) return;
  OneLineWarnings warnings;
  const c10::WarningUtils::WarningHandlerGuard guard(&warnings);
  plugins();
}

/// `--plugin FILE`, in front of a command or among its options.
void add_plugin_option(CLI::App& app, std::vector<std::string>& files) {
  const auto add = [&](CLI::App& command) {
    command
        .add_option_function<std::vector<std::string>>(
            "--plugin",
            [&](const std::vector<std::string>& more) { files.insert(files.end(), more.begin(), more.end()); },
            "A plugin to load, before those of BISQUE_PLUGINS and BISQUE_PLUGIN_PATH; may be repeated")
        ->type_name("FILE")
        ->allow_extra_args(false);
  };
  add(app);
  for (CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() != "softgpu") add(*command);  // its options are those of another program
    for (CLI::App* nested : command->get_subcommands({})) add(*nested);
  }
}

}  // namespace

int run_program(int argc, char** argv) {
  open_standard_streams();
  handle_signals();
  CLI::App app{"Renders meshes from blendshape coefficients.", "bisque"};
  app.set_version_flag("--version", std::string("bisque ") + BISQUE_VERSION);
  app.require_subcommand(1);
  add_render(app);
  add_info(app);
  add_convert(app);
  add_diff(app);
  add_doctor(app);
  add_plugins(app);
  add_new_plugin(app);
  add_softgpu(app);
  std::vector<std::string> plugin_files;
  add_plugin_option(app, plugin_files);
  app.parse_complete_callback([&] { load_plugins(plugin_files); });
  static NotesOfWarnings notes;
  c10::WarningUtils::set_warning_handler(&notes);
  std::string message;
  try {
    return run(app, argc, argv);
  } catch (const std::bad_alloc&) {
    message = "there is not enough memory for this.";
  } catch (const c10::Error& error) {
    message = first_line(error.what_without_backtrace());
  } catch (const std::exception& error) {
    message = one_line(without_library_tag(error.what()));
  }
  std::fprintf(stderr, "bisque: %s\n", message.c_str());
  return 1;
}

}  // namespace bisque::cli
