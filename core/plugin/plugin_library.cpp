#include <bisque/core/plugin/plugin_library.h>

#include <cxxabi.h>
#include <dlfcn.h>
#include <sys/stat.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/plugin/exception_text.h>
#include <bisque/core/plugin/requirements.h>
#include <bisque/core/serialization/elf_file.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

std::string demangled(const std::string& symbol) {
  int status = 0;
  char* text = abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status);
  std::string result = text ? text : symbol;
  std::free(text);
  return result;
}

/// Runs the library's static initialisers: functions may be missing, since they are looked up when they are called.
std::vector<std::string> missing_symbols(const std::string& file) {
  std::vector<std::string> missing;
  void* library = dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (!library) return missing;
  for (const std::string& symbol : ElfFile(file).undefined_symbols()) {
    if (!dlsym(library, symbol.c_str()) && !dlsym(RTLD_DEFAULT, symbol.c_str())) missing.push_back(symbol);
  }
  std::sort(missing.begin(), missing.end());
  return missing;
}

std::string missing_symbols_text(const std::string& path, const std::vector<std::string>& symbols) {
  constexpr size_t kMost = 8;
  std::string names;
  for (size_t i = 0; i < std::min(kMost, symbols.size()); ++i) names += (i ? ", " : "") + demangled(symbols[i]);
  if (symbols.size() > kMost) names += " and " + std::to_string(symbols.size() - kMost) + " more";
  return path + ": needs " + (symbols.size() == 1 ? "the symbol " : "the symbols ") + names +
         ", which no library here defines: link the library that does, or " + kHowToRebuild + ".";
}

std::string missing_library_text(const std::string& path, const std::string& library) {
  const bool is_cuda = library.starts_with("libcu") || library.starts_with("libnv") || library.ends_with("_cuda.so");
  return path + ": needs the library " + library + ", which is not found: " +
         (is_cuda ? "expected a library that runs without CUDA, with its CUDA kernels in NAME_cuda.so beside it."
                  : "install it, or add its folder to LD_LIBRARY_PATH.");
}

/// From the loader's message.
std::string undefined_symbol_in(const std::string& message) {
  constexpr std::string_view kWords = "undefined symbol: ";
  const size_t at = message.find(kWords);
  if (at == std::string::npos) return "";
  const size_t begin = at + kWords.size();
  return message.substr(begin, message.find_first_of(", \t(", begin) - begin);
}

std::string missing_library_in(const std::string& message) {
  const size_t at = message.find(": cannot open shared object file");
  return at == std::string::npos ? "" : message.substr(0, at);
}

void* open_library(const std::string& path, const std::string& file) {
  // dlopen() is declared as one that never throws, but the library's static initialisers can.
  void* (*const volatile open)(const char*, int) = dlopen;
  try {
    return open(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    fail(path, ": a static initialiser of it threw an exception: ", current_exception_text(), ".");
  }
}

}  // namespace

BisquePluginEntry load_plugin_library(const std::string& path, bool may_die,
                                      const std::function<void(const std::string&)>& on_failure) {
  // A bare name would be searched in the system's paths.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  void* const library = open_library(path, file);
  if (!library) {
    const std::string message = dlerror();
    if (const std::string name = missing_library_in(message); !name.empty()) {
      fail(missing_library_text(path, name));
    }
    const std::string symbol = undefined_symbol_in(message);
    if (symbol.empty()) fail(path, ": cannot be loaded (", message, ").");
    const std::string first = missing_symbols_text(path, {symbol});
    if (!may_die) fail(first);
    if (on_failure) on_failure(first);
    const std::vector<std::string> all = missing_symbols(file);
    fail(all.empty() ? first : missing_symbols_text(path, all));
  }
  const auto entry = reinterpret_cast<BisquePluginEntry>(dlsym(library, BISQUE_PLUGIN_ENTRY));
  if (!entry) fail(path, ": is not a plugin, expected it to export ", BISQUE_PLUGIN_ENTRY, ".");
  return entry;
}

std::string world_writable_note(const std::string& path) {
  std::error_code error;
  const std::filesystem::path full = std::filesystem::canonical(path, error);
  for (const auto& place : {full, full.parent_path()}) {
    struct stat status;
    if (error || ::stat(place.c_str(), &status) != 0) continue;
    // In a folder with the sticky bit, as /tmp, others cannot replace a file.
    if ((status.st_mode & S_IWOTH) == 0 || (status.st_mode & S_ISVTX) != 0) continue;
    return path + ": every user can change this plugin, since " + place.string() +
           " is writable for all, expected `chmod o-w` for it.";
  }
  return "";
}

}  // namespace bisque
