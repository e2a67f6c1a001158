#include <bisque/core/value.h>

#include <algorithm>

#include <bisque/core/error.h>
#include <bisque/core/value_convert.h>

namespace bisque {

std::string Value::type_name() const {
  static const char* const names[] = {"None",  "bool", "int",         "float", "str", "Tensor", "list",
                                      "tuple", "dict", "OrderedDict", "dict",  "set", "bytes"};
  if (const auto* other = std::get_if<std::any>(&data_)) return bisque::type_name(other->type());
  return names[data_.index()];
}

const Value* Items::find(const Value& key) const {
  const auto equal = [&](const Value& other) {
    if (const auto* text = key.get_if<std::string>())
      return other.is<std::string>() && other.as<std::string>() == *text;
    if (const auto* number = key.get_if<int64_t>()) return other.is<int64_t>() && other.as<int64_t>() == *number;
    if (const auto* flag = key.get_if<bool>()) return other.is<bool>() && other.as<bool>() == *flag;
    return false;
  };
  const auto found = std::find_if(begin(), end(), [&](const auto& item) { return equal(item.first); });
  return found == end() ? nullptr : &found->second;
}

Value Items::at(const Value& key) const&& { return static_cast<const Items&>(*this).at(key); }

const Value& Items::at(const Value& key) const& {
  if (const Value* value = find(key)) return *value;
  if (const auto* text = key.get_if<std::string>()) fail("there is no key ", *text, ".");
  if (const auto* number = key.get_if<int64_t>()) fail("there is no key ", *number, ".");
  fail("there is no such key of type ", key.type_name(), ".");
}

void Value::fail_type(const std::string& expected) const {
  fail("expected a value of type ", expected, ", but got ", type_name(), ".");
}

void check_count(const Tuple& tuple, size_t expected) {
  if (tuple.size() != expected) fail("expected a tuple of ", expected, " values, but got ", tuple.size(), ".");
}

}  // namespace bisque
