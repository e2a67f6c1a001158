#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <bisque/core/value_convert.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

struct Point {
  double x;
};

TEST(Value, HoldsOneOfItsTypes) {
  EXPECT_TRUE(Value().is_none());
  EXPECT_TRUE(Value(nullptr).is_none());
  EXPECT_TRUE(Value(at::Tensor()).is_none());
  EXPECT_EQ(Value(true).as<bool>(), true);
  EXPECT_EQ(Value(7).as<int64_t>(), 7);
  EXPECT_EQ(Value(size_t{7}).as<int64_t>(), 7);
  EXPECT_EQ(Value(1.5f).as<double>(), 1.5);
  EXPECT_EQ(Value("text").as<std::string>(), "text");
  EXPECT_EQ(Value(at::ones({2})).as<at::Tensor>().size(0), 2);
  EXPECT_EQ(Value(Tuple{1, "a"}).as<Tuple>()[1].as<std::string>(), "a");
  EXPECT_EQ(Value(List{1, Tuple{}}).as<List>().size(), 2u);
  EXPECT_EQ(Value(Dict{{"a", 1}}).as<Dict>().at("a").as<int64_t>(), 1);
  EXPECT_EQ(Value::of(Point{2}).as<Point>().x, 2);
  EXPECT_EQ(Value(Bytes{"a"}).as<Bytes>().data, "a");
  EXPECT_EQ(Value(Set{1, 2}).as<Set>().size(), 2u);
  EXPECT_FALSE(Value(at::ones({2})).is_parameter());
  EXPECT_TRUE(Value::parameter(at::ones({2})).is_parameter());
  EXPECT_EQ(Value::parameter(at::ones({2})).as<at::Tensor>().size(0), 2);
}

TEST(Value, AnOrderedDictIsADict) {
  const Value value = OrderedDict{{"a", 1}};
  EXPECT_EQ(value.as<OrderedDict>().at("a").as<int64_t>(), 1);
  EXPECT_EQ(value.as<Dict>().at("a").as<int64_t>(), 1);
  EXPECT_FALSE(Value(Dict{}).is<OrderedDict>());
}

TEST(Value, ItemsAreFoundByTheirKey) {
  const Items items{{1, "one"}, {"1", "text"}, {true, "yes"}, {Tuple{1}, "tuple"}};
  EXPECT_EQ(items.at(1).as<std::string>(), "one");
  EXPECT_EQ(items.at("1").as<std::string>(), "text");
  EXPECT_EQ(items.at(true).as<std::string>(), "yes");
  EXPECT_EQ(items.find(2), nullptr);
  EXPECT_EQ(test::error_of([&] { items.at(2); }), "there is no key 2.");
  EXPECT_EQ(test::error_of([&] { items.at("b"); }), "there is no key b.");
  EXPECT_EQ(test::error_of([&] { items.at(Tuple{1}); }), "there is no such key of type tuple.");
}

TEST(Value, NamesItsType) {
  const std::pair<Value, const char*> cases[] = {{{}, "None"},       {true, "bool"},
                                                 {1, "int"},         {1.0, "float"},
                                                 {"", "str"},        {at::ones({1}), "Tensor"},
                                                 {List{}, "list"},   {Tuple{}, "tuple"},
                                                 {Dict{}, "dict"},   {OrderedDict{}, "OrderedDict"},
                                                 {Items{}, "dict"},  {Set{}, "set"},
                                                 {Bytes{}, "bytes"}, {Value::of(Point{1}), "Point"}};
  for (const auto& [value, name] : cases) EXPECT_EQ(value.type_name(), name);
  EXPECT_EQ(test::error_of([] { Value(1).as<std::string>(); }), "expected a value of type str, but got int.");
  EXPECT_EQ(test::error_of([] { Value(1).as<at::Tensor>(); }), "expected a value of type Tensor, but got int.");
  EXPECT_EQ(test::error_of([] { Value().as<Point>(); }), "expected a value of type Point, but got None.");
  EXPECT_FALSE(Value(List{}).is<Tuple>());
  EXPECT_EQ(Value(1).get_if<Point>(), nullptr);
}

TEST(Value, CopiesAreDeep) {
  const Value first = Dict{{"a", List{1}}};
  Value second = first;
  second.as<Dict>().at("a").as<List>().push_back(2);
  EXPECT_EQ(first.as<Dict>().at("a").as<List>().size(), 1u);
}

Value nested() { return Dict{{"a", List{1, 2}}, {"b", Dict{{"c", std::string(100, 'x')}}}}; }

TEST(Value, ATemporaryGivesWhatItHoldsByValue) {
  std::string names;
  for (auto& [name, value] : nested().as<Dict>()) names += name + (value.is_none() ? "?" : "");
  EXPECT_EQ(names, "ab");
  for (auto& [name, value] : nested().as<Dict>().at("b").as<Dict>()) EXPECT_EQ(value.as<std::string>().size(), 100u);
  int64_t sum = 0;
  for (const Value& value : nested().as<Dict>().at("a").as<List>()) sum += value.as<int64_t>();
  EXPECT_EQ(sum, 3);
  const auto& text = Value("text").as<std::string>();
  EXPECT_EQ(text, "text");
  OrderedDict ordered;
  ordered.set("x", 1);
  for (const auto& entry : Value(ordered).as<Dict>()) EXPECT_EQ(entry.first, "x");
  const Items items{{1, "one"}};
  static_assert(std::is_same_v<decltype(Items(items).at(1)), Value>);
  static_assert(std::is_same_v<decltype(nested().as<Dict>()), Dict>);
}

template <class T>
T there_and_back(const T& value) {
  return from_value<T>(to_value(value));
}

TEST(ValueConversion, GoesBothWays) {
  EXPECT_EQ(there_and_back(3), 3);
  EXPECT_EQ(there_and_back(1.5f), 1.5f);
  EXPECT_EQ(there_and_back(std::string("a")), "a");
  EXPECT_EQ(there_and_back(std::optional<int>()), std::nullopt);
  EXPECT_EQ(there_and_back(std::optional<int>(3)), 3);
  EXPECT_EQ(there_and_back(std::vector<double>{1, 2}), (std::vector<double>{1, 2}));
  EXPECT_EQ(there_and_back(std::pair<int, bool>(1, true)), (std::pair<int, bool>(1, true)));
  EXPECT_EQ(std::get<1>(there_and_back(std::tuple<int, std::string>(1, "b"))), "b");
  EXPECT_FALSE(there_and_back(at::Tensor()).defined());
  EXPECT_EQ(there_and_back(Point{4}).x, 4);
  EXPECT_EQ(to_value(std::pair<int, bool>(1, true)).type_name(), "tuple");
  EXPECT_EQ(to_value(std::vector<int>{1}).type_name(), "list");
  EXPECT_TRUE(to_value(at::Tensor()).is_none());
  EXPECT_EQ(test::error_of([] { from_value<std::pair<int, int>>(Tuple{1}); }),
            "expected a tuple of 2 values, but got 1.");
  EXPECT_EQ(test::error_of([] {
              from_value<std::vector<int>>(List{1, "a"});
            }),
            "expected a value of type int, but got str.");
}

}  // namespace
}  // namespace bisque
