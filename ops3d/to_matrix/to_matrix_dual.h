// Dual numbers: a value with its derivative along a direction. A function template of a number type, called with them,
// gives the derivative of its results too. No torch, no CUDA.
#pragma once
#include <cmath>

#include <bisque/core/ops/host_device.h>

namespace bisque::to_matrix {

template <class T>
struct Dual {
  T value = 0;
  T derivative = 0;

  Dual() = default;
  /// A constant.
  BISQUE_HOST_DEVICE explicit Dual(T value) : value(value) {}
  BISQUE_HOST_DEVICE Dual(T value, T derivative) : value(value), derivative(derivative) {}
};

template <class T>
BISQUE_HOST_DEVICE inline Dual<T> operator+(const Dual<T>& a, const Dual<T>& b) {
  return {a.value + b.value, a.derivative + b.derivative};
}

template <class T>
BISQUE_HOST_DEVICE inline Dual<T> operator-(const Dual<T>& a, const Dual<T>& b) {
  return {a.value - b.value, a.derivative - b.derivative};
}

template <class T>
BISQUE_HOST_DEVICE inline Dual<T> operator*(const Dual<T>& a, const Dual<T>& b) {
  return {a.value * b.value, a.derivative * b.value + a.value * b.derivative};
}

template <class T>
BISQUE_HOST_DEVICE inline Dual<T> operator/(const Dual<T>& a, const Dual<T>& b) {
  const T quotient = a.value / b.value;
  return {quotient, (a.derivative - quotient * b.derivative) / b.value};
}

BISQUE_HOST_DEVICE inline float root_of(float x) { return std::sqrt(x); }
BISQUE_HOST_DEVICE inline double root_of(double x) { return std::sqrt(x); }
BISQUE_HOST_DEVICE inline float sine_of(float x) { return std::sin(x); }
BISQUE_HOST_DEVICE inline double sine_of(double x) { return std::sin(x); }
BISQUE_HOST_DEVICE inline float cosine_of(float x) { return std::cos(x); }
BISQUE_HOST_DEVICE inline double cosine_of(double x) { return std::cos(x); }

template <class T>
BISQUE_HOST_DEVICE inline Dual<T> root_of(const Dual<T>& x) {
  const T root = std::sqrt(x.value);
  return {root, x.derivative / (2 * root)};
}

template <class T>
BISQUE_HOST_DEVICE inline Dual<T> sine_of(const Dual<T>& x) {
  return {std::sin(x.value), std::cos(x.value) * x.derivative};
}

template <class T>
BISQUE_HOST_DEVICE inline Dual<T> cosine_of(const Dual<T>& x) {
  return {std::cos(x.value), -std::sin(x.value) * x.derivative};
}

/// The number without its derivative.
BISQUE_HOST_DEVICE inline float plain_value(float x) { return x; }
BISQUE_HOST_DEVICE inline double plain_value(double x) { return x; }
template <class T>
BISQUE_HOST_DEVICE inline T plain_value(const Dual<T>& x) {
  return x.value;
}

}  // namespace bisque::to_matrix
