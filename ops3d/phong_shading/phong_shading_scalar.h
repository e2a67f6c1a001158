// Numbers as phong_shading_math-inl.h computes with them. No torch.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <bisque/core/ops/host_device.h>

namespace bisque::phong::scalar {

template <class R>
using Scalar = R;

/// The integers of the size of a number.
template <class R>
using Bits = std::conditional_t<sizeof(R) == 4, int32_t, int64_t>;

template <class R>
constexpr int kMantissaBits = sizeof(R) == 4 ? 23 : 52;

template <class To, class From>
BISQUE_HOST_DEVICE inline To bits_as(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To result;
  memcpy(&result, &value, sizeof(To));
  return result;
}

template <class R>
BISQUE_HOST_DEVICE inline std::enable_if_t<std::is_floating_point_v<R>, R> select(bool mask, R a, R b) {
  return mask ? a : b;
}
template <class R>
BISQUE_HOST_DEVICE inline R max(R a, R b) {
  return a > b ? a : b;
}
template <class R>
BISQUE_HOST_DEVICE inline R min(R a, R b) {
  return a < b ? a : b;
}
template <class R>
BISQUE_HOST_DEVICE inline R square_root(R a) {
  return std::sqrt(a);
}
template <class R>
BISQUE_HOST_DEVICE inline bool any(bool mask) {
  return mask;
}
template <class R>
BISQUE_HOST_DEVICE inline R round_even(R a) {
  return nearbyint(a);
}

/// x = 2^exponent * mantissa, with the mantissa in [sqrt(1/2), sqrt(2)), of a positive normal number.
template <class R>
BISQUE_HOST_DEVICE inline void split_exponent(R x, R* exponent, R* mantissa) {
  const Bits<R> bits = bits_as<Bits<R>>(x);
  const Bits<R> power = (bits - bits_as<Bits<R>>(R(0.70710678118654752))) >> kMantissaBits<R>;
  *exponent = static_cast<R>(power);
  *mantissa = bits_as<R>(bits - power * (Bits<R>(1) << kMantissaBits<R>));
}

/// value * 2^whole, for a whole number of a normal power.
template <class R>
BISQUE_HOST_DEVICE inline R times_power_of_two(R value, R whole) {
  constexpr Bits<R> kBias = sizeof(R) == 4 ? 127 : 1023;
  return value * bits_as<R>((static_cast<Bits<R>>(whole) + kBias) * (Bits<R>(1) << kMantissaBits<R>));
}

}  // namespace bisque::phong::scalar
