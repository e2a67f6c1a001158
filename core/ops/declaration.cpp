#include <bisque/core/ops/declaration.h>

#include <algorithm>

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

/// Where a value of a contiguous tensor is: "7", "[0, 1, 2]".
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

}  // namespace

Declaration::Declaration(const OpText& text, std::vector<Field> fields)
    : schema_(parse_schema(text.schema)), fields_(std::move(fields)) {
  const std::string& op = schema_.short_name;
  for (size_t i = 0; i < schema_.arguments.size(); ++i) {
    types_.push_back(type_of(schema_.arguments[i]));
    if (types_.back() != Type::kInt) continue;
    names_.list.push_back(schema_.arguments[i].name);
    name_fields_.push_back(i);
  }
  ShapesText shapes = parse_shapes(op, text.shapes ? text.shapes : "", names_);
  auto scratch = parse_scratch(op, text.scratch ? text.scratch : "", names_);
  auto cuda_scratch = parse_scratch(op, text.cuda_scratch ? text.cuda_scratch : "", names_);
  conditions_ = parse_conditions(op, text.require ? text.require : "", names_);

  for (ShapeText& shape : shapes.arguments) {
    const int64_t index = schema_.argument(shape.name);
    if (index < 0 || types_[index] > Type::kOptionalTensor) {
      fail(op, ": its shapes name ", shape.name, ", which is no tensor argument of it.");
    }
    arguments_.push_back({std::move(shape), static_cast<size_t>(index)});
  }
  if (arguments_.empty()) fail(op, ": its shapes are expected to name at least one argument.");
  like_ = arguments_.front().field;
  if (shapes.results.size() != schema_.results.size()) {
    fail(op, ": its shapes have ", shapes.results.size(), " results, expected ", schema_.results.size(), ".");
  }
  for (size_t i = 0; i < shapes.results.size(); ++i) {
    if (shapes.results[i].name != schema_.results[i].name) {
      fail(op, ": its shapes name the result ", shapes.results[i].name, ", expected ", schema_.results[i].name, ".");
    }
  }
  results_ = made_shapes(std::move(shapes.results), types_.size());
  scratch_ = made_shapes(std::move(scratch), types_.size() + results_.size());
  cuda_scratch_ = made_shapes(std::move(cuda_scratch), types_.size() + results_.size() + scratch_.size());
  const size_t first_size = types_.size() + results_.size() + scratch_.size() + cuda_scratch_.size();
  const size_t num_integers = name_fields_.size();
  for (size_t i = num_integers; i < names_.list.size(); ++i) name_fields_.push_back(first_size + i - num_integers);
  check_fields();
  check_dtypes();
}

Declaration::Type Declaration::type_of(const SchemaItem& argument) const {
  static const std::pair<const char*, Type> known[] = {{"Tensor", Type::kTensor},
                                                       {"Tensor?", Type::kOptionalTensor},
                                                       {"int", Type::kInt},
                                                       {"float", Type::kFloat},
                                                       {"bool", Type::kBool}};
  for (const auto& [name, type] : known) {
    if (argument.type == name) return type;
  }
  fail(schema_.short_name, ": the argument ", argument.name, " has the type ", argument.type,
       ", which needs an op with a prepare function.");
}

std::vector<Declaration::Shape> Declaration::made_shapes(std::vector<ShapeText> texts, size_t first_field) const {
  std::vector<Shape> shapes;
  for (ShapeText& text : texts) {
    Shape shape{std::move(text), first_field + shapes.size()};
    if (!shape.text.flag.empty()) {
      shape.flag = schema_.argument(shape.text.flag);
      if (shape.flag < 0 || types_[shape.flag] != Type::kBool) {
        fail(schema_.short_name, ": the shape of ", shape.text.name, " depends on ", shape.text.flag,
             ", which is no bool argument.");
      }
    }
    shapes.push_back(std::move(shape));
  }
  return shapes;
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
      expect(i, field.kind == (types_[i] == Type::kFloat ? Field::kFloat : Field::kBool),
             types_[i] == Type::kFloat ? "a double" : "a bool");
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

int64_t Declaration::value(const SizeExpression& size, const Call& call) const {
  std::array<int64_t, 8> stack{};
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

void Declaration::check_shape(const Shape& shape, Call& call) const {
  const Tensor& tensor = *call.tensors[shape.field];
  const auto& sizes = shape.text.sizes;
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
  if (!fits) {
    std::string wanted;
    for (const auto& size : sizes) {
      const int64_t known = size.binds ? kUnknown : value(size, call);
      wanted += (wanted.empty() ? "" : ", ") + (known == kUnknown ? "*" : std::to_string(known));
    }
    refuse(op, shape.text.name.c_str(), "have shape " + without_stars(shape.text.sizes_text) + " = [" + wanted + "]",
           shape_text(tensor));
  }
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
    for (const SizeExpression& size : shape.text.sizes) {
      if (size.binds && size.text == name) return name + " of " + shape.text.name + " " + shape.text.sizes_text;
    }
  }
  return name;
}

void Declaration::check_conditions(const Call& call) const {
  static const char* const words[] = {"be at least ", "be at most ", "be ", "be one of "};
  for (const Condition& condition : conditions_) {
    const int64_t left = value(condition.left, call);
    const auto holds = [&](const SizeExpression& size) {
      const int64_t right = value(size, call);
      return condition.kind == Condition::kAtLeast  ? left >= right
             : condition.kind == Condition::kAtMost ? left <= right
                                                    : left == right;
    };
    if (std::any_of(condition.right.begin(), condition.right.end(), holds)) continue;
    std::string expected;
    for (const auto& size : condition.right) {
      expected += (expected.empty() ? words[condition.kind] : ", ") + std::to_string(value(size, call));
    }
    refuse(schema_.short_name.c_str(), origin(condition.name).c_str(), expected, std::to_string(left));
  }
}

void Declaration::make(const Shape& shape, Call& call) const {
  const bool wanted = shape.flag < 0 || call.slots[shape.flag].flag;
  const auto& sizes = wanted ? shape.text.sizes : shape.text.otherwise;
  std::array<int64_t, 8> values{};
  for (size_t i = 0; i < sizes.size(); ++i) values[i] = value(sizes[i], call);
  const Field& field = fields_[shape.field];
  const Tensor& tensor = call.tensors[shape.field].emplace(new_empty_contiguous(
      like(call), {values.data(), sizes.size()}, field.kind == Field::kTyped ? field.dtype : like(call).scalar_type()));
  if (wanted) call.slots[shape.field].pointer = tensor.mutable_data_ptr();
}

void Declaration::prepare(uint64_t* stack, bool on_cuda, Call& call) const {
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
      case Type::kBool:
        call.slots[i].flag = to<bool>(stack[i]);
        break;
    }
  }
  for (const size_t field : name_fields_) {
    if (field >= types_.size()) call.slots[field].integer = kUnknown;
  }
  for (const Shape& shape : arguments_) {
    if (call.tensors[shape.field]) check_shape(shape, call);
  }
  check_conditions(call);
  for (size_t i = 0; i < types_.size(); ++i) {
    if (!call.tensors[i]) continue;
    if (!call.tensors[i]->is_contiguous()) call.tensors[i] = torch::stable::contiguous(*call.tensors[i]);
    call.slots[i].pointer = const_cast<void*>(call.tensors[i]->const_data_ptr());
  }
  for (const Shape& shape : results_) make(shape, call);
  for (const Shape& shape : scratch_) make(shape, call);
  if (!on_cuda) return;
  for (const Shape& shape : cuda_scratch_) make(shape, call);
}

void Declaration::put_results(const Call& call, uint64_t* stack) const {
  for (size_t i = 0; i < results_.size(); ++i) {
    stack[i] = torch::stable::detail::from(*call.tensors[results_[i].field]);
  }
}

void Declaration::raise(const BadValue& bad, const Call& call) const {
  for (size_t i = 0; i < types_.size(); ++i) {
    if (!call.tensors[i] || call.slots[i].pointer != bad.array) continue;
    refuse(schema_.short_name.c_str(), schema_.arguments[i].name.c_str(),
           "lie in [0, " + std::to_string(bad.bound) + ")",
           std::to_string(bad.value) + " at " + position_text(*call.tensors[i], bad.position));
  }
  fail(schema_.short_name, ": a value at ", bad.position, " is ", bad.value, ", expected one in [0, ", bad.bound, ").");
}

}  // namespace bisque::op
