#include <bisque/core/plugin/op_loader.h>

#include <utility>

namespace bisque {
namespace {

OpLoader& loader_of_program() {
  static auto* const loader = new OpLoader;  // never destroyed, as plugins
  return *loader;
}

}  // namespace

void set_op_loader(OpLoader loader) { loader_of_program() = std::move(loader); }
const OpLoader& op_loader() { return loader_of_program(); }

}  // namespace bisque
