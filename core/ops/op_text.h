// What an op says about itself in text, parsed: its schema, the shapes of its tensors, and conditions on its values.
// Free of libtorch.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bisque::op {

/// An argument or result of a schema.
struct SchemaItem {
  std::string type;  // "Tensor", "Tensor?", "int", "float", "bool", "int[]", ...
  std::string name;
};

struct Schema {
  std::string name;        // with its namespace: "bisque::knn_points"
  std::string short_name;  // "knn_points", which messages begin with
  std::vector<SchemaItem> arguments, results;

  /// The index of an argument; -1 for none.
  int64_t argument(std::string_view argument_name) const;
  /// The types alone, as kernels have them: "(Tensor, Tensor?, int) -> (Tensor, Tensor)".
  std::string signature() const;
};

/// Error: text that is not a schema, or an unnamed result among several.
Schema parse_schema(std::string_view text);

/// The most sizes of a shape, and the most values that a size holds at a time while it is evaluated.
inline constexpr size_t kMaxSizes = 8;

/// A size: numbers, names and arithmetic (+ - * // and parentheses), in postfix order; or `*V`, a counted size.
struct SizeExpression {
  struct Part {
    enum Kind { kNumber, kName, kAdd, kSubtract, kMultiply, kDivide } kind;
    int64_t value = 0;  // the number, or the index of the name in Names
  };
  std::string text;
  std::vector<Part> parts;
  bool binds = false;  // a name that is used here for the first time: an argument's size gives its value
};

/// "[N, V, 3]".
struct SizeList {
  std::string text;
  std::vector<SizeExpression> sizes;
};

/// "verts [N, V, 3]", "idx int64 [N, K]", "grad [N, D] if need_grad else [0]".
struct ShapeText {
  std::string name;
  std::string dtype;  // empty where it is not given
  SizeList sizes;
  std::string flag;    // of "if FLAG else"; empty without
  SizeList otherwise;  // where the flag is false
};

/// "K >= 1", "2 * N == M", "norm in [1, 2]", "H multiple of samples", "radius finite".
struct Condition {
  enum Kind { kAtLeast, kAtMost, kAbove, kBelow, kEqual, kOneOf, kMultipleOf, kFinite } kind;
  std::string name;  // what is compared, usually an argument or a size
  // Of integers:
  SizeExpression left;
  std::vector<SizeExpression> right;  // one, or those of kOneOf
  // Of a float argument:
  int64_t argument = -1;  // its index; -1 where integers are compared
  double number = 0;      // what it is compared with
};

/// The names that sizes may use: integer arguments of the schema, what shapes bind, and counted sizes.
struct Names {
  std::vector<std::string> list;
  std::vector<int64_t> counted;  // the indices of those that only the data decides on: "verts [*V, 3]"
  int64_t find(std::string_view name) const;
  bool is_counted(int64_t name) const;
};

struct ShapesText {
  std::vector<ShapeText> arguments, results;
};

/// `shapes` is "ARGUMENTS -> RESULTS"; names that it binds are added to `names`: sizes of arguments without a flag, and
/// counted sizes of results. `op` begins the messages. Error: text that is not a list of shapes, or a size that nothing
/// binds.
ShapesText parse_shapes(const std::string& op, std::string_view shapes, Names& names);

/// The names alone, of shapes of any form.
struct ShapeNames {
  std::vector<std::string> arguments, results;
};
ShapeNames shape_names(std::string_view shapes);

/// Shapes of scratch: a list without an arrow, which binds nothing but counted sizes.
std::vector<ShapeText> parse_scratch(const std::string& op, std::string_view scratch, Names& names);

/// A list of conditions. Error: text that is not a comparison, or a name that nothing binds.
std::vector<Condition> parse_conditions(const Schema& schema, std::string_view conditions, Names& names);

}  // namespace bisque::op
