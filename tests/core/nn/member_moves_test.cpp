// Members that are moved, swapped, sorted and erased: each stays one with its entry in the registry.
#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include <bisque/core/nn/layers/linear.h>
#include <bisque/tests/core/nn/modules_testing.h>

namespace bisque {
namespace {

using namespace test;

/// A Module identified by the number in its weight.
struct Cell : ModuleOf<Cell> {
  explicit Cell(int64_t number) : weight(*this, "weight", at::full({1}, static_cast<double>(number))) {}
  int64_t number() const { return weight.item<int64_t>(); }
  Parameter weight;
};

/// Operations that the tests need for all three kinds of member.
struct OfParameter {
  using Member = Parameter;
  static Member make(Module& owner, const std::string& name, int64_t number) {
    return {owner, name, at::full({1}, static_cast<double>(number))};
  }
  static Member free(int64_t number) { return Parameter(at::full({1}, static_cast<double>(number))); }
  static int64_t number(const Member& member) { return member.defined() ? member.item<int64_t>() : -1; }
  static int64_t registered(Module& owner, const std::string& name) {
    const at::Tensor tensor = owner[name].tensor();
    return tensor.defined() ? tensor.item<int64_t>() : -1;
  }
  static void set(Module& owner, const std::string& name, int64_t number) { owner[name] = free(number); }
  static Names all(const Module& owner) { return names(owner.named_parameters({.remove_duplicate = false})); }
};

struct OfBuffer : OfParameter {
  using Member = Buffer;
  static Member make(Module& owner, const std::string& name, int64_t number) {
    return {owner, name, at::full({1}, static_cast<double>(number))};
  }
  static Member free(int64_t number) { return Buffer(at::full({1}, static_cast<double>(number))); }
  static int64_t number(const Member& member) { return member.defined() ? member.item<int64_t>() : -1; }
  static void set(Module& owner, const std::string& name, int64_t number) { owner[name] = free(number); }
  static Names all(const Module& owner) { return names(owner.named_buffers({.remove_duplicate = false})); }
};

struct OfChild {
  using Member = Child<Cell>;
  static Member make(Module& owner, const std::string& name, int64_t number) { return {owner, name, number}; }
  static Member free(int64_t number) {
    Empty owner;
    return make(owner, "free", number);  // whose owner is gone at once
  }
  static int64_t number(const Member& member) { return member ? member->number() : -1; }
  static int64_t registered(Module& owner, const std::string& name) {
    for (const auto& [child, module] : owner.named_modules({.remove_duplicate = false})) {
      if (child == name) return dynamic_cast<Cell&>(*module).number();
    }
    return -1;
  }
  static void set(Module& owner, const std::string& name, int64_t number) {
    owner[name] = std::make_shared<Cell>(number);
  }
  static Names all(Module& owner) {
    Names all = names(owner.named_modules({.remove_duplicate = false}));
    all.erase(all.begin());  // the owner itself
    return all;
  }
};

template <class Kind>
class Members : public testing::Test {
 protected:
  using Member = typename Kind::Member;

  /// Two members of a Module.
  struct Pair : ModuleOf<Pair> {
    Member a = Kind::make(*this, "a", 1), b = Kind::make(*this, "b", 2);
  };

  /// Members in a vector, named by their index.
  struct Row : ModuleOf<Row> {
    explicit Row(int64_t size, bool reserve = false) {
      if (reserve) members.reserve(64);
      for (int64_t i = 0; i < size; ++i) add();
    }
    void add() { members.push_back(Kind::make(*this, "m" + std::to_string(num_made), num_made)), ++num_made; }
    std::vector<Member> members;
    int64_t num_made = 0;
  };

  static std::vector<int64_t> numbers(const std::vector<Member>& members) {
    std::vector<int64_t> all;
    for (const auto& member : members) all.push_back(Kind::number(member));
    return all;
  }

  /// A member and its entry: what is read through one is in the other, and what is set by name arrives in the member.
  static void expect_one(Module& owner, const std::string& name, Member& member, int64_t number) {
    EXPECT_TRUE(member.is_registered()) << name;
    EXPECT_EQ(Kind::number(member), number) << name;
    EXPECT_EQ(Kind::registered(owner, name), number) << name;
    Kind::set(owner, name, 77);
    EXPECT_EQ(Kind::number(member), 77) << name;
    Kind::set(owner, name, number);
  }

  /// The same of a row, where each member is under the name of its place.
  static void expect_in_places(Row& row) {
    Names expected;
    for (size_t i = 0; i < row.members.size(); ++i) {
      expected.push_back("m" + std::to_string(i));
      expect_one(row, expected.back(), row.members[i], Kind::number(row.members[i]));
    }
    EXPECT_EQ(Kind::all(row), expected);
  }

  /// Each value in the registry is that of one member, and vice versa.
  static void expect_in_step(Row& row) {
    std::vector<int64_t> registered, held = numbers(row.members);
    for (const auto& name : Kind::all(row)) registered.push_back(Kind::registered(row, name));
    std::sort(registered.begin(), registered.end());
    std::sort(held.begin(), held.end());
    EXPECT_EQ(registered, held);
    for (const auto& member : row.members) EXPECT_TRUE(member.is_registered());
  }
};

using Kinds = testing::Types<OfParameter, OfBuffer, OfChild>;
TYPED_TEST_SUITE(Members, Kinds);

TYPED_TEST(Members, SwapKeepsNames) {
  typename TestFixture::Pair pair;
  std::swap(pair.a, pair.b);
  this->expect_one(pair, "a", pair.a, 2);
  this->expect_one(pair, "b", pair.b, 1);
  EXPECT_EQ(TypeParam::all(pair), (Names{"a", "b"}));
}

TYPED_TEST(Members, SwapBetweenModules) {
  typename TestFixture::Pair first;
  {
    typename TestFixture::Pair second;
    TypeParam::set(second, "b", 9);
    std::swap(first.a, second.b);
    this->expect_one(first, "a", first.a, 9);
    this->expect_one(second, "b", second.b, 1);
    this->expect_one(second, "a", second.a, 1);
  }
  this->expect_one(first, "a", first.a, 9);
  this->expect_one(first, "b", first.b, 2);
}

TYPED_TEST(Members, SwapWithOneThatHasNoName) {
  typename TestFixture::Pair pair;
  for (const bool free_first : {false, true}) {
    auto free = TypeParam::free(5);
    const int64_t before = TypeParam::number(pair.a);
    free_first ? std::swap(free, pair.a) : std::swap(pair.a, free);
    this->expect_one(pair, "a", pair.a, 5);
    EXPECT_FALSE(free.is_registered());
    EXPECT_EQ(TypeParam::number(free), before);
  }
  EXPECT_EQ(TypeParam::all(pair), (Names{"a", "b"}));
}

TYPED_TEST(Members, SelfMovesAndSelfSwapsChangeNothing) {
  typename TestFixture::Pair pair;
  auto& same = pair.a;
  pair.a = std::move(same);
  this->expect_one(pair, "a", pair.a, 1);
  std::swap(pair.a, same);
  this->expect_one(pair, "a", pair.a, 1);
  pair.a = same;
  this->expect_one(pair, "a", pair.a, 1);
}

TYPED_TEST(Members, WhatIsMovedFromIsNoneAndKeepsItsName) {
  typename TestFixture::Pair pair;
  pair.a = std::move(pair.b);
  this->expect_one(pair, "a", pair.a, 2);
  EXPECT_TRUE(pair.b.is_registered());
  EXPECT_EQ(TypeParam::number(pair.b), -1);
  EXPECT_EQ(TypeParam::all(pair), Names{"a"}) << "None is dropped";
  pair.b = TypeParam::free(3);
  this->expect_one(pair, "b", pair.b, 3);
}

TYPED_TEST(Members, AValueThatIsTakenOutGivesItsPlaceBack) {
  typename TestFixture::Pair pair;
  {
    auto taken = std::move(pair.a);
    this->expect_one(pair, "a", taken, 1);
    EXPECT_FALSE(pair.a.is_registered());
    pair.a = TypeParam::free(4);
    this->expect_one(pair, "a", pair.a, 4);
    EXPECT_FALSE(taken.is_registered());
    EXPECT_EQ(TypeParam::number(taken), 1);
    auto again = std::move(pair.a);
  }
  EXPECT_TRUE(pair.a.is_registered()) << "as None, since what was taken is gone";
  EXPECT_EQ(TypeParam::number(pair.a), -1);
  EXPECT_EQ(TypeParam::all(pair), Names{"b"});
}

TYPED_TEST(Members, MovedIntoAnotherOwnerSurviveBoth) {
  using Pair = typename TestFixture::Pair;
  auto from = std::make_unique<Pair>();
  struct Holder {
    typename TypeParam::Member member;
  };
  auto holder = std::make_unique<Holder>(Holder{std::move(from->a)});
  this->expect_one(*from, "a", holder->member, 1);
  from.reset();
  EXPECT_FALSE(holder->member.is_registered());
  EXPECT_EQ(TypeParam::number(holder->member), 1);

  Pair pair;
  holder->member = std::move(pair.a);
  this->expect_one(pair, "a", holder->member, 1);
  holder.reset();
  EXPECT_TRUE(pair.a.is_registered());
  EXPECT_EQ(TypeParam::number(pair.a), -1);
}

TYPED_TEST(Members, OneThatDiesTakesItsNameAlong) {
  Empty owner;
  { const auto member = TypeParam::make(owner, "a", 1); }
  EXPECT_TRUE(TypeParam::all(owner).empty());
  const auto again = TypeParam::make(owner, "a", 2);
  EXPECT_EQ(TypeParam::registered(owner, "a"), 2);
}

TYPED_TEST(Members, OfAVectorGrowEraseAndClear) {
  typename TestFixture::Row row(11);
  this->expect_in_places(row);
  row.members.erase(row.members.begin() + 4);
  EXPECT_EQ(this->numbers(row.members), (std::vector<int64_t>{0, 1, 2, 3, 5, 6, 7, 8, 9, 10}));
  this->expect_in_places(row);
  row.members.erase(row.members.begin(), row.members.begin() + 3);
  row.members.pop_back();
  EXPECT_EQ(this->numbers(row.members), (std::vector<int64_t>{3, 5, 6, 7, 8, 9}));
  this->expect_in_places(row);
  std::erase_if(row.members, [](const auto& member) { return TypeParam::number(member) % 2 == 1; });
  EXPECT_EQ(this->numbers(row.members), (std::vector<int64_t>{6, 8}));
  this->expect_in_places(row);
  row.members.clear();
  EXPECT_TRUE(TypeParam::all(row).empty());
  EXPECT_TRUE(row.state_dict().empty());
}

TYPED_TEST(Members, OfAVectorInsert) {
  for (const bool reserve : {false, true}) {
    typename TestFixture::Row row(4, reserve);
    row.members.insert(row.members.begin() + 1, TypeParam::make(row, "m4", 4));
    EXPECT_EQ(this->numbers(row.members), (std::vector<int64_t>{0, 4, 1, 2, 3}));
    if (reserve) this->expect_in_places(row);
    this->expect_in_step(row);
  }
}

TYPED_TEST(Members, OfAVectorInAnyOrder) {
  typename TestFixture::Row row(40);
  auto& members = row.members;
  const auto less = [](const auto& a, const auto& b) { return TypeParam::number(a) < TypeParam::number(b); };
  std::mt19937 random(1);
  for (int round = 0; round < 30; ++round) {
    std::shuffle(members.begin(), members.end(), random);
    this->expect_in_places(row);
    const auto middle = members.begin() + static_cast<int>(random() % 41);
    switch (round % 6) {
      case 0:
        std::sort(members.begin(), members.end(), less);
        break;
      case 1:
        std::stable_sort(members.begin(), members.end(), less);
        break;
      case 2:
        std::make_heap(members.begin(), members.end(), less);
        std::sort_heap(members.begin(), members.end(), less);
        break;
      case 3:
        std::rotate(members.begin(), middle, members.end());
        break;
      case 4:
        std::nth_element(members.begin(), members.begin() + 20, members.end(), less);
        break;
      default:
        std::inplace_merge(members.begin(), middle, members.end(), less);
    }
    auto sorted = this->numbers(members);
    if (round % 6 < 3) {
      EXPECT_TRUE(std::is_sorted(sorted.begin(), sorted.end()));
    }
    std::sort(sorted.begin(), sorted.end());
    std::vector<int64_t> all(40);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(sorted, all) << "none is lost";
    this->expect_in_places(row);
  }
}

/// Random moves between the members of two Modules and some without a name: whatever happens, what a Module lists is
/// what its entries hold, and each registered member is its entry.
TYPED_TEST(Members, RandomMovesKeepMembersAndRegistryInStep) {
  using Member = typename TypeParam::Member;
  std::mt19937 random(2);
  for (int run = 0; run < 40; ++run) {
    typename TestFixture::Row first(5), second(4);
    std::vector<Member> loose;
    const auto pick = [&]() -> Member& {
      auto& from = random() % 3 == 0 && !loose.empty() ? loose : random() % 2 ? first.members : second.members;
      return from[random() % from.size()];
    };
    for (int step = 0; step < 60; ++step) {
      Member &a = pick(), &b = pick();
      switch (random() % 6) {
        case 0:
          std::swap(a, b);
          break;
        case 1:
          a = std::move(b);
          break;
        case 2:
          a = b;
          break;
        case 3: {
          Member moved = std::move(a);
          loose.push_back(std::move(moved));
          break;
        }
        case 4:
          a = TypeParam::free(100 + step);
          break;
        default:
          if (!loose.empty()) loose.erase(loose.begin() + static_cast<int>(random() % loose.size()));
      }
      for (auto* row : {&first, &second}) {
        size_t registered = 0;
        for (size_t i = 0; i < row->members.size(); ++i) {
          const std::string name = "m" + std::to_string(i);
          if (row->members[i].is_registered()) {
            ASSERT_EQ(TypeParam::number(row->members[i]), TypeParam::registered(*row, name)) << name;
          }
          if (TypeParam::registered(*row, name) >= 0) ++registered;
        }
        ASSERT_EQ(TypeParam::all(*row).size(), registered) << "no name but those of the places";
      }
    }
    loose.clear();
    for (auto* row : {&first, &second}) {
      for (size_t i = 0; i < row->members.size(); ++i) {
        ASSERT_TRUE(row->members[i].is_registered());
        this->expect_one(*row, "m" + std::to_string(i), row->members[i], TypeParam::number(row->members[i]));
      }
    }
  }
}

TEST(MovedMembers, SwappedLayersAreSavedConvertedAndVisitedInTheirPlaces) {
  struct Net : ModuleOf<Net> {
    Child<Linear> a{*this, "a", 2, 2}, b{*this, "b", 2, 2};
    at::Tensor forward(const at::Tensor& x) const { return b(a(x).tanh()); }
  };
  Net net;
  const at::Tensor x = at::rand({3, 2}), expected = net.a(net.b(x).tanh());
  std::swap(net.a, net.b);
  EXPECT_TRUE(at::equal(net(x), expected));
  Net loaded;
  loaded.load_state_dict(net.state_dict());
  EXPECT_TRUE(at::equal(loaded(x), expected)) << "what is saved is what forward uses";
  EXPECT_TRUE(net.parameters()[0].is_same(net.a->weight));
  net.to(at::kDouble);
  EXPECT_EQ(net.a->weight.scalar_type(), at::kDouble);
  EXPECT_EQ(net.b->weight.scalar_type(), at::kDouble);
  std::vector<Module*> visited;
  net.apply([&](Module& module) { visited.push_back(&module); });
  EXPECT_EQ(visited, (std::vector<Module*>{net.a.ptr().get(), net.b.ptr().get(), &net}));
  const auto clone = net.clone();
  std::swap(clone->a, clone->b);
  EXPECT_TRUE(at::equal(clone->a->weight, net.b->weight));
  EXPECT_TRUE(clone->a.is_registered());
}

TEST(MovedMembers, FlagsGoWithTheTensor) {
  Empty owner;
  Buffer a(owner, "a", at::ones({1}), {.persistent = false}), b(owner, "b", at::zeros({1}), {.keep_dtype = true});
  std::swap(a, b);
  EXPECT_EQ(names(owner.named_buffers()), (Names{"a", "b"}));
  EXPECT_TRUE(owner.state_dict().contains("a"));
  EXPECT_FALSE(owner.state_dict().contains("b"));
  owner.to(at::kDouble);
  EXPECT_EQ(a.scalar_type(), at::kFloat);
  EXPECT_EQ(b.scalar_type(), at::kDouble);
}

TEST(MovedMembers, AnAssignmentThatFailsChangesNothing) {
  struct Ring : ModuleOf<Ring> {
    Child<Ring> next{*this, "next", nullptr};
  };
  const auto ring = std::make_shared<Ring>(), other = std::make_shared<Ring>();
  other->next = ring;
  EXPECT_EQ(error_of([&] { ring->next = std::move(other->next); }), "Ring: cannot be its own child 'next'.");
  EXPECT_EQ(other->next.ptr(), ring);
  EXPECT_FALSE(ring->next);
  other->next = nullptr;
}

TEST(MovedMembers, AParameterThatIsMadeLater) {
  struct Late : ModuleOf<Late> {
    Late() { weight = Parameter(*this, "weight", at::ones({2})); }
    Parameter weight;
  };
  Late late;
  EXPECT_TRUE(late.weight.is_registered());
  late["weight"] = Parameter(at::zeros({3}));
  EXPECT_EQ(late.weight.size(0), 3);
}

}  // namespace
}  // namespace bisque
