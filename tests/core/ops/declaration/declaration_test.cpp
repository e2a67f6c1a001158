// Declarations of ops that do not fit: each is rejected with the op and what was expected.
#include <bisque/core/ops/declaration.h>

#include <gtest/gtest.h>

#include <bisque/core/error.h>
#include <bisque/core/ops/kernel.h>

namespace bisque::op {
namespace {

template <class T>
struct Params {
  const T* x;          // [N, D]
  const int64_t* idx;  // [N]
  int64_t k;
  double factor;  // or NaN, for None
  bool flag;
  T* y;              // [N, D]
  int64_t* nearest;  // [N, k]
  T* scratch;        // [N]
  int64_t N, D;
};

constexpr const char* kSchema =
    "acme::op(Tensor x, Tensor? idx, int k=1, float factor=2.0, bool flag=True) -> (Tensor y, Tensor nearest)";
constexpr const char* kShapes = "x [N, D], idx [N] -> y [N, D] if flag else [0], nearest int64 [N, k]";

OpText good() { return {.schema = kSchema, .shapes = kShapes, .require = "k >= 1, D in [2, 3]", .scratch = "s [N]"}; }

void expect_rejected(const OpText& text, const std::string& message) {
  try {
    const Declaration declaration(text, fields_of<Params<Floating>>());
    FAIL() << "expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), message);
  }
}

TEST(Declaration, FieldsAreSeenByType) {
  const auto fields = fields_of<Params<Floating>>();
  ASSERT_EQ(fields.size(), 10u);
  EXPECT_EQ(fields[0].kind, Field::kFloating);
  EXPECT_TRUE(fields[0].is_const);
  EXPECT_EQ(fields[1].dtype, ScalarType::Long);
  EXPECT_EQ(fields[3].kind, Field::kFloat);
  EXPECT_EQ(fields[4].kind, Field::kBool);
  EXPECT_FALSE(fields[5].is_const);
  const Declaration declaration(good(), fields);  // is accepted
}

TEST(Declaration, SchemasAreParsed) {
  const Schema schema = parse_schema(kSchema);
  EXPECT_EQ(schema.name, "acme::op");
  EXPECT_EQ(schema.short_name, "op");
  EXPECT_EQ(schema.signature(), "(Tensor, Tensor?, int, float, bool) -> (Tensor, Tensor)");
  EXPECT_EQ(schema.argument("factor"), 3);
  EXPECT_EQ(schema.argument("y"), -1);
  EXPECT_EQ(parse_schema("a::b(int x) -> Tensor y").results[0].name, "y");
}

TEST(Declaration, SignaturesAreThoseThatKernelsSee) {
  const auto signature = [](const char* schema) { return parse_schema(schema).signature(); };
  EXPECT_EQ(signature("a::b(Tensor(a!) x, int[2] sizes, SymInt n) -> ()"), "(Tensor, int[], int) -> ()");
  EXPECT_EQ(signature("a::b(str path=\"a, b\", *, Tensor[] many, int[]? at=None) -> str[]"),
            "(str, Tensor[], int[]?) -> str[]");
}

TEST(Declaration, SignaturesOfKernels) {
  using Ints = torch::headeronly::IntHeaderOnlyArrayRef;
  using OneResult = Tensor(const Tensor&, const std::optional<Tensor>&, int64_t, double, bool);
  using Results = std::tuple<Tensor, std::vector<Tensor>>(const std::string&, std::string_view, Ints,
                                                          std::optional<std::vector<int64_t>>);
  using Nothing = void(std::optional<double>, ScalarType, torch::stable::Device, std::optional<Ints>);
  EXPECT_EQ(TypesOf<OneResult>::schema().signature(), "(Tensor, Tensor?, int, float, bool) -> Tensor");
  EXPECT_EQ(TypesOf<Results>::schema().signature(), "(str, str, int[], int[]?) -> (Tensor, Tensor[])");
  EXPECT_EQ(TypesOf<Nothing>::schema().signature(), "(float?, ScalarType, Device, int[]?) -> ()");
}

OpText with_schema(const char* schema) {
  OpText text = good();
  text.schema = schema;
  return text;
}

OpText with_shapes(const char* shapes) {
  OpText text = good();
  text.shapes = shapes;
  return text;
}

TEST(Declaration, SchemasThatDoNotFitAreRejected) {
  expect_rejected(with_schema("op(Tensor x)"),
                  "the schema \"op(Tensor x)\" is expected to be NAMESPACE::NAME(ARGUMENTS) -> RESULTS.");
  expect_rejected(with_schema("acme::op(Tensor x, int[] sizes) -> Tensor y"),
                  "op: the argument sizes has the type int[], which needs an op with a prepare function.");
  expect_rejected(with_schema("acme::op(Tensor x, Tensor? idx, int k, bool flag, float factor)"
                              " -> (Tensor y, Tensor nearest)"),
                  "op: field 4 of its params is expected to be a bool.");
  expect_rejected(with_schema("acme::op(Tensor x, Tensor? idx, int k, float factor, bool flag, int more)"
                              " -> (Tensor y, Tensor nearest)"),
                  "op: its params have 10 fields, expected 11: 6 arguments, 3 results and scratch, and 2 sizes.");
}

TEST(Declaration, ShapesThatDoNotFitAreRejected) {
  expect_rejected(with_shapes(""), "op: its shapes \"\" are expected to be ARGUMENTS -> RESULTS.");
  OpText of_nothing = with_shapes("-> y [1], nearest int64 [1]");
  of_nothing.scratch = of_nothing.require = nullptr;
  expect_rejected(of_nothing, "op: its shapes are expected to name at least one argument.");
  expect_rejected(with_shapes("x [N, D], z [N] -> y [N, D], nearest int64 [N, k]"),
                  "op: its shapes name z, which is not a tensor argument of it.");
  expect_rejected(with_shapes("x [N, D], k [N] -> y [N, D], nearest int64 [N, k]"),
                  "op: its shapes name k, which is not a tensor argument of it.");
  expect_rejected(with_shapes("x [N, D] -> y [N, D]"), "op: its shapes have 1 results, expected 2.");
  expect_rejected(with_shapes("x [N, D] -> y [N, D], closest int64 [N, k]"),
                  "op: its shapes name the result closest, expected nearest.");
  expect_rejected(with_shapes("x [N, D] -> y [M, D], nearest int64 [N, k]"),
                  "op: the size \"M\" uses M, which nothing binds.");
  for (const std::string size : {"N +", "N / 2", "(N", "()", "-N", "**N", "*2", "*M + 1", "N M"}) {
    expect_rejected(with_shapes(("x [N, D] -> y [" + size + "], nearest int64 [N, k]").c_str()),
                    "op: the size \"" + size +
                        "\" is not understood, expected a number, a name, or arithmetic with + - * // and ().");
  }
  const std::string deep = "1 + (1 + (1 + (1 + (1 + (1 + (1 + (1 + N)))))))";
  const Declaration just_fits(
      with_shapes("x [N, D] -> y [1 + (1 + (1 + (1 + (1 + (1 + (1 + N))))))], nearest int64 [N, k]"),
      fields_of<Params<Floating>>());
  expect_rejected(with_shapes(("x [N, D] -> y [" + deep + "], nearest int64 [N, k]").c_str()),
                  "op: the size \"" + deep + "\" is nested too deep.");
  const Declaration eight_sizes(with_shapes("x [N, D] -> y [N, 1, 1, 1, 1, 1, 1, 1], nearest int64 [N, k]"),
                                fields_of<Params<Floating>>());
  expect_rejected(with_shapes("x [N, D] -> y [N, 1, 1, 1, 1, 1, 1, 1, 1], nearest int64 [N, k]"),
                  "op: the shape [N, 1, 1, 1, 1, 1, 1, 1, 1] is expected to have at most 8 sizes.");
  expect_rejected(with_shapes("x [(N), D] -> y [N, D], nearest int64 [N, k]"),
                  "op: the size \"(N)\" uses N, which nothing binds.");
  expect_rejected(with_shapes("x -> y [N], nearest int64 [N, k]"),
                  "op: the shape \"x\" is expected to be NAME [SIZES] or NAME DTYPE [SIZES].");
  expect_rejected(with_shapes("x [N, D] -> y [N, D] unless flag, nearest int64 [N, k]"),
                  "op: the shape \"y [N, D] unless flag\" is expected to end as [SIZES] if FLAG else [SIZES].");
  expect_rejected(with_shapes("x [N, D] -> y [N, D] if k else [0], nearest int64 [N, k]"),
                  "op: the shape of y depends on k, which is not a bool argument.");
  expect_rejected(with_shapes("x [N, D], idx [N] if k else [0] -> y [N, D], nearest int64 [N, k]"),
                  "op: the shape of idx depends on k, which is not a bool argument.");
  expect_rejected(with_shapes("x [N, D], idx [M] if flag else [0] -> y [N, D], nearest int64 [N, k]"),
                  "op: the size \"M\" uses M, which nothing binds.");
  expect_rejected(with_shapes("x [N, D] -> y [N, D], nearest [N, k]"),
                  "op: the shape of nearest says the dtype \"\", but its field in the params is int64.");
  expect_rejected(with_shapes("x [N, D] -> y float64 [N, D], nearest int64 [N, k]"),
                  "op: the shape of y says the dtype \"float64\", but its field in the params is floating.");
}

TEST(Declaration, ConditionsThatDoNotFitAreRejected) {
  OpText text = good();
  const auto expect_condition_rejected = [&](const char* condition, const std::string& message) {
    text.require = condition;
    expect_rejected(text, message);
  };
  expect_condition_rejected(
      "k != 1",
      "op: the condition \"k != 1\" is expected to compare by >=, <=, >, <, ==, in, multiple of or "
      "finite.");
  expect_condition_rejected("m >= 1", "op: the size \"m\" uses m, which nothing binds.");
  expect_condition_rejected("N finite", "op: the condition \"N finite\" is expected to name a float argument.");
  for (const std::string condition : {"factor >= k", "factor > 1e", "factor <=", "factor == 1", "factor in [1, 2]",
                                      "factor multiple of 2", "factor finite N"}) {
    expect_condition_rejected(condition.c_str(),
                              "op: the condition \"" + condition +
                                  "\" on a float is expected to compare with a number by >=, <=, > or "
                                  "<, or to be \"factor finite\".");
  }
}

// --- Counted sizes ------------------------------------------------------------------------------------------------

template <class T>
struct CountedParams {
  const T* x;  // [N]
  T* y;        // [*M, 3]
  T* cells;    // [*M], scratch
  T* lists;    // [*E], scratch of CUDA
  int64_t N, M, E;
};

OpText counted() {
  return {.schema = "acme::op(Tensor x) -> Tensor y",
          .shapes = "x [N] -> y [*M, 3]",
          .scratch = "cells [*M]",
          .cuda_scratch = "lists [*E]"};
}

void expect_counted_rejected(const OpText& text, Part part, const std::string& message) {
  try {
    const Declaration declaration(text, fields_of<CountedParams<Floating>>(), part);
    FAIL() << "expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), message);
  }
}

TEST(Declaration, CountedSizesAreThoseThatCountReturns) {
  const auto fields = fields_of<CountedParams<Floating>>();
  const Declaration cpu(counted(), fields, {.cuda = false, .num_counted = 1});
  const Declaration cuda(counted(), fields, {.cuda = true, .num_counted = 2});
  expect_counted_rejected(counted(), {.cuda = false, .num_counted = 0},
                          "op: its shapes have 1 counted sizes, but count() of its params returns 0.");
  expect_counted_rejected(counted(), {.cuda = true, .num_counted = 1},
                          "op: its shapes have 2 counted sizes, but count() of its params returns 1.");
}

TEST(Declaration, CountedSizesOfTheWrongPlaceAreRejected) {
  OpText text = counted();
  text.shapes = "x [*N] -> y [*M, 3]";
  expect_counted_rejected(
      text, {},
      "op: the size \"*N\" is not understood, expected a number, a name, or arithmetic with + - * // and ().");
  text.shapes = "x [N] -> y [*N, 3]";
  expect_counted_rejected(text, {},
                          "op: the size \"*N\" is expected to be a new name, but N is known before the op runs.");
  text = counted();
  text.require = "*M >= 1";
  expect_counted_rejected(
      text, {},
      "op: the size \"*M\" is not understood, expected a number, a name, or arithmetic with + - * // and ().");
}

struct Counts {
  std::array<int64_t, 2> count(const OnCpu&) const { return {1, 2}; }
};

TEST(Declaration, CountIsSeenByType) {
  static_assert(num_counted<Counts, OnCpu>() == 2);
  static_assert(num_counted<Counts, OnCuda>() == 0);
  static_assert(num_counted<Params<float>, OnCpu>() == 0);
}

TEST(Declaration, PointersOfTheWrongKindAreRejected) {
  struct Swapped {
    Floating* x;
    const int64_t* idx;
    int64_t k;
    double factor;
    bool flag;
    Floating* y;
    int64_t* nearest;
    Floating* scratch;
    int64_t N, D;
  };
  EXPECT_THROW(Declaration(good(), fields_of<Swapped>()), Error);
  struct ConstResult {
    const Floating* x;
    const int64_t* idx;
    int64_t k;
    double factor;
    bool flag;
    const Floating* y;
    int64_t* nearest;
    Floating* scratch;
    int64_t N, D;
  };
  EXPECT_THROW(Declaration(good(), fields_of<ConstResult>()), Error);
}

}  // namespace
}  // namespace bisque::op
