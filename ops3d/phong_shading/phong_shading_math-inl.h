// The colour of a fragment and its gradient, written once for all devices: R is a number (CUDA) or a vector of numbers
// (CPU). Compiled once for each SIMD target, or without Highway for numbers. No torch.
//
// For R there are the operators + - * /, the comparisons > and >=, and select, max, min, square_root, any, round_even,
// split_exponent and times_power_of_two. max and min return their second argument where one is NaN.
#if defined(BISQUE_PHONG_SHADING_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_PHONG_SHADING_MATH_INL_H_
#undef BISQUE_PHONG_SHADING_MATH_INL_H_
#else
#define BISQUE_PHONG_SHADING_MATH_INL_H_
#endif

#include <limits>

#include <bisque/ops3d/phong_shading/phong_shading_kernels.h>

#ifdef HWY_TARGET_INCLUDE
#include <bisque/ops3d/phong_shading/phong_shading_vector-inl.h>
#define BISQUE_PHONG_MATH HWY_INLINE
HWY_BEFORE_NAMESPACE();
namespace bisque::phong::HWY_NAMESPACE {
#else
#include <bisque/ops3d/phong_shading/phong_shading_scalar.h>
#define BISQUE_PHONG_MATH BISQUE_HOST_DEVICE inline
namespace bisque::phong::scalar {
#endif

template <class R>
struct Vec3 {
  R x, y, z;

  BISQUE_PHONG_MATH Vec3& operator+=(const Vec3& b) {
    x = x + b.x, y = y + b.y, z = z + b.z;
    return *this;
  }
};

template <class R>
BISQUE_PHONG_MATH Vec3<R> operator+(const Vec3<R>& a, const Vec3<R>& b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
template <class R>
BISQUE_PHONG_MATH Vec3<R> operator-(const Vec3<R>& a, const Vec3<R>& b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
template <class R>
BISQUE_PHONG_MATH Vec3<R> operator*(const Vec3<R>& a, const Vec3<R>& b) {
  return {a.x * b.x, a.y * b.y, a.z * b.z};
}
template <class R>
BISQUE_PHONG_MATH Vec3<R> operator*(const Vec3<R>& a, R s) {
  return {a.x * s, a.y * s, a.z * s};
}
template <class R>
BISQUE_PHONG_MATH R dot(const Vec3<R>& a, const Vec3<R>& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
template <class M, class R>
BISQUE_PHONG_MATH Vec3<R> select(M mask, const Vec3<R>& a, const Vec3<R>& b) {
  return {select(mask, a.x, b.x), select(mask, a.y, b.y), select(mask, a.z, b.z)};
}
template <class R>
BISQUE_PHONG_MATH Vec3<R> load3(const Scalar<R>* values) {
  return {R(values[0]), R(values[1]), R(values[2])};
}

/// Lengths below are taken for it.
constexpr double kShortest = 1e-6;

/// A vector divided by its length.
template <class R>
struct Unit {
  Vec3<R> direction;
  R length, inverse;  // what it was divided by, and 1 / that

  BISQUE_PHONG_MATH explicit Unit(const Vec3<R>& a) {
    length = max(R(Scalar<R>(kShortest)), square_root(dot(a, a)));
    inverse = R(1) / length;
    direction = a * inverse;
  }

  /// The gradient by the vector, of one by the direction.
  BISQUE_PHONG_MATH Vec3<R> gradient(const Vec3<R>& by_direction) const {
    const R along = select(length > R(Scalar<R>(kShortest)), dot(direction, by_direction), R(0));
    return (by_direction - direction * along) * inverse;
  }
};

constexpr double factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }

/// The series of exp(f) from the term k on, divided by f^k.
template <int k, int kLast, class R>
BISQUE_PHONG_MATH R exp_series(R f) {
  constexpr Scalar<R> kFactor = static_cast<Scalar<R>>(1 / factorial(k));
  if constexpr (k == kLast) {
    return R(kFactor);
  } else {
    return exp_series<k + 1, kLast>(f) * f + R(kFactor);
  }
}

/// The series of atanh(t) / t in the square of t, from the term k on, divided by its power.
template <int k, int kLast, class R>
BISQUE_PHONG_MATH R atanh_series(R square) {
  constexpr Scalar<R> kFactor = static_cast<Scalar<R>>(1.0 / (2 * k + 1));
  if constexpr (k == kLast) {
    return R(kFactor);
  } else {
    return atanh_series<k + 1, kLast>(square) * square + R(kFactor);
  }
}

/// log2 of a positive normal number, by the atanh series of its mantissa.
template <class R>
BISQUE_PHONG_MATH R log2_of(R x) {
  using T = Scalar<R>;
  R exponent, mantissa;
  split_exponent(x, &exponent, &mantissa);
  const R t = (mantissa - R(1)) / (mantissa + R(1));
  const R series = atanh_series < 0, sizeof(T) == 4 ? 4 : 10 > (t * t);
  return exponent + R(T(2.8853900817779268)) * (t * series);  // 2 / ln 2
}

/// 2 to the x, for x at most 127; 0 where that is below the smallest normal number.
template <class R>
BISQUE_PHONG_MATH R exp2_of(R x) {
  using T = Scalar<R>;
  const R lowest(T(sizeof(T) == 4 ? -126 : -1022));
  const R clamped = min(max(x, lowest), R(127)), whole = round_even(clamped);
  const R f = (clamped - whole) * R(T(0.69314718055994531));
  const R series = exp_series < 0, sizeof(T) == 4 ? 7 : 13 > (f);
  return select(x >= lowest, times_power_of_two(series, whole), R(0));
}

/// What lights a picture.
template <class T>
struct Picture {
  const T *camera, *lights, *diffuse, *specular, *ambient;
  T shininess, wrap, wrap_scale;
  int64_t L;
  bool reflection;
  const T* far_directions =
      nullptr;  // [L, 3] units towards the lights that are far away; null: computed when asked for

  template <class P>
  BISQUE_PHONG_MATH Picture(const P& p, int64_t n)
      : camera(p.camera_position + 3 * n),
        lights(p.lights + 4 * n * p.L),
        diffuse(p.light_diffuse + 3 * n * p.L),
        specular(p.light_specular + 3 * n * p.L),
        ambient(p.ambient + 3 * n),
        shininess(p.shininess[n]),
        wrap(static_cast<T>(p.wrap)),
        wrap_scale(T(1) / (T(1) + wrap)),
        L(p.L),
        reflection(p.reflection) {}

  /// From a position to a light.
  template <class R>
  BISQUE_PHONG_MATH Unit<R> towards_light(int64_t l, const Vec3<R>& position) const {
    const T* light = lights + 4 * l;
    if (light[3] == 0) return Unit<R>(load3<R>(light));
    return Unit<R>(load3<R>(light) - position * R(light[3]));
  }
  template <class R>
  BISQUE_PHONG_MATH Vec3<R> light_direction(int64_t l, const Vec3<R>& position) const {
    if (far_directions && lights[4 * l + 3] == 0) return load3<R>(far_directions + 3 * l);
    return towards_light(l, position).direction;
  }
};

/// The highlight of a light: cosine^shininess, where cosine = top / sqrt(bottom).
template <class R>
struct Highlight {
  Vec3<R> half;   // light plus view; of Blinn's form
  R view_normal;  // of the reflected form
  R top, bottom;
  R square;  // of the cosine
  R value;

  BISQUE_PHONG_MATH Highlight(const Picture<Scalar<R>>& picture, const Vec3<R>& normal, const Vec3<R>& view,
                              const Vec3<R>& light, R facing) {
    using T = Scalar<R>;
    half = light + view;
    view_normal = dot(normal, view);
    if (picture.reflection) {
      top = max(R(0), R(2) * facing * view_normal - dot(light, view));
      bottom = R(1);
      square = min(R(1), top * top);
    } else {
      top = max(R(0), dot(normal, half));
      bottom = max(R(T(kShortest * kShortest)), dot(half, half));
      square = min(R(1), top * top / bottom);
    }
    if (picture.shininess == 0) {
      value = R(1);
    } else {
      const R power = exp2_of(R(T(0.5) * picture.shininess) * log2_of(max(square, smallest())));
      value = select(square >= smallest(), power, R(0));
    }
  }

  BISQUE_PHONG_MATH static R smallest() { return R(std::numeric_limits<Scalar<R>>::min()); }
};

/// The colour of fragments with this position and this normal, which is not yet of unit length.
template <class R>
BISQUE_PHONG_MATH Vec3<R> shade(const Picture<Scalar<R>>& picture, const Vec3<R>& position, const Vec3<R>& normal,
                                const Vec3<R>* texel) {
  const Unit<R> n(normal), view(load3<R>(picture.camera) - position);
  Vec3<R> diffuse = load3<R>(picture.ambient), specular{R(0), R(0), R(0)};
  for (int64_t l = 0; l < picture.L; ++l) {
    const Vec3<R> light = picture.light_direction(l, position);
    const R facing = dot(n.direction, light);
    const R soft = max(R(0), (facing + R(picture.wrap)) * R(picture.wrap_scale));
    diffuse += load3<R>(picture.diffuse + 3 * l) * soft;
    const auto lit = facing > R(0);
    if (!any<Scalar<R>>(lit)) continue;
    const Highlight<R> highlight(picture, n.direction, view.direction, light, facing);
    const Vec3<R> zero{R(0), R(0), R(0)};
    specular += select(lit, load3<R>(picture.specular + 3 * l) * highlight.value, zero);
  }
  return texel ? diffuse * *texel + specular : diffuse + specular;
}

/// The gradients by what shade() takes.
template <class R>
struct ShadeGradient {
  Vec3<R> position, normal, texel;
};

template <class R>
struct HighlightGradient {
  Vec3<R> normal, view, light;
  R facing;
};

/// The gradient of a highlight, given that by its value. Where the value is 0 it is 0.
template <class R>
BISQUE_PHONG_MATH HighlightGradient<R> highlight_gradient(const Picture<Scalar<R>>& picture, const Highlight<R>& h,
                                                          const Vec3<R>& normal, const Vec3<R>& view,
                                                          const Vec3<R>& light, R facing, R by_value) {
  using T = Scalar<R>;
  const R by_log = by_value * h.value * R(picture.shininess);  // of the cosine
  const R by_top = by_log / max(h.top, R(T(1e-30)));
  if (picture.reflection) {
    const R twice = by_top + by_top;
    return {view * (twice * facing), (normal * (R(2) * facing) - light) * by_top, view * (R(0) - by_top),
            twice * h.view_normal};
  }
  const R along = select(h.bottom > R(T(kShortest * kShortest)), by_log / h.bottom, R(0));
  const Vec3<R> by_half = normal * by_top - h.half * along;
  return {h.half * by_top, by_half, by_half, R(0)};
}

/// Adds to the sums of the picture (phong_shading_kernels.h) by sums.add(index, value) and sums.add3, and returns the
/// other gradients, given `grad`, that by the colour. sums.any(mask) may be true where no lane of the mask is.
template <class R, class Sums>
BISQUE_PHONG_MATH ShadeGradient<R> shade_gradient(const Picture<Scalar<R>>& picture, const Vec3<R>& position,
                                                  const Vec3<R>& normal, const Vec3<R>* texel, const Vec3<R>& grad,
                                                  Sums& sums) {
  using T = Scalar<R>;
  const R zero(0);
  const Unit<R> n(normal), view(load3<R>(picture.camera) - position);
  const Vec3<R> by_diffuse = texel ? grad * *texel : grad;
  Vec3<R> diffuse = load3<R>(picture.ambient);
  Vec3<R> by_position{zero, zero, zero}, by_normal{zero, zero, zero}, by_view{zero, zero, zero};
  R by_shininess = zero;
  for (int64_t l = 0; l < picture.L; ++l) {
    const int64_t of_light = kSumLights + kSumsPerLight * l;
    const Vec3<R> color = load3<R>(picture.diffuse + 3 * l);
    const Unit<R> light = picture.towards_light(l, position);
    const R facing = dot(n.direction, light.direction);
    const R soft = max(zero, (facing + R(picture.wrap)) * R(picture.wrap_scale));
    diffuse += color * soft;
    sums.add3(of_light + kSumDiffuse, by_diffuse * soft);
    R by_facing = select(soft > zero, dot(by_diffuse, color) * R(picture.wrap_scale), zero);
    Vec3<R> by_light{zero, zero, zero};
    const auto lit = facing > zero;
    if (sums.any(lit)) {
      const Highlight<R> h(picture, n.direction, view.direction, light.direction, facing);
      sums.add3(of_light + kSumSpecular, grad * select(lit, h.value, zero));
      const R by_value = select(lit, dot(grad, load3<R>(picture.specular + 3 * l)), zero);
      const R log_cosine = R(T(0.5 * 0.69314718055994531)) * log2_of(max(h.square, h.smallest()));
      by_shininess = by_shininess + select(h.square >= h.smallest(), by_value * h.value * log_cosine, zero);
      const HighlightGradient<R> by =
          highlight_gradient(picture, h, n.direction, view.direction, light.direction, facing, by_value);
      by_normal += by.normal, by_view += by.view, by_light += by.light;
      by_facing = by_facing + by.facing;
    }
    by_normal += light.direction * by_facing;
    by_light += n.direction * by_facing;
    const Vec3<R> by_offset = light.gradient(by_light);  // from the position to the light
    sums.add3(of_light, by_offset);
    sums.add(of_light + 3, zero - dot(by_offset, position));
    by_position += by_offset * R(-picture.lights[4 * l + 3]);
  }
  const Vec3<R> by_camera = view.gradient(by_view);
  sums.add3(kSumCamera, by_camera);
  sums.add3(kSumAmbient, by_diffuse);
  sums.add(kSumShininess, by_shininess);
  return {by_position - by_camera, n.gradient(by_normal), grad * diffuse};
}

#ifdef HWY_TARGET_INCLUDE
}  // namespace bisque::phong::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#else
}  // namespace bisque::phong::scalar
#endif
#undef BISQUE_PHONG_MATH

#endif
