// bisque new-plugin: writes the project of a plugin from the templates of python/bisque3d/scaffold, which
// python/bisque3d/new_plugin.py uses too.
#include <ATen/core/dispatch/Dispatcher.h>
#include <bisque/core/plugin/plugins.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/core/serialization/text.h>

#include "cli/commands.h"

namespace bisque::cli {
namespace {

namespace fs = std::filesystem;

struct NewPlugin {
  std::string name;
  bool has_module = false, has_no_cuda = false;
};

/// The templates: below share/ in an installation, by the link to the tree in the build tree.
fs::path scaffold_folder() {
  std::error_code error;
  const fs::path prefix = fs::read_symlink("/proc/self/exe", error).parent_path().parent_path();
  for (const char* place :
       {BISQUE_DATADIR "/bisque/python/bisque3d/scaffold", "include/bisque/python/bisque3d/scaffold"}) {
    if (fs::is_directory(prefix / place, error)) return prefix / place;
  }
  fail("the templates of plugins are not part of this installation, expected ", (prefix / BISQUE_DATADIR).string(),
       "/bisque/python/bisque3d/scaffold.");
}

std::string text_of_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(path.string(), ": cannot be read.");
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_letter(char c) { return lower_case(c) >= 'a' && lower_case(c) <= 'z'; }

/// The words of a file, without lines that begin with #.
std::set<std::string> reserved_names(const fs::path& path) {
  std::set<std::string> names;
  std::istringstream lines(text_of_file(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    names.insert(std::istream_iterator<std::string>(words), {});
  }
  return names;
}

/// Whether libtorch or a plugin has ops of this namespace.
bool is_op_namespace(const std::string& name) {
  plugins();
  const auto ops = c10::Dispatcher::singleton().getAllOpNames();
  return std::any_of(ops.begin(), ops.end(), [&](const auto& op) { return op.name.starts_with(name + "::"); });
}

void check_is_identifier(const std::string& name) {
  constexpr size_t kLongest = 100;
  const auto is_inside = [](char c) { return is_letter(c) || c == '_' || (c >= '0' && c <= '9'); };
  if (is_letter(name[0]) && std::all_of(name.begin(), name.end(), is_inside) && name.size() <= kLongest) return;
  fail("the name ", quoted_text(name),
       " cannot be used, expected at most 100 letters, digits and \"_\", beginning with ", "a letter.");
}

void check_is_free(const std::string& name, const fs::path& scaffold) {
  if (fs::exists(fs::symlink_status(name))) fail(name, ": exists, expected a name that is free.");
  if (!reserved_names(scaffold / "reserved_names.txt").contains(name) && !is_op_namespace(name)) return;
  fail("the name ", quoted_text(name), " is taken by C++, Python, CMake, torch or a plugin, expected another.");
}

/// "MyOp" of "my_op".
std::string class_name(const std::string& name) {
  std::string result;
  bool starts_word = true;
  for (const char c : name) {
    if (c != '_') result += starts_word && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    starts_word = c == '_';
  }
  return result;
}

std::string upper_case(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string with_names(std::string text, const std::string& name) {
  replace_all(text, "@NAME@", name);
  replace_all(text, "@CLASS@", class_name(name));
  replace_all(text, "@UPPER@", upper_case(name));
  return text;
}

/// A template's lines between `@if cuda@` or `@if module@` and `@end@` are kept if the plugin has that part.
std::string rendered(const std::string& text, const NewPlugin& plugin) {
  const std::map<std::string, bool> parts = {{"@if cuda@", !plugin.has_no_cuda}, {"@if module@", plugin.has_module}};
  std::string result;
  bool keeps = true;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (const auto part = parts.find(line); part != parts.end()) {
      keeps = part->second;
    } else if (line == "@end@") {
      keeps = true;
    } else if (keeps) {
      result += with_names(line, plugin.name) + "\n";
    }
  }
  return result;
}

void write_plugin(const NewPlugin& plugin) {
  const fs::path scaffold = scaffold_folder(), folder = plugin.name;
  check_is_identifier(plugin.name);
  check_is_free(plugin.name, scaffold);
  for (const auto& entry : fs::recursive_directory_iterator(scaffold)) {
    if (entry.path().extension() != ".in") continue;
    const std::string text = rendered(text_of_file(entry.path()), plugin);
    if (text.empty()) continue;
    const std::string relative = fs::relative(entry.path(), scaffold).replace_extension();
    const fs::path path = folder / with_names(relative, plugin.name);
    fs::create_directories(path.parent_path());
    AtomicFile file(path);
    file.write(text);
    file.commit(/*sync=*/false);
  }
  std::printf(
      "%s is a plugin now; build and test it there:\n"
      "  cmake -B build -DCMAKE_PREFIX_PATH=PREFIX && cmake --build build\n  ctest --test-dir build\n",
      folder.c_str());
}

}  // namespace

void add_new_plugin(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("new-plugin", "Writes a project with an op, its tests and a benchmark to the folder NAME.");
  auto plugin = std::make_shared<NewPlugin>();
  command->add_option("NAME", plugin->name, "The name of the plugin and its op, a C identifier")->required();
  command->add_flag("--module", plugin->has_module, "With a C++ Module");
  command->add_flag("--no-cuda", plugin->has_no_cuda, "Without CUDA kernels");
  command->callback([plugin] { write_plugin(*plugin); });
}

}  // namespace bisque::cli
