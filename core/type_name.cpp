#include <bisque/core/type_name.h>

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace bisque {

std::string type_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  const std::string full = status == 0 ? demangled.get() : type.name();
  // The last name outside brackets: those of templates, and of "(anonymous namespace)".
  std::string name;
  int depth = 0;
  for (const char c : full) {
    if (c == '>' || c == ')') --depth;
    if (depth == 0 && c == ':') name.clear();
    if (depth == 0 && c != ':' && c != '<' && c != '>' && c != '(' && c != ')') name += c;
    if (c == '<' || c == '(') ++depth;
  }
  return name;
}

}  // namespace bisque
