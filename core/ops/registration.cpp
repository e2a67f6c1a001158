#include <bisque/core/ops/registration.h>

#include <algorithm>
#include <string>

#include <bisque/core/error.h>
#include <bisque/core/ops/op_text.h>

namespace bisque::op {
namespace {

bool is_tensor(const SchemaItem& item) { return item.type.starts_with("Tensor"); }

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void check_shape_names(const Schema& schema, const char* shapes) {
  if (!shapes || !*shapes) fail(schema.name, " has no shapes, expected those of its arguments and results.");
  const ShapeNames names = shape_names(shapes);
  for (const auto& name : names.arguments) {
    const int64_t index = schema.argument(name);
    if (index < 0 || !is_tensor(schema.arguments[static_cast<size_t>(index)])) {
      fail(schema.name, ": its shapes name ", name, ", expected a tensor argument of it.");
    }
  }
  std::vector<std::string> results;
  for (const auto& result : schema.results) results.push_back(result.name);
  if (names.results != results) {
    fail(schema.name, ": its shapes have the results (", list_of(names.results), "), expected (", list_of(results),
         ").");
  }
}

void check_kernels(const OpDeclaration& op, const Schema& schema) {
  const bool has_tensors = std::any_of(schema.arguments.begin(), schema.arguments.end(), is_tensor);
  if (!has_tensors) {
    if (!op.any || op.cpu || op.meta) {
      fail(schema.name, " has no tensor argument, expected the one kernel `any`, which no device decides on.");
    }
    return;
  }
  if (op.any) return;
  if (!op.cpu) fail(schema.name, " has no CPU kernel, expected one, since it has tensor arguments.");
  if (!op.meta) fail(schema.name, " has no Meta kernel, expected one, since it has tensor arguments.");
}

}  // namespace

void check_registrations(const std::vector<const Register*>& entries) {
  std::vector<std::string> names;
  for (const Register* entry : entries) {
    if (entry->op.schema) names.push_back(parse_schema(entry->op.schema).name);
  }
  for (const Register* entry : entries) {
    const OpDeclaration& op = entry->op;
    if (!op.schema) continue;
    const Schema schema = parse_schema(op.schema);
    check_kernels(op, schema);
    if (!op.any) check_shape_names(schema, op.shapes);
    if (op.backward && std::find(names.begin(), names.end(), op.backward) == names.end()) {
      fail(schema.name, ": its gradient ", op.backward,
           " is not an op of this library, expected one of: ", list_of(names), ".");
    }
  }
}

}  // namespace bisque::op
