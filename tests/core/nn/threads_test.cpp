// One Module, many threads. Under ThreadSanitizer, too: make test-sanitize.
#include <c10/core/GradMode.h>

#include <atomic>
#include <thread>

#include <bisque/tests/core/nn/modules_testing.h>

namespace bisque {
namespace {

using namespace test;

constexpr int kThreads = 8;
constexpr int kCalls = 400;  // enough for threads to meet

template <class Action>
void in_threads(const Action& action) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&, i] { action(i); });
  for (auto& thread : threads) thread.join();
}

TEST(Threads, CallOneModule) {
  const Outer outer;
  in_threads([&](int i) {
    const c10::NoGradGuard guard;
    for (int j = 0; j < kCalls; ++j) {
      const auto y = outer(at::full({1, 2}, static_cast<double>(i)));
      EXPECT_EQ(y[0][0].item<float>(), 2 * i);
    }
  });
}

TEST(Threads, CallHooksThatComeAndGo) {
  Outer outer;
  std::atomic<int> calls{0};
  in_threads([&](int i) {
    const c10::NoGradGuard guard;
    for (int j = 0; j < kCalls; ++j) {
      HookHandle handle;
      if (i % 2 == 0) {
        handle = outer.first->register_forward_pre_hook([&](Module&, const Tuple&) { ++calls; });
      }
      EXPECT_EQ(outer(at::full({1, 2}, static_cast<double>(i)))[0][0].item<float>(), 2 * i);
      handle.remove();
    }
  });
  EXPECT_GE(calls, kThreads / 2 * kCalls);
  const int before = calls;
  outer(at::ones({1, 2}));
  EXPECT_EQ(calls, before) << "all are gone";
}

TEST(Threads, CloneOneModule) {
  const Outer outer;
  in_threads([&](int) {
    for (int j = 0; j < 10; ++j) {
      const auto clone = outer.clone();
      EXPECT_FALSE(clone->bias.is_same(outer.bias));
      EXPECT_EQ(clone->state_dict().size(), outer.state_dict().size());
    }
  });
}

}  // namespace
}  // namespace bisque
