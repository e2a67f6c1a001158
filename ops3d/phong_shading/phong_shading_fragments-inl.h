// The fragments of a picture as vectors: positions and normals are interpolated where they are used, so that each
// fragment is read once. Compiled once for each SIMD target.
#if defined(BISQUE_PHONG_SHADING_FRAGMENTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_PHONG_SHADING_FRAGMENTS_INL_H_
#undef BISQUE_PHONG_SHADING_FRAGMENTS_INL_H_
#else
#define BISQUE_PHONG_SHADING_FRAGMENTS_INL_H_
#endif

#include <algorithm>
#include <vector>

#include <bisque/ops3d/phong_shading/phong_shading_math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::phong::HWY_NAMESPACE {

/// Four numbers at a time, in as many vectors as that takes.
template <class T>
using Part = hn::FixedTag<T, 16 / sizeof(T)>;
template <class T>
constexpr size_t kPart = 16 / sizeof(T);

/// Rows of three numbers that are read as four: the last row is a copy, since nothing comes after it.
template <class T>
class Rows {
 public:
  Rows(const T* values, int64_t count) : values_(values), last_(count - 1) {
    std::copy_n(values + 3 * last_, 3, copy_);
  }
  HWY_INLINE const T* operator[](int64_t i) const { return i == last_ ? copy_ : values_ + 3 * i; }

 private:
  const T* values_;
  int64_t last_;
  T copy_[4] = {};
};

/// A vector of fragments.
template <class T>
struct Chunk {
  alignas(64) T position[4 * kLanes<T>];  // four numbers each; the fourth has no meaning
  alignas(64) T normal[4 * kLanes<T>];
  alignas(64) T cover[kLanes<T>];  // 1, or 0 for background
  int64_t corners[3 * kLanes<T>];  // vertices; of covered fragments

  HWY_INLINE Vec3<Real<T>> positions() const { return columns(position); }
  HWY_INLINE Vec3<Real<T>> normals() const { return columns(normal); }
  HWY_INLINE LaneMask<T> covered() const {
    const Lanes<T> d;
    return hn::Gt(hn::Load(d, cover), hn::Zero(d));
  }

 private:
  static HWY_INLINE Vec3<Real<T>> columns(const T* rows) {
    hn::Vec<Lanes<T>> x, y, z, unused;
    hn::LoadInterleaved4(Lanes<T>(), rows, x, y, z, unused);
    return {Real<T>(x), Real<T>(y), Real<T>(z)};
  }
};

/// Interpolates three rows.
template <class T>
HWY_INLINE void mix(const T* a, const T* b, const T* c, const T* bary, T* out) {
  const Part<T> d;
  const auto b0 = hn::Set(d, bary[0]), b1 = hn::Set(d, bary[1]), b2 = hn::Set(d, bary[2]);
  for (size_t i = 0; i < 4; i += kPart<T>) {
    hn::Store(hn::Add(hn::Add(hn::Mul(b0, hn::LoadU(d, a + i)), hn::Mul(b1, hn::LoadU(d, b + i))),
                      hn::Mul(b2, hn::LoadU(d, c + i))),
              d, out + i);
  }
}

/// What fragments refer to.
template <class T>
struct Mesh {
  const int64_t* faces;
  int64_t V, F;
  Rows<T> verts, normals;

  template <class P>
  explicit Mesh(const P& p) : faces(p.faces), V(p.V), F(p.F), verts(p.verts, p.V), normals(p.normals, p.V) {}

  /// Loads n fragments, at most a vector; the others are background. False if all are, with nothing loaded.
  HWY_INLINE bool load(const int64_t* pix_to_face, const T* bary_coords, int64_t n, Chunk<T>* chunk) const {
    int64_t sign = -1;
    for (int64_t i = 0; i < n; ++i) sign &= pix_to_face[i];
    if (sign < 0) return false;
    bool any = false;
    for (int64_t i = 0; i < static_cast<int64_t>(kLanes<T>); ++i) {
      T *position = chunk->position + 4 * i, *normal = chunk->normal + 4 * i;
      const int64_t* at = i < n ? corners_of(faces, F, V, pix_to_face[i]) : nullptr;
      chunk->cover[i] = at ? T(1) : T(0);
      if (!at) {
        std::fill_n(position, 4, T(0));
        std::fill_n(normal, 4, T(0));
        continue;
      }
      any = true;
      std::copy_n(at, 3, chunk->corners + 3 * i);
      mix(verts[at[0]], verts[at[1]], verts[at[2]], bary_coords + 3 * i, position);
      mix(normals[at[0]], normals[at[1]], normals[at[2]], bary_coords + 3 * i, normal);
    }
    return any;
  }
};

/// The colours of n fragments [n, 3], at most a vector; 0 for the others.
template <class T>
HWY_INLINE Vec3<Real<T>> load_colors(const T* colors, int64_t n) {
  alignas(64) T padded[3 * kLanes<T>];
  if (n < static_cast<int64_t>(kLanes<T>)) {
    std::fill(std::copy_n(colors, 3 * n, padded), padded + 3 * kLanes<T>, T(0));
    colors = padded;
  }
  hn::Vec<Lanes<T>> x, y, z;
  hn::LoadInterleaved3(Lanes<T>(), colors, x, y, z);
  return {Real<T>(x), Real<T>(y), Real<T>(z)};
}

/// The lights of a picture, with the directions towards those that are far away.
template <class T>
class Lighting {
 public:
  template <class P>
  Lighting(const P& p, int64_t n) : picture_(p, n), far_directions_(static_cast<size_t>(3 * p.L)) {
    const Vec3<Real<T>> anywhere{Real<T>(0), Real<T>(0), Real<T>(0)};
    for (int64_t l = 0; l < p.L; ++l) {
      const Vec3<Real<T>> direction = picture_.light_direction(l, anywhere);
      const Real<T> parts[3] = {direction.x, direction.y, direction.z};
      for (int k = 0; k < 3; ++k) far_directions_[static_cast<size_t>(3 * l + k)] = hn::GetLane(parts[k].lanes);
    }
    picture_.far_directions = far_directions_.data();
  }
  Lighting(const Lighting&) = delete;
  Lighting& operator=(const Lighting&) = delete;

  const Picture<T>& picture() const { return picture_; }

 private:
  Picture<T> picture_;
  std::vector<T> far_directions_;
};

}  // namespace bisque::phong::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
