#include <bisque/core/checkpoint/state_keys.h>
#include <bisque/core/nn/containers/sequential.h>
#include <bisque/core/nn/layers/linear.h>
#include <bisque/core/nn/layers/norm.h>
#include <bisque/tests/core/nn/modules_testing.h>

namespace bisque {
namespace {

using namespace test;

TEST(CompareState, TellsAllThatDiffers) {
  Sequential net(Linear(2, 3), BatchNorm1d(3));
  EXPECT_TRUE(compare_state(net, net.state_dict()).empty());
  EXPECT_EQ(compare_state(net, net.state_dict()).text(), "");
  StateDict state = net.state_dict();
  state.erase("0.bias");
  state.set("head.weight", at::ones({1}));
  state.set("1.weight", at::ones({4}));
  state.set("1.bias", at::ones({3}, at::kDouble));
  state.set("0.weight", "text");
  EXPECT_EQ(compare_state(net, state).text(),
            "0.bias: missing\n"
            "head.weight: unexpected\n"
            "1.weight: expected the shape [3], but got [4]\n"
            "0.weight: expected torch.float32, but got str\n"
            "1.bias: expected torch.float32, but got torch.float64\n");
}

TEST(RenameKeys, ChangesNamesAndPaths) {
  Sequential net(Linear(2, 3), BatchNorm1d(3));
  const StateDict wrapped = rename_keys(net.state_dict(), {{"^", "module."}});
  EXPECT_TRUE(wrapped.contains("module.1.running_mean"));
  EXPECT_EQ(wrapped.metadata.at("module.1").at("version").as<int64_t>(), 2);
  const StateDict back = rename_keys(wrapped, {{"^module\\.", ""}});
  EXPECT_TRUE(compare_state(net, back).empty());
  EXPECT_EQ(back.metadata.at("1").at("version").as<int64_t>(), 2);
  EXPECT_TRUE(net.load_state_dict(back).missing_keys.empty());
  EXPECT_TRUE(rename_keys(StateDict{{"a1.b", 1}}, {{"a(\\d)", "x$1"}, {"x", "y"}}).contains("y1.b"));
}

TEST(RenameKeys, RejectsWhatLosesNames) {
  const StateDict state{{"a.b", 1}, {"c.b", 2}};
  EXPECT_EQ(error_of([&] {
              rename_keys(state, {{"^[ac]\\.", ""}});
            }),
            "rename_keys: two names become \"b\", one of them \"c.b\".");
  expect_contains(error_of([&] {
                    rename_keys(state, {{"(", ""}});
                  }),
                  "expected regular expressions, but \"(\" is none");
}

}  // namespace
}  // namespace bisque
