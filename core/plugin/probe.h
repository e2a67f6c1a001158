// Internal. Loads a plugin in a child process first, so that a library that crashes, hangs or exits does not take the
// program with it.
#pragma once
#include <chrono>
#include <functional>
#include <string>

namespace bisque {

/// What the child does at the moment; part of the report if it dies.
enum class ProbeStep : int { kInitialising, kCallingEntry };

struct ProbeOutcome {
  std::string failure;    // one sentence; empty: the plugin can be loaded
  bool is_fatal = false;  // the child crashed, hung or exited
};

/// How the code in the child reports to the parent.
class ProbeChild {
 public:
  virtual ~ProbeChild() = default;
  virtual void begin(ProbeStep step) = 0;
  /// The failure, even if the child dies later.
  virtual void answer(const std::string& failure) = 0;
};

/// Calls `load` in a child process of this one. An exception of `load` becomes the failure. The child sees a copy of
/// this process, but other threads do not run in it.
ProbeOutcome probe_in_child(const std::string& path, std::chrono::seconds timeout,
                            const std::function<void(ProbeChild&)>& load);

/// BISQUE_PLUGIN_TIMEOUT in seconds; default 20. Error: not a positive integer.
std::chrono::seconds probe_timeout();

}  // namespace bisque
