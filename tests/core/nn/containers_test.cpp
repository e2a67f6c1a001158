#include <bisque/core/nn/containers/module_dict.h>
#include <bisque/core/nn/containers/module_list.h>
#include <bisque/core/nn/containers/parameter_list.h>
#include <bisque/core/nn/containers/sequential.h>
#include <bisque/tests/core/nn/modules_testing.h>

namespace bisque {
namespace {

using namespace test;

struct TwoInputs : ModuleOf<TwoInputs> {
  at::Tensor forward(const at::Tensor& a, const at::Tensor& b) const { return a + b; }
};

TEST(Sequential, CallsOneAfterTheOther) {
  Sequential net{TinyLinear(2, 3), Empty(), TinyLinear(3, 1)};
  EXPECT_EQ(net(at::ones({1, 2})).item<float>(), 6);
  EXPECT_EQ(names(net.named_parameters()), (Names{"0.weight", "0.bias", "2.weight", "2.bias"}));
  EXPECT_EQ(net.at<TinyLinear>(-1).weight.size(1), 3);
  int calls = 0;
  net.at(1).register_forward_hook([&](Module&, const Tuple&, const Value&) { ++calls; });
  net(at::ones({1, 2}));
  EXPECT_EQ(calls, 1) << "what it calls has its hooks";
  const auto clone = net.clone();
  EXPECT_EQ((*clone)(at::ones({1, 2})).item<float>(), 6);
  EXPECT_FALSE(clone->at<TinyLinear>(0).weight.is_same(net.at<TinyLinear>(0).weight));
}

TEST(Sequential, SaysWhatItCannotCall) {
  Sequential net{TwoInputs(), nullptr};
  EXPECT_EQ(error_of([&] { net(at::ones({1})); }),
            "TwoInputs: cannot be called by a container, since it has no forward that takes one tensor and gives one.");
  net.erase(0);
  EXPECT_EQ(error_of([&] { net(at::ones({1})); }),
            "Sequential: expected the child '0' to be a Module, but it is None.");
  EXPECT_EQ(error_of([&] { net.at<Empty>(0); }), "Sequential: `0` is not an nn.Module, required by 0.");
  net[0] = Empty();
  EXPECT_EQ(error_of([&] { net.at<Inner>(0); }), "get_submodule: 0 is a Empty, not of the requested type.");
  EXPECT_EQ(error_of([&] { net.pop(1); }), "Sequential: index 1 is out of range");
}

TEST(Sequential, OfNamedModulesCountsByPlace) {
  Sequential net({{"1", share(TinyLinear(1, 2))}, {"0", share(Empty())}});
  EXPECT_EQ(net.at(0).type_name(), "TinyLinear");
  EXPECT_EQ(net[1].module().type_name(), "Empty");
}

TEST(Sequential, HoldsASequentialAsAChild) {
  const Sequential net{Sequential{Empty(), Empty()}};
  EXPECT_EQ(net.size(), 1);
  EXPECT_EQ(net(at::ones({1})).item<float>(), 1);
}

TEST(ModuleList, PutsInAndTakesOut) {
  const auto shared = std::make_shared<Empty>();
  ModuleList list{shared, TinyLinear(1, 2), shared};
  EXPECT_EQ(list.items().size(), 3u);
  EXPECT_EQ(list.named_children().size(), 2u);
  list.insert(-1, TinyLinear(1, 5));
  EXPECT_EQ(list.at<TinyLinear>(2).weight.size(0), 5);
  EXPECT_EQ(list.pop(1)->type_name(), "TinyLinear");
  EXPECT_EQ(names(list.named_parameters()), (Names{"1.weight", "1.bias"}));
  list.extend(ModuleList{Empty()});
  EXPECT_EQ(list.size(), 4);
  list[0] = TinyLinear(7, 1);
  EXPECT_EQ(list.at<TinyLinear>(0).weight.size(1), 7);
  EXPECT_EQ(list.clone()->size(), 4);
}

TEST(ModuleDict, HoldsModulesByKey) {
  ModuleDict dict({{"b", share(TinyLinear(1, 2))}, {"a", share(Empty())}});
  dict["c"] = Empty();
  EXPECT_EQ(dict.keys(), (Names{"b", "a", "c"}));
  EXPECT_TRUE(dict.contains("a"));
  EXPECT_EQ(dict.at<TinyLinear>("b").weight.size(0), 2);
  dict.update({{"a", share(TinyLinear(1, 1))}});
  EXPECT_EQ(dict.pop("a")->type_name(), "TinyLinear");
  EXPECT_EQ(error_of([&] { dict.pop("a"); }), "ModuleDict: there is no key 'a'.");
  EXPECT_EQ(dict.clone()->items().size(), 2u);
  dict.clear();
  EXPECT_TRUE(dict.empty());
}

TEST(ParameterList, HoldsParametersByIndex) {
  ParameterList list({at::ones({2}), at::ones({3})});
  list.append(Parameter(at::ones({4}), {.requires_grad = false}));
  EXPECT_EQ(list.size(), 3);
  EXPECT_TRUE(list[0].requires_grad());
  EXPECT_FALSE(list[-1].requires_grad());
  list.set(0, Parameter(at::ones({7})));
  EXPECT_EQ(list[0].size(0), 7);
  EXPECT_EQ(list.pop().size(0), 4);
  EXPECT_EQ(names(list.named_parameters()), (Names{"0", "1"}));
  EXPECT_EQ(list.clone()->parameters().size(), 2u);
  EXPECT_EQ(error_of([&] { ParameterList().pop(); }), "ParameterList: index -1 is out of range");
}

TEST(ParameterDict, HoldsParametersByKey) {
  ParameterDict dict({{"gain", at::ones({2})}});
  dict.set("shift", at::zeros({3}));
  EXPECT_EQ(dict.keys(), (Names{"gain", "shift"}));
  EXPECT_EQ(dict.at("shift").size(0), 3);
  EXPECT_EQ(dict.pop("gain").size(0), 2);
  EXPECT_EQ(error_of([&] { dict.at("gain"); }), "ParameterDict: there is no key 'gain'.");
  EXPECT_EQ(dict.clone()->size(), 1);
  dict.clear();
  EXPECT_FALSE(dict.contains("shift"));
}

TEST(Repr, RejectsACircle) {
  const auto a = std::make_shared<Link>(), b = std::make_shared<Link>();
  a->next = b;
  b->next = a;
  EXPECT_EQ(error_of([&] { a->repr(); }), "Link: contains itself through other Modules, so it cannot be printed.");
  b->next = nullptr;
  std::ostringstream text;
  text << *a;
  EXPECT_EQ(text.str(), "Link(\n  (next): Link(\n    (next): None\n  )\n)");
}

}  // namespace
}  // namespace bisque
