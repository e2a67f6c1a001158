// Who registers the ops of libraries: by default this program's plugin host. In a Python process, Python's host
// (bisque3d.load_library) does, and C++ uses what it has registered, because an op can be registered only once.
#pragma once
#include <functional>
#include <string>

namespace bisque {

/// Loads a library of ops: its path and the name of its plugin. Does nothing if that plugin is loaded. Error: it cannot
/// be loaded.
using OpLoader = std::function<void(const std::string& path, const std::string& name)>;

/// Used for all plugins with only ops that are loaded from now on; call it before plugins().
void set_op_loader(OpLoader loader);

/// Empty: the host registers ops itself.
const OpLoader& op_loader();

}  // namespace bisque
