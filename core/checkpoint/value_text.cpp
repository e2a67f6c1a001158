#include <bisque/core/checkpoint/value_text.h>

#include <c10/core/Device.h>
#include <c10/core/Layout.h>
#include <c10/core/MemoryFormat.h>
#include <c10/core/QScheme.h>
#include <c10/core/ScalarType.h>
#include <c10/util/complex.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <sstream>
#include <vector>

#include <bisque/core/dtype_name.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

// The shortest text that parses to the same number, as in Python; with a point or an exponent, so it is not an integer.
std::string real_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  std::string text(digits.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// In double quotes, injective: the bytes that JSON escapes, and all unsafe ones, as \xNN.
std::string literal(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\') {
      result += "\\x" + hex_digits(std::as_bytes(std::span(&c, 1)));
    } else {
      result += c;
    }
  }
  return result + '"';
}

template <class T>
std::string streamed(const T& value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

std::string joined(const std::vector<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) result += (result.empty() ? "" : ", ") + text;
  return result;
}

std::vector<std::string> texts_of(const List& items) {
  std::vector<std::string> texts;
  texts.reserve(items.size());
  for (const Value& item : items) texts.push_back(value_text(item));
  return texts;
}

std::string set_text(const Set& set) {
  if (set.empty()) return "set()";
  std::vector<std::string> texts = texts_of(set);
  std::sort(texts.begin(), texts.end());
  return "{" + joined(texts) + "}";
}

std::string dict_text(const Value& value) {
  std::vector<std::string> texts;
  if (const auto* items = value.get_if<Items>()) {
    for (const auto& [key, item] : *items) texts.push_back(value_text(key) + ": " + value_text(item));
  } else {
    for (const auto& [name, item] : value.as<Dict>()) texts.push_back(literal(name) + ": " + value_text(item));
  }
  return "{" + joined(texts) + "}";
}

std::string container_text(const Value& value) {
  if (const auto* set = value.get_if<Set>()) return set_text(*set);
  if (const auto* list = value.get_if<List>()) return "[" + joined(texts_of(*list)) + "]";
  if (const auto* tuple = value.get_if<Tuple>())
    return "(" + joined(texts_of(*tuple)) + (tuple->size() == 1 ? ",)" : ")");
  return dict_text(value);
}

std::string rare_text(const Value& value) {
  if (const auto* integer = value.get_if<BigInt>()) return hex_text(*integer);
  if (const auto* sizes = value.get_if<bisque::Size>()) {
    return "torch.Size(" + streamed(c10::IntArrayRef(sizes->data(), sizes->size())) + ")";
  }
  if (const auto* dtype = value.get_if<at::ScalarType>()) return dtype_name(*dtype);
  if (const auto* device = value.get_if<at::Device>()) return "torch.device(" + literal(device->str()) + ")";
  if (const auto* layout = value.get_if<at::Layout>()) return "torch." + streamed(*layout);
  if (const auto* format = value.get_if<at::MemoryFormat>()) return "torch." + streamed(*format);
  if (const auto* scheme = value.get_if<at::QScheme>()) return "torch." + c10::toString(*scheme);
  if (const auto* number = value.get_if<c10::complex<double>>()) {
    return "complex(" + real_text(number->real()) + ", " + real_text(number->imag()) + ")";
  }
  return value.type_name();
}

}  // namespace

std::string value_text(const Value& value) {
  if (value.is_none()) return "None";
  if (const auto* flag = value.get_if<bool>()) return *flag ? "True" : "False";
  if (const auto* integer = value.get_if<int64_t>()) return std::to_string(*integer);
  if (const auto* real = value.get_if<double>()) return real_text(*real);
  if (const auto* text = value.get_if<std::string>()) return literal(*text);
  if (const auto* bytes = value.get_if<Bytes>()) return "b" + literal(bytes->data);
  return container_kind(value).empty() ? rare_text(value) : container_text(value);
}

std::string plain_text(const Value& value) {
  const auto* text = value.get_if<std::string>();
  return text ? *text : value_text(value);
}

std::string hex_text(const BigInt& integer) {
  std::string magnitude = integer.bytes;
  const bool negative = !magnitude.empty() && (magnitude.back() & 0x80) != 0;
  if (negative) {  // two's complement
    unsigned carry = 1;
    for (char& byte : magnitude) {
      carry += static_cast<unsigned char>(~byte);
      byte = static_cast<char>(carry & 0xFF);
      carry >>= 8;
    }
  }
  std::reverse(magnitude.begin(), magnitude.end());
  std::string text = hex_digits(std::as_bytes(std::span(magnitude)));
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
  return (negative ? "-0x" : "0x") + text;
}

std::string container_kind(const Value& value) {
  if (value.is<List>()) return "list";
  if (value.is<Tuple>()) return "tuple";
  if (value.is<Set>()) return "set";
  return value.is<Dict>() || value.is<Items>() ? "dict" : "";
}

}  // namespace bisque
