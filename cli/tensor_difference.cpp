#include "cli/tensor_difference.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <cstring>
#include <limits>
#include <sstream>
#include <tuple>
#include <type_traits>
#include <vector>

#include <bisque/core/checkpoint/value_text.h>
#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>

namespace bisque::cli {
namespace {

// Represents all 64-bit integers, signed or unsigned, and all floating-point numbers of up to 64 bits.
using Wide = long double;
static_assert(std::numeric_limits<Wide>::digits >= 64);

template <class T>
std::string streamed(const T& value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

// Joins differences with "; ".
void add_text(std::string& text, const std::string& more) {
  if (!more.empty()) text += (text.empty() ? "" : "; ") + more;
}

// The difference of two values that are not tensors, or "".
template <class T>
std::string pair_text(const char* what, const T& a, const T& b) {
  const std::string left = streamed(a), right = streamed(b);
  return left == right ? "" : what + left + ", and " + right;
}

struct ValueCount {
  uint64_t others = 0;  // number of differing values
  Wide largest = 0;
  bool is_known = true;  // the dtype can be subtracted

  void add(std::complex<Wide> a, std::complex<Wide> b, uint64_t times) {
    const auto same = [](Wide x, Wide y) { return x == y || (std::isnan(x) && std::isnan(y)); };
    if (same(a.real(), b.real()) && same(a.imag(), b.imag())) return;
    others += times;
    // Infinities and NaNs on one side only count as infinitely different.
    const Wide apart = a.imag() == 0 && b.imag() == 0 ? std::abs(a.real() - b.real()) : std::abs(a - b);
    largest = std::max(largest, std::isnan(apart) ? std::numeric_limits<Wide>::infinity() : apart);
  }
};

// Through float, which every narrow type converts to exactly.
template <class T>
Wide widened_real(T value) {
  if constexpr (std::is_arithmetic_v<T>) {
    return static_cast<Wide>(value);
  } else {
    return static_cast<Wide>(static_cast<float>(value));
  }
}

template <class T>
std::complex<Wide> widened(T value) {
  if constexpr (c10::is_complex<T>::value) {
    return {widened_real(value.real()), widened_real(value.imag())};
  } else {
    return widened_real(value);
  }
}

// The numbers of a contiguous piece; false if C++ has no such type.
bool read_numbers(const at::Tensor& piece, std::vector<std::complex<Wide>>& numbers) {
  const auto count = static_cast<size_t>(piece.numel());
  numbers.resize(count);
  const auto read = [&](auto type) {
    using T = decltype(type);
    const auto* data = static_cast<const T*>(piece.const_data_ptr());
    std::transform(data, data + count, numbers.begin(), [](T value) { return widened(value); });
    return true;
  };
  switch (piece.scalar_type()) {
    case at::kBool:
      return read(bool());
    case at::kByte:
      return read(uint8_t());
    case at::kChar:
      return read(int8_t());
    case at::kShort:
      return read(int16_t());
    case at::kUInt16:
      return read(uint16_t());
    case at::kInt:
      return read(int32_t());
    case at::kUInt32:
      return read(uint32_t());
    case at::kLong:
      return read(int64_t());
    case at::kUInt64:
      return read(uint64_t());
    case at::kFloat8_e5m2:
      return read(c10::Float8_e5m2());
    case at::kFloat8_e4m3fn:
      return read(c10::Float8_e4m3fn());
    case at::kFloat8_e5m2fnuz:
      return read(c10::Float8_e5m2fnuz());
    case at::kFloat8_e4m3fnuz:
      return read(c10::Float8_e4m3fnuz());
    case at::kHalf:
      return read(c10::Half());
    case at::kBFloat16:
      return read(c10::BFloat16());
    case at::kFloat:
      return read(float());
    case at::kDouble:
      return read(double());
    case at::kComplexHalf:
      return read(c10::complex<c10::Half>());
    case at::kComplexFloat:
      return read(c10::complex<float>());
    case at::kComplexDouble:
      return read(c10::complex<double>());
    default:
      return false;
  }
}

bool same_bytes(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0;
}

void count_bytes(const at::Tensor& a, const at::Tensor& b, ValueCount& count, uint64_t times) {
  count.is_known = false;
  const auto size = static_cast<size_t>(a.element_size());
  const auto *left = static_cast<const char*>(a.const_data_ptr()),
             *right = static_cast<const char*>(b.const_data_ptr());
  for (size_t i = 0; i < static_cast<size_t>(a.numel()); ++i) {
    if (std::memcmp(left + i * size, right + i * size, size) != 0) count.others += times;
  }
}

// For a dimension that both expand, only the first index is compared; `times` is the number of repetitions.
void fold_repeats(at::Tensor& a, at::Tensor& b, uint64_t& times) {
  for (int64_t dim = 0; dim < a.dim(); ++dim) {
    if (a.size(dim) <= 1 || a.stride(dim) != 0 || b.stride(dim) != 0) continue;
    times *= static_cast<uint64_t>(a.size(dim));
    a = a.narrow(dim, 0, 1);
    b = b.narrow(dim, 0, 1);
  }
}

std::string count_text(const ValueCount& count, uint64_t numel) {
  if (count.others == 0) return "";
  std::string text;
  if (count.is_known) {
    char number[48];
    std::snprintf(number, sizeof number, "largest difference %.9Lg, ", count.largest);
    text = number;
  }
  return text + std::to_string(count.others) + " of " + std::to_string(numel) + " differ";
}

// For strided tensors of numbers with the same sizes.
std::string value_difference(at::Tensor a, at::Tensor b, ByteBudget& budget) {
  const auto numel = static_cast<uint64_t>(a.numel());
  uint64_t times = 1;
  if (numel > 0) fold_repeats(a, b, times);
  if (!budget.take(a) || !budget.take(b)) {
    fail("the tensors expand to more bytes than are compared (512 MiB, and 16 times the files).");
  }
  ValueCount count;
  std::vector<std::complex<Wide>> left, right;
  for_each_piece({a, b}, [&](const std::vector<at::Tensor>& pieces) {
    if (same_bytes(pieces[0], pieces[1])) return;
    if (!read_numbers(pieces[0], left) || !read_numbers(pieces[1], right)) {
      if (pieces[0].scalar_type() == pieces[1].scalar_type()) count_bytes(pieces[0], pieces[1], count, times);
      return;  // else the dtypes are the difference
    }
    for (size_t i = 0; i < left.size(); ++i) count.add(left[i], right[i], times);
  });
  return count_text(count, numel);
}

std::string quantization_difference(const at::Tensor& a, const at::Tensor& b, ByteBudget& budget) {
  if (a.qscheme() != b.qscheme()) {
    return pair_text("the quantization ", c10::toString(a.qscheme()), c10::toString(b.qscheme()));
  }
  if (a.qscheme() == at::kPerTensorAffine) {
    std::string text = pair_text("the scale ", value_text(a.q_scale()), value_text(b.q_scale()));
    add_text(text, pair_text("the zero point ", a.q_zero_point(), b.q_zero_point()));
    return text;
  }
  std::string text = pair_text("the channels' dimension ", a.q_per_channel_axis(), b.q_per_channel_axis());
  if (!text.empty()) return text;
  const std::string scales = tensor_difference(a.q_per_channel_scales(), b.q_per_channel_scales(), budget);
  const std::string zero_points =
      tensor_difference(a.q_per_channel_zero_points(), b.q_per_channel_zero_points(), budget);
  if (!scales.empty()) add_text(text, "scales: " + scales);
  if (!zero_points.empty()) add_text(text, "zero points: " + zero_points);
  return text;
}

// Each entry's position as one number; the product of all sizes fits 63 bits.
at::Tensor entry_places(const at::Tensor& coo) {
  const at::Tensor indices = coo._indices();
  at::Tensor places = at::zeros({indices.size(1)}, at::kLong);
  for (int64_t dim = 0; dim < indices.size(0); ++dim) places = places * coo.size(dim) + indices[dim];
  return places;
}

// The values of a coalesced tensor in the order of `places`, and zeros for missing entries.
at::Tensor values_at(const at::Tensor& coo, const at::Tensor& places) {
  const at::Tensor values = coo._values();
  std::vector<int64_t> sizes = values.sizes().vec();
  sizes[0] = places.size(0);
  at::Tensor result = at::zeros(sizes, values.options());
  if (values.size(0) > 0) result.index_copy_(0, at::searchsorted(places, entry_places(coo)), values);
  return result;
}

// Compares entries if both have the same positions in one order, else the sums of the entries at each position.
std::string coo_difference(const at::Tensor& a, const at::Tensor& b, ByteBudget& budget) {
  if (a.sparse_dim() != b.sparse_dim()) {
    return pair_text("the number of sparse dimensions ", a.sparse_dim(), b.sparse_dim());
  }
  if (tensor_difference(a._indices(), b._indices(), budget).empty()) {
    const std::string text = value_difference(a._values(), b._values(), budget);
    if (text.empty() || (a.is_coalesced() && b.is_coalesced())) return text;
  }
  if (a.scalar_type() != b.scalar_type()) return "";  // the dtype is the difference
  const at::Tensor left = a.coalesce(), right = b.coalesce();
  const at::Tensor places =
      std::get<0>(at::_unique(at::cat({entry_places(left), entry_places(right)}), /*sorted=*/true));
  return value_difference(values_at(left, places), values_at(right, places), budget);
}

std::string part_difference(const at::Tensor& a, const at::Tensor& b, ByteBudget& budget) {
  const auto left = parts_of(a), right = parts_of(b);
  std::string text;
  for (size_t i = 0; i < left.size(); ++i) {
    const std::string part = tensor_difference(left[i].second, right[i].second, budget);
    if (!part.empty()) add_text(text, left[i].first.substr(1) + ": " + part);
  }
  return text;
}

std::string nested_difference(const at::Tensor& a, const at::Tensor& b, ByteBudget& budget) {
  const std::string sizes = tensor_difference(a._nested_tensor_size(), b._nested_tensor_size(), budget);
  if (!sizes.empty()) return "the sizes of its tensors differ (" + sizes + ")";
  const auto left = a.unbind(), right = b.unbind();
  std::string text;
  for (size_t i = 0; i < left.size(); ++i) {
    const std::string part = tensor_difference(left[i], right[i], budget);
    if (!part.empty()) add_text(text, "tensor " + std::to_string(i) + ": " + part);
  }
  return text;
}

const char* kind_of(const at::Tensor& tensor) {
  return tensor.is_nested() ? "a nested tensor" : tensor.is_meta() ? "a tensor without data" : "a tensor";
}

}  // namespace

std::string tensor_difference(const at::Tensor& a, const at::Tensor& b, ByteBudget& budget) {
  if (const std::string kinds = pair_text("", kind_of(a), kind_of(b)); !kinds.empty()) return kinds;
  std::string text;
  if (a.scalar_type() != b.scalar_type()) text = dtype_name(a.scalar_type()) + ", and " + dtype_name(b.scalar_type());
  if (a.is_nested()) {
    add_text(text, nested_difference(a.detach(), b.detach(), budget));
    return text;
  }
  if (a.sizes() != b.sizes()) return pair_text("the shape ", a.sizes(), b.sizes());
  add_text(text, pair_text("the layout ", a.layout(), b.layout()));
  if (a.is_meta() || a.layout() != b.layout() || a.is_quantized() != b.is_quantized()) return text;
  const at::Tensor left = a.detach(), right = b.detach();
  if (left.layout() == at::kSparse) {
    add_text(text, coo_difference(left, right, budget));
  } else if (left.layout() != at::kStrided) {
    add_text(text, part_difference(left, right, budget));
  } else {
    if (left.is_quantized()) add_text(text, quantization_difference(left, right, budget));
    add_text(text, value_difference(plain_numbers(left), plain_numbers(right), budget));
  }
  return text;
}

}  // namespace bisque::cli
