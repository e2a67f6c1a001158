#include <bisque/core/ops/declaration.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include <bisque/core/error.h>
#include <bisque/core/ops/glue.h>

namespace bisque::op {
namespace {

constexpr int64_t kUnknown = -1;  // a size that nothing has bound yet

std::optional<ScalarType> dtype_of(const std::string& name) {
  for (const ScalarType dtype : {ScalarType::Float, ScalarType::Double, ScalarType::Half, ScalarType::BFloat16,
                                 ScalarType::Int, ScalarType::Long, ScalarType::Byte, ScalarType::Bool}) {
    if (dtype_name(dtype) == name) return dtype;
  }
  return std::nullopt;
}

/// "[3 * F]" as messages write it: "[3 F]".
std::string without_stars(std::string text) {
  for (size_t at; (at = text.find(" * ")) != std::string::npos;) text.replace(at, 3, " ");
  return text;
}

/// The position of a value in a contiguous tensor: "7", "[0, 1, 2]".
std::string position_text(const Tensor& tensor, int64_t position) {
  if (tensor.dim() < 2) return std::to_string(position);
  std::string text;
  for (int64_t i = tensor.dim(); i-- > 0;) {
    const int64_t size = std::max<int64_t>(tensor.size(i), 1);
    text = std::to_string(position % size) + (text.empty() ? "" : ", ") + text;
    position /= size;
  }
  return "[" + text + "]";
}

std::string number_text(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

template <class Number>
bool holds(Condition::Kind kind, Number left, Number right) {
  switch (kind) {
    case Condition::kAtLeast:
      return left >= right;
    case Condition::kAtMost:
      return left <= right;
    case Condition::kAbove:
      return left > right;
    case Condition::kBelow:
      return left < right;
    default:
      return left == right;
  }
}

bool holds(Condition::Kind kind, int64_t left, int64_t right) {
  if (kind == Condition::kMultipleOf) return right != 0 && left % right == 0;
  return holds<int64_t>(kind, left, right);
}

/// "be at least 1", "be one of 1, 2".
std::string expectation(Condition::Kind kind, const std::string& right) {
  static const char* const words[] = {"be at least ", "be at most ", "be above ",         "be below ",
                                      "be ",          "be one of ",  "be a multiple of ", "be finite"};
  return words[kind] + right;
}

}  // namespace

Declaration::Declaration(const OpText& text, std::vector<Field> fields, Part part)
    : schema_(parse_schema(text.schema)), fields_(std::move(fields)), part_(part) {
  const std::string& op = schema_.short_name;
  for (size_t i = 0; i < schema_.arguments.size(); ++i) {
    types_.push_back(type_of(schema_.arguments[i]));
    if (types_.back() != Type::kInt) continue;
    names_.list.push_back(schema_.arguments[i].name);
    name_fields_.push_back(i);
  }
  ShapesText shapes = parse_shapes(op, text.shapes ? text.shapes : "", names_);
  auto scratch = parse_scratch(op, text.scratch ? text.scratch : "", names_);
  const size_t num_counted = names_.counted.size();
  auto cuda_scratch = parse_scratch(op, text.cuda_scratch ? text.cuda_scratch : "", names_);
  conditions_ = parse_conditions(schema_, text.require ? text.require : "", names_);

  arguments_ = argument_shapes(std::move(shapes.arguments));
  like_ = arguments_.front().field;
  check_results(shapes.results);
  results_ = made_shapes(std::move(shapes.results), types_.size());
  scratch_ = made_shapes(std::move(scratch), types_.size() + results_.size());
  cuda_scratch_ = made_shapes(std::move(cuda_scratch), types_.size() + results_.size() + scratch_.size());
  const size_t first_size = types_.size() + results_.size() + scratch_.size() + cuda_scratch_.size();
  const size_t num_integers = name_fields_.size();
  for (size_t i = num_integers; i < names_.list.size(); ++i) name_fields_.push_back(first_size + i - num_integers);
  check_fields();
  check_dtypes();
  check_counted(part_.cuda ? names_.counted.size() : num_counted);
}

Declaration::Type Declaration::type_of(const SchemaItem& argument) const {
  static const std::pair<const char*, Type> known[] = {
      {"Tensor", Type::kTensor}, {"Tensor?", Type::kOptionalTensor}, {"int", Type::kInt},
      {"float", Type::kFloat},   {"float?", Type::kOptionalFloat},   {"bool", Type::kBool}};
  for (const auto& [name, type] : known) {
    if (argument.type == name) return type;
  }
  fail(schema_.short_name, ": the argument ", argument.name, " has the type ", argument.type,
       ", which needs an op with a prepare function.");
}

Declaration::Shape Declaration::made_shape(ShapeText text, size_t field) const {
  Shape shape{std::move(text), field};
  for (const SizeExpression& size : shape.text.sizes.sizes) {
    for (const auto& part : size.parts) {
      shape.counted |= part.kind == SizeExpression::Part::kName && names_.is_counted(part.value);
    }
  }
  if (shape.text.flag.empty()) return shape;
  shape.flag = schema_.argument(shape.text.flag);
  if (shape.flag < 0 || types_[shape.flag] != Type::kBool) {
    fail(schema_.short_name, ": the shape of ", shape.text.name, " depends on ", shape.text.flag,
         ", which is not a bool argument.");
  }
  return shape;
}

std::vector<Declaration::Shape> Declaration::made_shapes(std::vector<ShapeText> texts, size_t first_field) const {
  std::vector<Shape> shapes;
  for (ShapeText& text : texts) shapes.push_back(made_shape(std::move(text), first_field + shapes.size()));
  return shapes;
}

std::vector<Declaration::Shape> Declaration::argument_shapes(std::vector<ShapeText> texts) const {
  std::vector<Shape> shapes;
  for (ShapeText& text : texts) {
    const int64_t index = schema_.argument(text.name);
    if (index < 0 || types_[index] > Type::kOptionalTensor) {
      fail(schema_.short_name, ": its shapes name ", text.name, ", which is not a tensor argument of it.");
    }
    shapes.push_back(made_shape(std::move(text), static_cast<size_t>(index)));
  }
  if (shapes.empty()) fail(schema_.short_name, ": its shapes are expected to name at least one argument.");
  return shapes;
}

void Declaration::check_results(const std::vector<ShapeText>& results) const {
  const std::string& op = schema_.short_name;
  if (results.size() != schema_.results.size()) {
    fail(op, ": its shapes have ", results.size(), " results, expected ", schema_.results.size(), ".");
  }
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].name != schema_.results[i].name) {
      fail(op, ": its shapes name the result ", results[i].name, ", expected ", schema_.results[i].name, ".");
    }
  }
}

void Declaration::check_fields() const {
  const std::string& op = schema_.short_name;
  const size_t num_made = results_.size() + scratch_.size() + cuda_scratch_.size();
  const size_t first_size = types_.size() + num_made;
  const size_t num_sizes = names_.list.size() - std::count(types_.begin(), types_.end(), Type::kInt);
  if (fields_.size() != first_size + num_sizes) {
    fail(op, ": its params have ", fields_.size(), " fields, expected ", first_size + num_sizes, ": ", types_.size(),
         " arguments, ", num_made, " results and scratch, and ", num_sizes, " sizes.");
  }
  const auto expect = [&](size_t field, bool fits, const char* what) {
    if (!fits) fail(op, ": field ", field + 1, " of its params is expected to be ", what, ".");
  };
  for (size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    if (i >= types_.size() && i < first_size) {
      expect(i, field.is_tensor() && !field.is_const, "a pointer to what is written");
    } else if (i >= first_size || types_[i] == Type::kInt) {
      expect(i, field.kind == Field::kInt, "an int64_t");
    } else if (types_[i] <= Type::kOptionalTensor) {
      expect(i, field.is_tensor() && field.is_const, "a pointer to const");
    } else {
      const bool is_bool = types_[i] == Type::kBool;
      expect(i, field.kind == (is_bool ? Field::kBool : Field::kFloat), is_bool ? "a bool" : "a double");
    }
  }
}

/// Python allocates by the dtypes of the shapes, we by the fields: they are expected to agree.
void Declaration::check_dtypes() const {
  for (const Shape& shape : results_) {
    const Field& field = fields_[shape.field];
    const auto dtype = dtype_of(shape.text.dtype);
    const bool agree = field.kind == Field::kFloating ? shape.text.dtype.empty() : dtype && *dtype == field.dtype;
    if (!agree) {
      fail(schema_.short_name, ": the shape of ", shape.text.name, " says the dtype \"", shape.text.dtype,
           "\", but its field in the params is ", field.kind == Field::kFloating ? "floating" : dtype_name(field.dtype),
           ".");
    }
  }
}

void Declaration::check_counted(size_t expected) const {
  if (part_.num_counted == expected) return;
  fail(schema_.short_name, ": its shapes have ", expected, " counted sizes, but count() of its params returns ",
       part_.num_counted, ".");
}

int64_t Declaration::value(const SizeExpression& size, const Call& call) const {
  std::array<int64_t, kMaxSizes> stack{};
  size_t top = 0;
  for (const auto& part : size.parts) {
    using Part = SizeExpression::Part;
    if (part.kind == Part::kNumber) {
      stack[top++] = part.value;
    } else if (part.kind == Part::kName) {
      stack[top++] = call.slots[name_fields_[part.value]].integer;
      if (stack[top - 1] == kUnknown && name_fields_[part.value] >= types_.size()) return kUnknown;
    } else {
      const int64_t right = stack[--top];
      int64_t& left = stack[top - 1];
      if (part.kind == Part::kAdd) left += right;
      if (part.kind == Part::kSubtract) left -= right;
      if (part.kind == Part::kMultiply) left *= right;
      if (part.kind == Part::kDivide) left = right == 0 ? 0 : left / right;
    }
  }
  return stack[0];
}

/// "have shape [N, K] = [2, *]".
std::string Declaration::sizes_wanted(const Shape& shape, const Call& call) const {
  std::string values;
  for (const auto& size : shape.sizes(call).sizes) {
    const int64_t known = size.binds ? kUnknown : value(size, call);
    values += (values.empty() ? "" : ", ") + (known == kUnknown ? "*" : std::to_string(known));
  }
  const std::string text = "have shape " + without_stars(shape.sizes(call).text) + " = [" + values + "]";
  return shape.flag < 0 ? text : text + ", as " + shape.text.flag + (shape.wanted(call) ? " is true" : " is false");
}

void Declaration::check_shape(const Shape& shape, Call& call) const {
  const Tensor& tensor = *call.tensors[shape.field];
  const auto& sizes = shape.sizes(call).sizes;
  bool fits = tensor.dim() == static_cast<int64_t>(sizes.size());
  for (size_t i = 0; i < sizes.size() && fits; ++i) {
    const int64_t size = tensor.size(static_cast<int64_t>(i));
    if (sizes[i].binds) {
      call.slots[name_fields_[sizes[i].parts[0].value]].integer = size;
    } else {
      fits = size == value(sizes[i], call);
    }
  }
  const char* op = schema_.short_name.c_str();
  if (!fits) fail_argument(op, shape.text.name.c_str(), sizes_wanted(shape, call), shape_text(tensor));
  const Check argument(op, shape.text.name.c_str(), tensor);
  const Field& field = fields_[shape.field];
  const char* like_name = schema_.arguments[like_].name.c_str();
  if (field.kind == Field::kTyped) {
    argument.dtype(field.dtype);
  } else if (shape.field == like_) {
    argument.floating();
  } else {
    argument.like(like_name, *call.tensors[like_]);
  }
  if (shape.field != like_) argument.on_device_of(like_name, *call.tensors[like_]);
}

/// A name of a size with the argument that has it: "D of p1 [N, P1, D]".
std::string Declaration::origin(const std::string& name) const {
  for (const Shape& shape : arguments_) {
    for (const SizeExpression& size : shape.text.sizes.sizes) {
      if (size.binds && size.text == name) return name + " of " + shape.text.name + " " + shape.text.sizes.text;
    }
  }
  return name;
}

void Declaration::check_condition(const Condition& condition, const Call& call) const {
  if (condition.argument >= 0) return check_number(condition, call);
  const int64_t left = value(condition.left, call);
  std::string expected;
  for (const auto& size : condition.right) {
    const int64_t right = value(size, call);
    if (holds(condition.kind, left, right)) return;
    const std::string number = std::to_string(right);
    expected += (expected.empty() ? "" : ", ") + (size.text == number ? number : size.text + " = " + number);
  }
  fail_argument(schema_.short_name.c_str(), origin(condition.name).c_str(), expectation(condition.kind, expected),
                std::to_string(left));
}

void Declaration::check_number(const Condition& condition, const Call& call) const {
  const double number = call.slots[condition.argument].number;
  if (types_[condition.argument] == Type::kOptionalFloat && std::isnan(number)) return;  // None
  const bool is_finite = condition.kind == Condition::kFinite;
  if (is_finite ? std::isfinite(number) : holds(condition.kind, number, condition.number)) return;
  fail_argument(schema_.short_name.c_str(), condition.name.c_str(),
                expectation(condition.kind, is_finite ? "" : number_text(condition.number)), number_text(number));
}

/// Those that have a counted size, or all others.
void Declaration::make(const std::vector<Shape>& shapes, bool counted, Call& call) const {
  for (const Shape& shape : shapes) {
    if (shape.counted == counted) make(shape, call);
  }
}

void Declaration::make(const Shape& shape, Call& call) const {
  const auto& sizes = shape.sizes(call).sizes;
  std::array<int64_t, kMaxSizes> values{};
  for (size_t i = 0; i < sizes.size(); ++i) values[i] = value(sizes[i], call);
  const Field& field = fields_[shape.field];
  const Tensor& tensor = call.tensors[shape.field].emplace(new_empty_contiguous(
      like(call), {values.data(), sizes.size()}, field.kind == Field::kTyped ? field.dtype : like(call).scalar_type()));
  if (shape.wanted(call)) call.slots[shape.field].pointer = tensor.mutable_data_ptr();
}

void Declaration::take_arguments(uint64_t* stack, Call& call) const {
  using torch::stable::detail::to;
  for (size_t i = 0; i < types_.size(); ++i) {
    switch (types_[i]) {
      case Type::kTensor:
        call.tensors[i] = to<Tensor>(stack[i]);
        break;
      case Type::kOptionalTensor:
        call.tensors[i] = to<std::optional<Tensor>>(stack[i]);
        break;
      case Type::kInt:
        call.slots[i].integer = to<int64_t>(stack[i]);
        break;
      case Type::kFloat:
        call.slots[i].number = to<double>(stack[i]);
        break;
      case Type::kOptionalFloat: {
        const auto number = to<std::optional<double>>(stack[i]);
        if (number && std::isnan(*number)) {
          fail_argument(schema_.short_name.c_str(), schema_.arguments[i].name.c_str(), "be a number or None", "nan");
        }
        call.slots[i].number = number.value_or(std::numeric_limits<double>::quiet_NaN());
        break;
      }
      case Type::kBool:
        call.slots[i].flag = to<bool>(stack[i]);
        break;
    }
  }
}

void Declaration::prepare(uint64_t* stack, Call& call) const {
  take_arguments(stack, call);
  for (const size_t field : name_fields_) {
    if (field >= types_.size()) call.slots[field].integer = kUnknown;
  }
  for (const Shape& shape : arguments_) {
    if (call.tensors[shape.field]) check_shape(shape, call);
  }
  for (const Condition& condition : conditions_) check_condition(condition, call);
  for (size_t i = 0; i < types_.size(); ++i) {
    if (!call.tensors[i]) continue;
    if (!call.tensors[i]->is_contiguous()) call.tensors[i] = torch::stable::contiguous(*call.tensors[i]);
    call.slots[i].pointer = const_cast<void*>(call.tensors[i]->const_data_ptr());
  }
  for (const Shape& shape : arguments_) {
    if (!shape.wanted(call)) call.slots[shape.field].pointer = nullptr;
  }
  make(results_, false, call);
  make(scratch_, false, call);
  if (part_.cuda) make(cuda_scratch_, false, call);
}

void Declaration::make_counted(const int64_t* sizes, Call& call) const {
  for (size_t i = 0; i < part_.num_counted; ++i) call.slots[name_fields_[names_.counted[i]]].integer = sizes[i];
  make(results_, true, call);
  make(scratch_, true, call);
  if (part_.cuda) make(cuda_scratch_, true, call);
}

void Declaration::reject_counted_results() const {
  if (std::none_of(results_.begin(), results_.end(), [](const Shape& shape) { return shape.counted; })) return;
  fail_argument(schema_.short_name.c_str(), schema_.arguments[like_].name.c_str(),
                "hold values, which decide the sizes of the results", "a meta tensor");
}

void Declaration::put_results(const Call& call, uint64_t* stack) const {
  for (size_t i = 0; i < results_.size(); ++i) {
    stack[i] = torch::stable::detail::from(*call.tensors[results_[i].field]);
  }
}

void Declaration::raise(const BadValue& bad, const Call& call) const {
  for (size_t i = 0; i < types_.size(); ++i) {
    if (!call.tensors[i] || call.slots[i].pointer != bad.array) continue;
    fail_argument(schema_.short_name.c_str(), schema_.arguments[i].name.c_str(),
                  "lie in [" + std::to_string(bad.lowest) + ", " + std::to_string(bad.bound) + ")",
                  std::to_string(bad.value) + " at " + position_text(*call.tensors[i], bad.position));
  }
  fail(schema_.short_name, ": a value at ", bad.position, " is ", bad.value, ", expected one in [", bad.lowest, ", ",
       bad.bound, ").");
}

}  // namespace bisque::op
