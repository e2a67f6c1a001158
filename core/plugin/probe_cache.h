// Internal. The outcomes of probes, in files below $XDG_CACHE_HOME/bisque/plugins (default ~/.cache).
#pragma once
#include <optional>
#include <string>

#include <bisque/core/plugin/probe.h>

namespace bisque {

/// The outcome for one library: for its path, size, modification time and contents, and for this bisque and torch.
class ProbeCacheEntry {
 public:
  /// Reads the library, to hash it. Error: it cannot be read.
  explicit ProbeCacheEntry(const std::string& path);

  /// Nothing if the library was not probed, or has changed since.
  std::optional<ProbeOutcome> find() const;
  /// A cache that cannot be written is no error: the library is probed again next time.
  void store(const ProbeOutcome& outcome) const;

 private:
  std::string file_;      // empty: there is no home for a cache
  std::string identity_;  // the first line of the file
};

}  // namespace bisque
