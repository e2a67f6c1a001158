// The params of marching_cubes. No torch, no CUDA.
#pragma once
#include <array>
#include <cstdint>

#include <bisque/core/ops/each.h>

namespace bisque {

/// What is known of each grid point is kept as bits: a word holds 32 neighbours along x, of which it makes a unit of
/// work. Units lie in the order of the volume, [N, D, H, words].
template <class T>
struct MarchingCubesParams {
  const T* vol;              // [N, D, H, W]
  double isolevel;           // NaN: each volume's is halfway between its extremes
  bool return_local_coords;  // verts in [-1, 1]; else in grid points
  T* verts;                  // [V, 3], null while counting
  int64_t* faces;            // [F, 3], null while counting
  int64_t* num_verts;        // [N]
  int64_t* num_faces;        // [N]
  T* isolevels;              // [N], from here on scratch
  uint32_t* below;           // [units] points below the isolevel
  uint32_t* at;              // [units] points that equal it
  uint32_t* corners;         // [units] points that are a vertex
  int64_t* vert_offsets;     // [units + 1] the units' counts, then their sums before each, then all
  int64_t* face_offsets;     // [units + 1]
  T* extremes;               // [N, 64, 2], of CUDA
  int64_t* sums;             // [1024], of CUDA
  int64_t N, D, H, W, V, F;

  BISQUE_HOST_DEVICE bool auto_isolevel() const { return isolevel != isolevel; }
  BISQUE_HOST_DEVICE int64_t words() const { return (W + 31) >> 5; }  // in a row
  BISQUE_HOST_DEVICE int64_t units() const { return N * D * H * words(); }
  BISQUE_HOST_DEVICE bool has_cells() const { return N > 0 && D > 1 && H > 1 && W > 1; }

  std::array<int64_t, 2> count(const OnCpu& on) const;
  void run(const OnCpu& on) const;
  std::array<int64_t, 2> count(const OnCuda& on) const;
  void run(const OnCuda& on) const;
};

/// Parts of the CPU kernel in SIMD: bits of the rows [begin, end) of all volumes; extremes of numbers, NaN left out.
template <class T>
void marching_cubes_classify(const MarchingCubesParams<T>& params, int64_t begin, int64_t end);
template <class T>
struct Extremes {
  T least, greatest;
};
template <class T>
Extremes<T> extremes_of(const T* numbers, int64_t count);

}  // namespace bisque
