#include <bisque/core/ops/checks.h>

#include <bisque/core/error.h>

namespace bisque::op {
namespace {

std::string device_text(const Tensor& tensor) {
  if (tensor.is_cpu()) return "cpu";
  return (tensor.is_cuda() ? "cuda:" : "device:") + std::to_string(tensor.get_device_index());
}

}  // namespace

std::string shape_text(const Tensor& tensor) {
  std::string text = "[";
  for (int64_t i = 0; i < tensor.dim(); ++i) text += (i ? ", " : "") + std::to_string(tensor.size(i));
  return text + "]";
}

std::string dtype_name(ScalarType dtype) {
  switch (dtype) {
    case ScalarType::Float:
      return "float32";
    case ScalarType::Double:
      return "float64";
    case ScalarType::Half:
      return "float16";
    case ScalarType::BFloat16:
      return "bfloat16";
    case ScalarType::Int:
      return "int32";
    case ScalarType::Long:
      return "int64";
    case ScalarType::Short:
      return "int16";
    case ScalarType::Char:
      return "int8";
    case ScalarType::Byte:
      return "uint8";
    case ScalarType::Bool:
      return "bool";
    default:
      return "dtype number " + std::to_string(static_cast<int>(dtype));
  }
}

void fail_argument(const char* op, const char* argument, const std::string& expected, const std::string& got) {
  fail(op, ": expected ", argument, " to ", expected, ", but got ", got);
}

void Check::fail_argument(const std::string& expected, const std::string& got) const {
  op::fail_argument(op_, name_, expected, got);
}

const Check& Check::shape(std::initializer_list<int64_t> sizes, const char* symbols) const {
  bool same = tensor_.dim() == static_cast<int64_t>(sizes.size());
  int64_t i = 0;
  for (auto it = sizes.begin(); same && it != sizes.end(); ++it, ++i) same = *it == kAny || *it == tensor_.size(i);
  if (!same) {
    std::string wanted;
    for (int64_t size : sizes) wanted += (wanted.empty() ? "" : ", ") + (size == kAny ? "*" : std::to_string(size));
    fail_argument(std::string("have shape ") + symbols + " = [" + wanted + "]", shape_text(tensor_));
  }
  return *this;
}

const Check& Check::floating() const {
  auto dtype = tensor_.scalar_type();
  if (dtype != ScalarType::Float && dtype != ScalarType::Double)
    fail_argument("be float32 or float64", dtype_name(dtype));
  return *this;
}

const Check& Check::floating_or_half() const {
  const auto dtype = tensor_.scalar_type();
  if (dtype != ScalarType::Float && dtype != ScalarType::Double && dtype != ScalarType::Half &&
      dtype != ScalarType::BFloat16) {
    fail_argument("be float32, float64, float16 or bfloat16", dtype_name(dtype));
  }
  return *this;
}

const Check& Check::dtype(ScalarType expected) const {
  if (tensor_.scalar_type() != expected) fail_argument("be " + dtype_name(expected), dtype_name(tensor_.scalar_type()));
  return *this;
}

const Check& Check::like(const char* other_name, const Tensor& other) const {
  if (tensor_.scalar_type() != other.scalar_type()) {
    fail_argument("be " + dtype_name(other.scalar_type()) + " as " + other_name, dtype_name(tensor_.scalar_type()));
  }
  return on_device_of(other_name, other);
}

const Check& Check::on_device_of(const char* other_name, const Tensor& other) const {
  bool same = tensor_.is_cpu() == other.is_cpu() && tensor_.is_cuda() == other.is_cuda() &&
              tensor_.get_device_index() == other.get_device_index();
  if (!same) fail_argument("be on " + device_text(other) + " as " + other_name, device_text(tensor_));
  return *this;
}

}  // namespace bisque::op
