// bisque: renders, inspects and converts blendshape models and takes.
// Exit codes: 0; 1: the work failed, bad content included; 2: a wrong command line.
#include <cstdio>
#include <exception>

#include "cli/commands.h"

int main(int argc, char** argv) {
  CLI::App app{"Renders meshes from blendshape coefficients.", "bisque"};
  app.set_version_flag("--version", std::string("bisque ") + BISQUE_VERSION);
  app.require_subcommand(1);
  bisque::cli::add_render(app);
  bisque::cli::add_info(app);
  bisque::cli::add_convert(app);
  bisque::cli::add_doctor(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ConversionError& error) {
    std::fprintf(stderr, "bisque: %s\n", error.what());
    return 1;
  } catch (const CLI::ValidationError& error) {
    std::fprintf(stderr, "bisque: %s\n", error.what());
    return 1;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bisque: %s\n", error.what());
    return 1;
  }
  return 0;
}
