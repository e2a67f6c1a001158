#include <bisque/core/data/collate.h>
#include <bisque/core/data/ragged.h>
#include <bisque/tests/core/data/data_testing.h>

namespace bisque::data {
namespace {

using namespace test;
using at::Tensor;
using Ints = std::vector<int64_t>;

struct SampleBatch {
  Tensor image, label;
  static auto fields(auto& batch) { return std::tie(batch.image, batch.label); }
};
struct Sample {  // its batch is a separate type
  using Batch = SampleBatch;
  Tensor image;
  int64_t label;
  static auto fields(auto& sample) { return std::tie(sample.image, sample.label); }
};
struct Pose {  // its batch is a Pose
  Tensor rotation, translation;
  static auto fields(auto& pose) { return std::tie(pose.rotation, pose.translation); }
};
struct Named {  // its batch is a tuple
  std::string name;
  float weight;
  static auto fields(auto& named) { return std::tie(named.name, named.weight); }
};

TEST(Collate, StacksTensors) {
  const Tensor a = at::rand({3, 2}), b = at::rand({3, 2});
  EXPECT_TRUE(default_collate<Tensor>({a, b}).equal(at::stack({a, b})));
  EXPECT_TRUE(default_collate<Tensor>({a.t(), b.t()}).equal(at::stack({a.t(), b.t()}))) << "not contiguous";
  EXPECT_TRUE(default_collate<Tensor>({a, b.to(at::kDouble)}).equal(at::stack({a.to(at::kDouble), b.to(at::kDouble)})));
  EXPECT_TRUE(default_collate<Tensor>({a.clone().requires_grad_(), b}).requires_grad());
  EXPECT_EQ(default_collate<Tensor>({at::empty({0, 4}), at::empty({0, 4})}).sizes(), (std::vector<int64_t>{2, 0, 4}));
  EXPECT_EQ(error_of([&] {
              default_collate<Tensor>({a, b, b.t()});
            }),
            "default_collate: expected tensors of one shape, but sample 2 has [2, 3] and sample 0 [3, 2].");
  EXPECT_EQ(error_of([&] {
              default_collate<Tensor>({a, Tensor()});
            }),
            "default_collate: expected tensors, but that of sample 1 is undefined.");
  EXPECT_EQ(error_of([] { default_collate<Tensor>({}); }),
            "default_collate: expected one sample or more, but got none.");
}

TEST(Collate, MakesTensorsOfNumbers) {
  EXPECT_TRUE(default_collate<int64_t>({3, 5}).equal(at::tensor({3, 5}, at::kLong)));
  EXPECT_EQ(default_collate<double>({0.5}).scalar_type(), at::kDouble);
  EXPECT_EQ(default_collate<float>({0.5f}).scalar_type(), at::kFloat);
  EXPECT_EQ((default_collate<std::pair<bool, uint8_t>>({{true, uint8_t{3}}}).first.scalar_type()), at::kBool);
}

TEST(Collate, TakesNestedTypesApart) {
  using Nested = std::tuple<std::string, std::pair<int64_t, std::vector<double>>, std::array<float, 2>>;
  const auto [names, pair, array] =
      default_collate<Nested>({{"a", {1, {0.5, 1.5}}, {1.f, 2.f}}, {"b", {2, {2.5, 3.5}}, {3.f, 4.f}}});
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(pair.first.equal(at::tensor({1, 2}, at::kLong)));
  ASSERT_EQ(pair.second.size(), 2);
  EXPECT_TRUE(pair.second[1].equal(at::tensor({1.5, 3.5}, at::kDouble)));
  EXPECT_TRUE(array[0].equal(at::tensor({1.f, 3.f})));
  using Inner = std::tuple<std::pair<int64_t, double>>;  // a tuple of one keeps its shape
  const std::tuple<std::pair<Tensor, Tensor>> inner = default_collate<Inner>({Inner({1, 0.5})});
  EXPECT_EQ(std::get<0>(inner).second.item<double>(), 0.5);
  EXPECT_EQ(error_of([] {
              default_collate<std::vector<int>>({{1}, {1, 2}});
            }),
            "default_collate: expected vectors of one length, but sample 1 has 2 and sample 0 1.");
}

TEST(Collate, KeepsTheKeysOfMaps) {
  using Map = std::map<std::string, int64_t>;
  const std::map<std::string, Tensor> batch = default_collate<Map>({{{"a", 1}, {"b", 2}}, {{"b", 4}, {"a", 3}}});
  EXPECT_TRUE(batch.at("b").equal(at::tensor({2, 4}, at::kLong)));
  const OrderedMap<Tensor> ordered = default_collate<OrderedMap<double>>({{{"z", 1.0}, {"a", 2.0}}});
  EXPECT_EQ(ordered.begin()->first, "z");
  const std::unordered_map<int, Tensor> unordered = default_collate<std::unordered_map<int, float>>({{{7, 1.f}}});
  EXPECT_EQ(unordered.at(7).numel(), 1);
  EXPECT_EQ(error_of([] {
              default_collate<Map>({{{"a", 1}}, {{"b", 2}}});
            }),
            "default_collate: expected maps with the same keys, but a sample lacks one that sample 0 has.");
  EXPECT_EQ(error_of([] {
              default_collate<Map>({{{"a", 1}}, {{"a", 1}, {"b", 2}}});
            }),
            "default_collate: expected maps with the same keys, but sample 1 has 2 keys and sample 0 1.");
}

TEST(Collate, TakesOptionalsThatAllOrNoneHave) {
  using Maybe = std::optional<int64_t>;
  EXPECT_TRUE(default_collate<Maybe>({1, 2})->equal(at::tensor({1, 2}, at::kLong)));
  EXPECT_FALSE(default_collate<Maybe>({std::nullopt, std::nullopt}));
  EXPECT_EQ(
      error_of([] {
        default_collate<Maybe>({1, std::nullopt});
      }),
      "default_collate: expected all samples or none to have an optional value, but sample 1 has none and sample 0 "
      "one.");
}

TEST(Collate, MakesBatchesOfStructs) {
  const SampleBatch batch = default_collate<Sample>({{at::zeros({2}), 3}, {at::ones({2}), 4}});
  EXPECT_EQ(batch.image.sizes(), (std::vector<int64_t>{2, 2}));
  EXPECT_TRUE(batch.label.equal(at::tensor({3, 4}, at::kLong)));
  const Pose pose = default_collate<Pose>({{at::eye(3), at::zeros({3})}});
  EXPECT_EQ(pose.rotation.sizes(), (std::vector<int64_t>{1, 3, 3}));
  const std::tuple<std::vector<std::string>, Tensor> named = default_collate<Named>({{"jawOpen", 0.5f}});
  EXPECT_EQ(std::get<0>(named)[0], "jawOpen");
}

TEST(Collate, GoesIntoValuesByWhatTheyHold) {
  const auto sample = [](int64_t i) {
    return Value(Dict{{"image", at::full({2}, i)},
                      {"label", i},
                      {"pair", Tuple{Value(0.5 * static_cast<double>(i)), Value("n" + std::to_string(i))}},
                      {"flags", List{Value(i > 3), Value(Bytes{"b", false})}},
                      {"ordered", OrderedDict{{"z", i}}}});
  };
  const Value batch = default_collate<Value>({sample(3), sample(4)});
  const Dict& dict = batch.as<Dict>();
  EXPECT_TRUE(dict.at("image").as<Tensor>().equal(at::stack({at::full({2}, 3), at::full({2}, 4)})));
  EXPECT_TRUE(dict.at("label").as<Tensor>().equal(at::tensor({3, 4}, at::kLong)));
  EXPECT_TRUE(dict.at("pair").as<List>()[0].as<Tensor>().equal(at::tensor({1.5, 2.0}, at::kDouble)));
  EXPECT_EQ(dict.at("pair").as<List>()[1].as<List>()[1].as<std::string>(), "n4");
  EXPECT_TRUE(dict.at("flags").as<List>()[0].as<Tensor>().equal(at::arange(2).to(at::kBool)));
  EXPECT_EQ(dict.at("flags").as<List>()[1].as<List>()[0].as<Bytes>().data, "b");
  EXPECT_TRUE(dict.at("ordered").is<OrderedDict>());
  const Value items = default_collate<Value>({Items{{1, 2}, {"a", 3}}, Items{{"a", 4}, {1, 5}}});
  EXPECT_TRUE(items.as<Items>().at(1).as<Tensor>().equal(at::tensor({2, 5}, at::kLong)));
  const Dict direct = default_collate<Dict>({{{"x", 1}}, {{"x", 2}}});
  EXPECT_EQ(direct.at("x").as<Tensor>().numel(), 2);
}

TEST(Collate, SaysWhatIsWrongWithValues) {
  const auto error = [](const std::vector<Value>& samples) { return error_of([&] { default_collate(samples); }); };
  EXPECT_EQ(error({1, 2.0}),
            "default_collate: expected values of one type, but sample 1 is of type float and sample 0 of type int.");
  EXPECT_EQ(error({Dict{{"a", 1}}, OrderedDict{{"a", 1}}}),
            "default_collate: expected values of one type, but sample 1 is of type OrderedDict and sample 0 of type "
            "dict.");
  EXPECT_EQ(error({Items{{1, 1}}, Dict{}}),
            "default_collate: expected values of one type, but sample 1 is of type dict and sample 0 of type dict.");
  EXPECT_EQ(error({Items{{1, 1}}, Items{{2, 1}}}),
            "default_collate: expected dicts with the same keys, which are text, integers or bools.");
  EXPECT_EQ(error({Value(), Value()}),
            "default_collate: expected values that are tensors, numbers, text, bytes, lists, tuples or dicts, but got "
            "one of type None.");
  EXPECT_EQ(error({List{Value(1)}, List{}}),
            "default_collate: expected vectors of one length, but sample 1 has 0 and sample 0 1.");
}

TEST(Fields, FindTheTensorsOfValues) {
  Value value = List{Value(at::ones({1})), Dict{{"a", at::ones({2})}, {"b", 3}}, Tuple{Value(at::ones({3}))},
                     Items{{1, at::ones({4})}}};
  for_each_tensor(value, [](Tensor& tensor) { tensor = tensor.to(at::kDouble); });
  Ints sizes;
  for_each_tensor(std::as_const(value), [&](const Tensor& tensor) {
    EXPECT_EQ(tensor.scalar_type(), at::kDouble);
    sizes.push_back(tensor.numel());
  });
  EXPECT_EQ(sizes, (Ints{1, 2, 3, 4}));
}

TEST(Ragged, PacksRowsWithLengths) {
  const Tensor a = at::rand({2, 3}), b = at::rand({0, 3}), c = at::rand({4, 3});
  const Packed packed = default_collate<Ragged>({{a}, {b}, {c}});
  EXPECT_TRUE(packed.values.equal(at::cat({a, b, c})));
  EXPECT_TRUE(packed.lengths.equal(at::tensor({2, 0, 4}, at::kLong)));
  EXPECT_TRUE(packed.split()[2].equal(c));
  const Tensor padded = packed.padded(-1);
  EXPECT_EQ(padded.sizes(), (std::vector<int64_t>{3, 4, 3}));
  EXPECT_TRUE(padded[0].slice(0, 0, 2).equal(a));
  EXPECT_TRUE(padded[1].equal(at::full({4, 3}, -1.f)));
  EXPECT_TRUE(pack({a.t().contiguous().t(), c}).values.equal(at::cat({a, c}))) << "not contiguous";
}

TEST(Ragged, SaysWhatIsWrong) {
  EXPECT_EQ(
      error_of([] {
        pack({at::rand({2, 3}), at::rand({2, 4})});
      }),
      "pack: expected tensors that differ only in their first dimension, but sample 1 has [2, 4] and sample 0 [2, "
      "3].");
  EXPECT_EQ(error_of([] {
              pack({at::rand({2, 3}), at::rand({2, 3}, at::kDouble)});
            }),
            "pack: expected tensors of one dtype and device, but sample 1 is Double on cpu and sample 0 Float on cpu.");
  EXPECT_EQ(error_of([] { pack({at::rand({})}); }),
            "pack: expected tensors of one dimension or more, but that of sample 0 has none.");
  EXPECT_EQ(error_of([] { pack(std::vector<Tensor>{}); }), "pack: expected one sample or more, but got none.");
}

TEST(Ragged, OffsetsTheFacesOfMeshes) {
  const auto faces = [](std::initializer_list<int64_t> list) {
    return at::tensor(std::vector<int64_t>(list)).view({-1, 3});
  };
  for (const at::ScalarType dtype : {at::kLong, at::kInt}) {
    const PackedMeshes meshes = default_collate<MeshSample>({{at::rand({3, 3}), faces({0, 1, 2}).to(dtype)},
                                                             {at::rand({2, 3}), at::empty({0, 3}, dtype)},
                                                             {at::rand({4, 3}), faces({0, 1, 2, 1, 2, 3}).to(dtype)}});
    EXPECT_TRUE(meshes.faces_packed.equal(faces({0, 1, 2, 5, 6, 7, 6, 7, 8}).to(dtype)));
    EXPECT_TRUE(meshes.num_verts_per_mesh.equal(at::tensor({3, 2, 4}, at::kLong)));
    EXPECT_TRUE(meshes.num_faces_per_mesh.equal(at::tensor({1, 0, 2}, at::kLong)));
  }
  EXPECT_EQ(error_of([] {
              default_collate<MeshSample>({{at::rand({3, 3}), at::rand({1, 3})}});
            }),
            "default_collate: expected faces that are int32 or int64 on the CPU, but got Float on cpu.");
  EXPECT_EQ(error_of([&] {
              default_collate<MeshSample>({{at::rand({3, 3}), faces({0, 1, 2})}, {at::rand({2, 3}), faces({0, 1, 2})}});
            }),
            "default_collate: expected faces of mesh 1 to be indices of its 2 verts, but one is [0, 1, 2].");
}

/// Memory that counts requests.
struct Counted : BatchMemory {
  int64_t calls = 0;
  Tensor empty(at::IntArrayRef sizes, at::ScalarType dtype) override {
    ++calls;
    return at::full(sizes, 7, dtype);
  }
};

TEST(BatchMemory, IsWhatCollateFills) {
  Counted memory;
  {
    const BatchMemoryScope scope(&memory);
    default_collate<std::tuple<Tensor, int64_t, Ragged>>({{at::zeros({2}), 1, {at::zeros({3})}}});
    EXPECT_EQ(memory.calls, 4);
    const BatchMemoryScope none(nullptr);
    empty_batch({2}, at::kFloat);
  }
  empty_batch({2}, at::kFloat);
  EXPECT_EQ(memory.calls, 4);
}

}  // namespace
}  // namespace bisque::data
