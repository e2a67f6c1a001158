#include <bisque/core/value.h>

#include <bisque/core/error.h>
#include <bisque/core/value_convert.h>

namespace bisque {

std::string Value::type_name() const {
  static const char* const names[] = {"None", "bool", "int", "float", "str", "Tensor", "list", "tuple", "dict"};
  if (const auto* other = std::get_if<std::any>(&data_)) return bisque::type_name(other->type());
  return names[data_.index()];
}

void Value::fail_type(const std::string& expected) const {
  fail("expected a value of type ", expected, ", but got ", type_name(), ".");
}

void check_count(const Tuple& tuple, size_t expected) {
  if (tuple.size() != expected) fail("expected a tuple of ", expected, " values, but got ", tuple.size(), ".");
}

}  // namespace bisque
