// The float kernel shades a vector of samples at a time; the double one is the same kernel on vectors of doubles.
#include <vector>

#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/phong_shading/phong_shading_kernels.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/ops3d/phong_shading/phong_shading_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Vectors of T and of the integers of its size, which index gathers.
template <class T>
using Lanes = hn::ScalableTag<T>;
template <class T>
using Index = hn::RebindToSigned<Lanes<T>>;
template <class T>
using Vec = hn::Vec<Lanes<T>>;

template <class T>
struct Vec3 {
  Vec<T> x, y, z;
};

template <class T>
HWY_INLINE Vec<T> dot(const Vec3<T>& a, const Vec3<T>& b) {
  return hn::Add(hn::Add(hn::Mul(a.x, b.x), hn::Mul(a.y, b.y)), hn::Mul(a.z, b.z));
}

template <class T>
HWY_INLINE Vec3<T> scaled(const Vec3<T>& a, Vec<T> s) {
  return {hn::Mul(a.x, s), hn::Mul(a.y, s), hn::Mul(a.z, s)};
}

template <class T>
HWY_INLINE Vec3<T> unit(const Vec3<T>& a) {
  const Lanes<T> d;
  const auto tiny = hn::Set(d, T(1e-30));
  return scaled<T>(a, hn::Div(hn::Set(d, T(1)), hn::Max(hn::Sqrt(dot<T>(a, a)), tiny)));
}

// log2 of a positive normal number: exponent plus the atanh series of the mantissa in [sqrt(1/2), sqrt(2)).
template <class T>
HWY_INLINE Vec<T> log2_of(Vec<T> x) {
  const Lanes<T> d;
  const Index<T> di;
  using I = hn::TFromD<Index<T>>;
  constexpr int kMantissa = sizeof(T) == 4 ? 23 : 52;
  const auto half_root = hn::BitCast(di, hn::Set(d, T(0.70710678118654752)));
  const auto bits = hn::BitCast(di, x);
  const auto exponent = hn::ShiftRight<kMantissa>(hn::Sub(bits, half_root));
  const auto mantissa = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<kMantissa>(exponent)));
  const auto one = hn::Set(d, T(1));
  const auto t = hn::Div(hn::Sub(mantissa, one), hn::Add(mantissa, one));
  const auto t2 = hn::Mul(t, t);
  constexpr int kTerms = sizeof(T) == 4 ? 4 : 10;
  auto sum = hn::Set(d, T(1) / T(2 * kTerms + 1));
  for (int k = kTerms - 1; k >= 0; --k) sum = hn::Add(hn::Mul(sum, t2), hn::Set(d, T(1) / T(2 * k + 1)));
  const auto scale = hn::Set(d, T(2.8853900817779268));  // 2 / ln 2
  static_assert(sizeof(I) == sizeof(T));
  return hn::Add(hn::ConvertTo(d, exponent), hn::Mul(scale, hn::Mul(t, sum)));
}

// 2 to the x, for x at most 0; 0 where that is below the smallest normal number.
template <class T>
HWY_INLINE Vec<T> exp2_of(Vec<T> x) {
  const Lanes<T> d;
  const Index<T> di;
  using I = hn::TFromD<Index<T>>;
  constexpr int kMantissa = sizeof(T) == 4 ? 23 : 52;
  constexpr I kBias = sizeof(T) == 4 ? 127 : 1023;
  const auto lowest = hn::Set(d, T(1 - kBias));
  const auto clamped = hn::Max(x, lowest);
  const auto whole = hn::Round(clamped);
  const auto f = hn::Mul(hn::Sub(clamped, whole), hn::Set(d, T(0.69314718055994531)));
  constexpr int kTerms = sizeof(T) == 4 ? 7 : 13;
  auto sum = hn::Set(d, T(1));
  for (int k = kTerms; k >= 1; --k) sum = hn::Add(hn::Mul(hn::Mul(sum, f), hn::Set(d, T(1) / T(k))), hn::Set(d, T(1)));
  const auto power = hn::BitCast(d, hn::ShiftLeft<kMantissa>(hn::Add(hn::ConvertTo(di, whole), hn::Set(di, kBias))));
  return hn::IfThenElseZero(hn::Ge(x, lowest), hn::Mul(sum, power));
}

// x to the p, for x in [0, 1] and p >= 0.
template <class T>
HWY_INLINE Vec<T> power(Vec<T> x, T p) {
  const Lanes<T> d;
  const auto smallest = hn::Set(d, std::numeric_limits<T>::min());
  const auto value = exp2_of<T>(hn::Mul(hn::Set(d, p), log2_of<T>(hn::Max(x, smallest))));
  return p == T(0) ? hn::Set(d, T(1)) : hn::IfThenElseZero(hn::Ge(x, smallest), value);
}

// The samples of one row, taken apart so that vectors load them.
template <class T>
struct SampleRow {
  using I = hn::TFromD<Index<T>>;
  std::vector<I> v0, v1, v2;         // 3 x vertex index; background samples point at vertex 0
  std::vector<T> b0, b1, b2, cover;  // barycentrics; 1 where covered, else 0
  std::vector<T> red, green, blue;
  std::vector<bool> any;  // a chunk of samples has a covered one

  explicit SampleRow(size_t padded)
      : v0(padded),
        v1(padded),
        v2(padded),
        b0(padded),
        b1(padded),
        b2(padded),
        cover(padded),
        red(padded),
        green(padded),
        blue(padded),
        any(padded) {}
};

template <class T>
void load_row(const PhongShading<T>& p, int64_t first, int64_t columns, SampleRow<T>& row) {
  const auto verts = static_cast<uint64_t>(p.V);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(Lanes<T>()));
  for (int64_t begin = 0; begin < columns; begin += lanes) {
    bool any = false;
    const int64_t end = std::min(begin + lanes, columns);
    for (int64_t x = begin; x < end; ++x) any |= p.pix_to_face[first + x] >= 0;
    row.any[begin / lanes] = any;
    if (!any) continue;
    any = false;
    for (int64_t x = begin; x < end; ++x) {
      const int64_t face = p.pix_to_face[first + x];
      bool covered = static_cast<uint64_t>(face) < static_cast<uint64_t>(p.F);
      int64_t a = 0, b = 0, c = 0;
      if (covered) {
        a = p.faces[3 * face], b = p.faces[3 * face + 1], c = p.faces[3 * face + 2];
        covered =
            static_cast<uint64_t>(a) < verts && static_cast<uint64_t>(b) < verts && static_cast<uint64_t>(c) < verts;
        if (!covered) a = b = c = 0;
      }
      using I = typename SampleRow<T>::I;
      row.v0[x] = static_cast<I>(3 * a), row.v1[x] = static_cast<I>(3 * b), row.v2[x] = static_cast<I>(3 * c);
      const T* bary = p.bary_coords + 3 * (first + x);
      row.b0[x] = bary[0], row.b1[x] = bary[1], row.b2[x] = bary[2];
      row.cover[x] = covered ? T(1) : T(0);
      any |= covered;
    }
    row.any[begin / lanes] = any;
  }
}

template <class T>
HWY_INLINE Vec3<T> interpolate(const T* values, const SampleRow<T>& row, int64_t x) {
  const Lanes<T> d;
  const Index<T> di;
  const auto i0 = hn::LoadU(di, &row.v0[x]), i1 = hn::LoadU(di, &row.v1[x]), i2 = hn::LoadU(di, &row.v2[x]);
  const auto b0 = hn::LoadU(d, &row.b0[x]), b1 = hn::LoadU(d, &row.b1[x]), b2 = hn::LoadU(d, &row.b2[x]);
  const auto mix = [&](const T* base) HWY_ATTR {
    return hn::Add(hn::Add(hn::Mul(b0, hn::GatherIndex(d, base, i0)), hn::Mul(b1, hn::GatherIndex(d, base, i1))),
                   hn::Mul(b2, hn::GatherIndex(d, base, i2)));
  };
  return {mix(values), mix(values + 1), mix(values + 2)};
}

// Unit vectors towards the lights that are far away [3 L], which are the same at every position; zeros for the others.
template <class T>
std::vector<T> far_light_directions(const PhongShading<T>& p) {
  const Lanes<T> d;
  std::vector<T> directions(static_cast<size_t>(3 * p.L));
  for (int64_t l = 0; l < p.L; ++l) {
    const T* at = p.lights + 4 * l;
    if (at[3] != 0) continue;
    const Vec3<T> direction = unit<T>({hn::Set(d, at[0]), hn::Set(d, at[1]), hn::Set(d, at[2])});
    directions[3 * l] = hn::GetLane(direction.x);
    directions[3 * l + 1] = hn::GetLane(direction.y);
    directions[3 * l + 2] = hn::GetLane(direction.z);
  }
  return directions;
}

template <class T>
HWY_INLINE Vec3<T> towards_light(const T* light, const T* far_direction, const Vec3<T>& position) {
  const Lanes<T> d;
  if (light[3] == 0) return {hn::Set(d, far_direction[0]), hn::Set(d, far_direction[1]), hn::Set(d, far_direction[2])};
  const auto w = hn::Set(d, light[3]);
  return unit<T>({hn::Sub(hn::Set(d, light[0]), hn::Mul(w, position.x)),
                  hn::Sub(hn::Set(d, light[1]), hn::Mul(w, position.y)),
                  hn::Sub(hn::Set(d, light[2]), hn::Mul(w, position.z))});
}

template <class T>
HWY_INLINE void shade(const PhongShading<T>& p, const T* camera, const T* far_lights, SampleRow<T>& row, int64_t x) {
  const Lanes<T> d;
  const auto zero = hn::Zero(d);
  const Vec3<T> position = interpolate<T>(p.verts, row, x);
  const Vec3<T> normal = unit<T>(interpolate<T>(p.normals, row, x));
  const Vec3<T> view = unit<T>({hn::Sub(hn::Set(d, camera[0]), position.x), hn::Sub(hn::Set(d, camera[1]), position.y),
                                hn::Sub(hn::Set(d, camera[2]), position.z)});
  Vec3<T> diffuse{hn::Set(d, p.ambient[0]), hn::Set(d, p.ambient[1]), hn::Set(d, p.ambient[2])};
  Vec3<T> highlight{zero, zero, zero};
  const T specular = static_cast<T>(p.specular), shininess = static_cast<T>(p.shininess);
  const T wrap_factor = static_cast<T>(p.wrap);
  const auto wrap = hn::Set(d, wrap_factor), wrap_scale = hn::Set(d, T(1) / (T(1) + wrap_factor));
  for (int64_t l = 0; l < p.L; ++l) {
    const T* color = p.light_colors + 3 * l;
    const Vec3<T> light = towards_light(p.lights + 4 * l, far_lights + 3 * l, position);
    const auto facing = dot<T>(normal, light);
    const auto soft = hn::Max(zero, hn::Mul(hn::Add(facing, wrap), wrap_scale));
    diffuse.x = hn::Add(diffuse.x, hn::Mul(soft, hn::Set(d, color[0])));
    diffuse.y = hn::Add(diffuse.y, hn::Mul(soft, hn::Set(d, color[1])));
    diffuse.z = hn::Add(diffuse.z, hn::Mul(soft, hn::Set(d, color[2])));
    const auto lit = hn::Gt(facing, zero);
    if (hn::AllFalse(d, lit)) continue;
    const Vec3<T> half = unit<T>({hn::Add(light.x, view.x), hn::Add(light.y, view.y), hn::Add(light.z, view.z)});
    const auto cosine = hn::Min(hn::Max(zero, dot<T>(normal, half)), hn::Set(d, T(1)));
    const auto shine = hn::Mul(hn::Set(d, specular), power<T>(cosine, shininess));
    // The colour is masked, not only the shine: 0 times an infinite colour would tell lanes of one vector from
    // another's.
    const auto shone = [&](T part) HWY_ATTR { return hn::IfThenElseZero(lit, hn::Mul(shine, hn::Set(d, part))); };
    highlight.x = hn::Add(highlight.x, shone(color[0]));
    highlight.y = hn::Add(highlight.y, shone(color[1]));
    highlight.z = hn::Add(highlight.z, shone(color[2]));
  }
  const auto covered = hn::Gt(hn::LoadU(d, &row.cover[x]), zero);
  const auto write = [&](Vec<T> d_part, T albedo, Vec<T> s_part, std::vector<T>& out) HWY_ATTR {
    hn::StoreU(hn::IfThenElseZero(covered, hn::Add(hn::Mul(d_part, hn::Set(d, albedo)), s_part)), d, &out[x]);
  };
  write(diffuse.x, p.albedo[0], highlight.x, row.red);
  write(diffuse.y, p.albedo[1], highlight.y, row.green);
  write(diffuse.z, p.albedo[2], highlight.z, row.blue);
}

// Adds the samples of a row to the pixels they lie in.
template <class T>
void add_row(const SampleRow<T>& row, int64_t columns, int64_t samples, T weight, T* pixels) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(Lanes<T>()));
  for (int64_t begin = 0; begin < columns; begin += lanes) {
    if (!row.any[begin / lanes]) continue;
    for (int64_t x = begin; x < std::min(begin + lanes, columns); ++x) {
      T* pixel = pixels + 4 * (x / samples);
      pixel[0] += weight * row.red[x];
      pixel[1] += weight * row.green[x];
      pixel[2] += weight * row.blue[x];
      pixel[3] += weight * row.cover[x];
    }
  }
}

template <class T>
void shade_rows(const PhongShading<T>& p, int64_t begin, int64_t end) {
  const int64_t columns = p.SW, height = p.SH / p.samples, width = p.SW / p.samples;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(Lanes<T>()));
  SampleRow<T> row(static_cast<size_t>((columns + lanes - 1) / lanes * lanes));
  const T weight = T(1) / static_cast<T>(p.samples * p.samples);
  const std::vector<T> far_lights = far_light_directions(p);
  for (int64_t i = begin; i < end; ++i) {
    const int64_t picture = i / height, y = i % height;
    T* pixels = p.rgba + 4 * width * i;
    std::fill(pixels, pixels + 4 * width, T(0));
    for (int64_t s = 0; s < p.samples; ++s) {
      load_row(p, (picture * p.SH + y * p.samples + s) * columns, columns, row);
      for (int64_t x = 0; x < columns; x += lanes) {
        if (row.any[x / lanes]) shade(p, p.camera_position + 3 * picture, far_lights.data(), row, x);
      }
      add_row(row, columns, p.samples, weight, pixels);
    }
  }
}

void shade_rows_float(const PhongShading<float>& p, int64_t begin, int64_t end) { shade_rows(p, begin, end); }
void shade_rows_double(const PhongShading<double>& p, int64_t begin, int64_t end) { shade_rows(p, begin, end); }

}  // namespace bisque::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque {

HWY_EXPORT(shade_rows_float);
HWY_EXPORT(shade_rows_double);

template <class T>
void PhongShading<T>::run(const OnCpu&) const {
  const int64_t rows = N * (SH / samples), width = SW / samples;
  if (V == 0 || F == 0 || width == 0) {
    std::fill(rgba, rgba + 4 * rows * width, T(0));
    return;
  }
  op::parallel_for(rows, 8, [&](int64_t begin, int64_t end) {
    if constexpr (sizeof(T) == 4) {
      HWY_DYNAMIC_DISPATCH(shade_rows_float)(*this, begin, end);
    } else {
      HWY_DYNAMIC_DISPATCH(shade_rows_double)(*this, begin, end);
    }
  });
}

template void PhongShading<float>::run(const OnCpu&) const;
template void PhongShading<double>::run(const OnCpu&) const;

}  // namespace bisque
#endif
