#include <gtest/gtest.h>

#include <bisque/core/ordered_map.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

template <class T>
std::string keys(const OrderedMap<T>& map) {
  std::string all;
  for (const auto& [name, value] : map) all += name + " ";
  return all;
}

TEST(OrderedMap, KeepsTheOrderOfInsertion) {
  OrderedMap<int> map{{"b", 1}, {"a", 2}, {"c", 3}};
  map.set("a", 5);
  EXPECT_EQ(keys(map), "b a c ") << "a new value keeps its place";
  EXPECT_TRUE(map.erase("b"));
  EXPECT_FALSE(map.erase("b"));
  map["b"] = 7;
  EXPECT_EQ(keys(map), "a c b ");
  EXPECT_EQ(map.at("a"), 5);
  EXPECT_EQ(map.find("z"), nullptr);
  EXPECT_EQ(test::error_of([&] { map.at("z"); }), "there is no entry \"z\".");
}

TEST(OrderedMap, FindsAmongManyAsAmongFew) {
  OrderedMap<int> map;
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(map.try_emplace("n" + std::to_string(i), i).second);
    for (int j = 0; j <= i; ++j) ASSERT_EQ(map.at("n" + std::to_string(j)), j);
    EXPECT_FALSE(map.try_emplace("n" + std::to_string(i / 2), -1).second);
  }
  for (int i = 0; i < 50; i += 2) EXPECT_TRUE(map.erase("n" + std::to_string(i)));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(map.contains("n" + std::to_string(i)), i % 2 == 1);
  for (int i = 1; i < 50; i += 2) expected += "n" + std::to_string(i) + " ";
  EXPECT_EQ(keys(map), expected);
}

TEST(OrderedMap, EntriesKeepTheirAddressAndCopiesHaveTheirOwn) {
  OrderedMap<int> map{{"a", 1}};
  const int* address = map.find("a");
  for (int i = 0; i < 30; ++i) map[std::to_string(i)] = i;
  EXPECT_EQ(map.find("a"), address);
  OrderedMap<int> copy = map;
  copy.set("a", 9);
  EXPECT_EQ(map.at("a"), 1);
  EXPECT_EQ(copy.at("29"), 29);
  const OrderedMap<int> moved = std::move(map);
  EXPECT_EQ(moved.find("a"), address);
  EXPECT_EQ(moved.at("29"), 29);
}

TEST(OrderedMap, ATemporaryGivesItsValuesByValue) {
  const auto make = [] { return OrderedMap<std::string>{{"a", std::string(100, 'x')}}; };
  const auto& value = make().at("a");
  EXPECT_EQ(value, std::string(100, 'x'));
  static_assert(std::is_same_v<decltype(make().at("a")), std::string>);
  EXPECT_THROW(make().at("b"), Error);
}

TEST(OrderedMap, IsEmptyAgainAfterClear) {
  OrderedMap<int> map;
  for (int i = 0; i < 30; ++i) map[std::to_string(i)] = i;
  map.clear();
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.find("3"), nullptr);
  map["3"] = 1;
  EXPECT_EQ(map.at("3"), 1);
  for (int i = 0; i < 30; ++i) map.erase(std::to_string(i));
  EXPECT_EQ(map.size(), 0u);
  map["x"] = 2;
  EXPECT_EQ(map.at("x"), 2);
}

}  // namespace
}  // namespace bisque
