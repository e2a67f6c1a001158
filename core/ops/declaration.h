// The declaration of an op, bound to its params struct: arguments are checked, and results and scratch allocated, by
// what its schema, its shapes and the fields of its params say. For the stable ABI.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <bisque/core/ops/checks.h>
#include <bisque/core/ops/each.h>
#include <bisque/core/ops/fields.h>
#include <bisque/core/ops/op_text.h>
#include <bisque/core/plugin/abi.h>

namespace bisque::op {

/// What an op says about itself; docs/ops.md describes the grammar.
struct OpText {
  const char* schema;
  const char* shapes;
  const char* require = nullptr;       // conditions on values and sizes: "K >= 1, radius finite"
  const char* scratch = nullptr;       // "face_normals [N, F, 3]"
  const char* cuda_scratch = nullptr;  // scratch that only CUDA uses: null on the CPU
  const char* backward = nullptr;      // the op that gives the gradient; null: not differentiable
};

/// One call: its tensors and the values of all fields.
struct Call {
  std::array<Slot, kMaxFields> slots{};
  std::array<std::optional<Tensor>, kMaxFields> tensors;  // arguments (contiguous), results and scratch
};

/// What the params of an op can do in this part of its library.
struct Part {
  bool cuda = false;       // whether it runs on CUDA, and so has scratch of CUDA
  size_t num_counted = 0;  // sizes that count() returns
};

class Declaration {
 public:
  /// Error: text that is not understood, or that does not fit the fields or what count() returns.
  Declaration(const OpText& text, std::vector<Field> fields, Part part = {});

  /// Takes the arguments from the stack, checks them, and allocates all but what has a counted size.
  /// Error: the op, the argument, what was expected and what came.
  void prepare(uint64_t* stack, Call& call) const;
  /// Allocates what has a counted size. `sizes` are those that count() returned.
  void make_counted(const int64_t* sizes, Call& call) const;
  /// For Meta. Error: a result has a counted size.
  void reject_counted_results() const;
  void put_results(const Call& call, uint64_t* stack) const;
  /// The argument that decides on dtype and device: the first of the shapes.
  const Tensor& like(const Call& call) const { return *call.tensors[like_]; }
  [[noreturn]] void raise(const BadValue& bad, const Call& call) const;

 private:
  enum class Type { kTensor, kOptionalTensor, kInt, kFloat, kOptionalFloat, kBool };
  struct Shape {
    ShapeText text;
    size_t field;          // of the tensor
    int64_t flag = -1;     // the field of the flag
    bool counted = false;  // has a counted size
    bool wanted(const Call& call) const { return flag < 0 || call.slots[flag].flag; }
    const SizeList& sizes(const Call& call) const { return wanted(call) ? text.sizes : text.otherwise; }
  };

  Type type_of(const SchemaItem& argument) const;
  Shape made_shape(ShapeText text, size_t field) const;
  std::vector<Shape> made_shapes(std::vector<ShapeText> texts, size_t first_field) const;
  std::vector<Shape> argument_shapes(std::vector<ShapeText> texts) const;
  void check_results(const std::vector<ShapeText>& results) const;
  void check_fields() const;
  void check_dtypes() const;
  void check_counted(size_t expected) const;
  void take_arguments(uint64_t* stack, Call& call) const;
  int64_t value(const SizeExpression& size, const Call& call) const;
  void check_shape(const Shape& shape, Call& call) const;
  std::string sizes_wanted(const Shape& shape, const Call& call) const;
  std::string origin(const std::string& name) const;
  void check_condition(const Condition& condition, const Call& call) const;
  void check_number(const Condition& condition, const Call& call) const;
  void make(const std::vector<Shape>& shapes, bool counted, Call& call) const;
  void make(const Shape& shape, Call& call) const;

  Schema schema_;
  std::vector<Type> types_;  // of the arguments
  std::vector<Field> fields_;
  Names names_;                      // of integer arguments, then of sizes
  std::vector<size_t> name_fields_;  // the field that holds the value of each name
  std::vector<Shape> arguments_;     // in the order of the shapes
  std::vector<Shape> results_, scratch_, cuda_scratch_;
  std::vector<Condition> conditions_;
  size_t like_ = 0;
  Part part_;
};

}  // namespace bisque::op
