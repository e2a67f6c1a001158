// Internal. The key-value store of a group, with a limit for each answer.
#pragma once
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <bisque/core/distributed/launch_environment.h>

namespace bisque {

/// torch's client of the store waits for an answer without a limit, so each call is made in a thread of its own, which
/// is left behind if the network is gone. Error, from any member: no answer, or a broken connection.
class GroupStore {
 public:
  GroupStore(c10::intrusive_ptr<c10d::Store> store, std::string place, std::chrono::milliseconds timeout);

  /// Connects to the store of torchrun or of rank 0, which hosts it here if this is rank 0. Error: no connection.
  static GroupStore open(const LaunchEnvironment& launch, std::chrono::milliseconds timeout);

  /// The same store for other keys.
  GroupStore with_prefix(const std::string& prefix) const;

  void set(const std::string& key, const std::string& value = "") const;
  /// The value that the key has then: that of the first call.
  std::string set_once(const std::string& key, const std::string& value) const;
  /// Waits for the value of a key; nothing at the timeout.
  std::optional<std::string> wait(const std::string& key, std::chrono::milliseconds timeout) const;
  /// The values of keys that exist.
  std::vector<std::string> get(const std::vector<std::string>& keys) const;
  /// The sum of all amounts that any rank has added to the key.
  int64_t add(const std::string& key, int64_t amount) const;

  const c10::intrusive_ptr<c10d::Store>& torch_store() const { return store_; }
  const std::string& place() const { return place_; }

 private:
  c10::intrusive_ptr<c10d::Store> store_;
  std::string place_;                 // host and port
  std::chrono::milliseconds answer_;  // the limit
};

}  // namespace bisque
