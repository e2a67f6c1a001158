#include <bisque/core/distributed/group_store.h>

#include <c10/util/Exception.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <functional>
#include <future>
#include <thread>
#include <utility>

#include <bisque/core/distributed/group_error.h>
#include <bisque/core/error.h>

namespace bisque {
namespace {

using Milliseconds = std::chrono::milliseconds;
using StorePtr = c10::intrusive_ptr<c10d::Store>;

constexpr Milliseconds kAnswer = std::chrono::seconds(10);

/// The result of a call, or nothing if it takes longer. Its arguments have to be copies.
template <class Result>
std::optional<Result> within(Milliseconds limit, std::function<Result()> call) {
  std::packaged_task<Result()> task(std::move(call));
  std::future<Result> result = task.get_future();
  std::thread(std::move(task)).detach();
  if (result.wait_for(limit) != std::future_status::ready) return std::nullopt;
  return result.get();
}

[[noreturn]] void fail_lost(const std::string& place, const std::string& reason) {
  fail("process group: the store at ", place, ", on the machine of rank 0, is lost (", reason,
       "); expected rank 0 and the network to stay up.");
}

template <class Result>
Result answer(const std::string& place, Milliseconds limit, std::function<Result()> call) {
  std::optional<Result> result;
  try {
    result = within(limit, std::move(call));
  } catch (const c10::Error& error) {
    fail_lost(place, reason_of(error));
  }
  if (!result) fail_lost(place, "no answer within " + seconds_text(limit));
  return std::move(*result);
}

[[noreturn]] void fail_to_connect(const LaunchEnvironment& launch, const std::string& reason) {
  if (launch.hosts_store()) {
    fail("init_process_group: rank 0 cannot open the group's store at ", launch.store_place(), " (", reason,
         "); expected MASTER_ADDR to be this machine and MASTER_PORT to be a free port.");
  }
  fail("init_process_group: no sign of rank 0 of ", launch.size, " at ", launch.store_place(), " (", reason,
       "); expected it to run there, and MASTER_ADDR and MASTER_PORT to be the same for all ranks.");
}

}  // namespace

GroupStore::GroupStore(StorePtr store, std::string place, Milliseconds timeout)
    : store_(std::move(store)), place_(std::move(place)), answer_(std::min(timeout, kAnswer)) {}

GroupStore GroupStore::open(const LaunchEnvironment& launch, Milliseconds timeout) {
  const auto connect = [launch, timeout]() -> StorePtr {
    c10d::TCPStoreOptions options;
    options.port = launch.port;
    options.isServer = launch.hosts_store();
    options.waitWorkers = false;    // meet() waits, and names those that are missing
    options.timeout = 2 * timeout;  // ours ends first
    return c10::make_intrusive<c10d::TCPStore>(launch.address, options);
  };
  std::optional<StorePtr> store;
  try {
    store = within<StorePtr>(timeout, connect);
  } catch (const c10::Error& error) {
    fail_to_connect(launch, reason_of(error));
  }
  if (!store) fail_to_connect(launch, "no answer within " + seconds_text(timeout));
  return {*store, launch.store_place(), timeout};
}

GroupStore GroupStore::with_prefix(const std::string& prefix) const {
  GroupStore result = *this;
  result.store_ = c10::make_intrusive<c10d::PrefixStore>(prefix, store_);
  return result;
}

void GroupStore::set(const std::string& key, const std::string& value) const {
  answer<bool>(place_, answer_, [store = store_, key, value] {
    store->set(key, value);
    return true;
  });
}

std::string GroupStore::set_once(const std::string& key, const std::string& value) const {
  return answer<std::string>(place_, answer_,
                             [store = store_, key, value] { return store->compareSet(key, "", value); });
}

std::optional<std::string> GroupStore::wait(const std::string& key, Milliseconds timeout) const {
  timeout = std::max(timeout, Milliseconds(1));  // 0 would be no limit
  using Value = std::optional<std::string>;
  return answer<Value>(place_, timeout + answer_, [store = store_, key, timeout]() -> Value {
    try {
      store->wait({key}, timeout);
    } catch (const c10::DistStoreError&) {
      return std::nullopt;
    }
    return store->get_to_str(key);
  });
}

std::vector<std::string> GroupStore::get(const std::vector<std::string>& keys) const {
  using Values = std::vector<std::string>;
  return answer<Values>(place_, answer_, [store = store_, keys] {
    Values values;
    for (const auto& value : store->multiGet(keys)) values.emplace_back(value.begin(), value.end());
    return values;
  });
}

int64_t GroupStore::add(const std::string& key, int64_t amount) const {
  return answer<int64_t>(place_, answer_, [store = store_, key, amount] { return store->add(key, amount); });
}

}  // namespace bisque
