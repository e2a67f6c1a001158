// The bridge between the glue and the kernels of marching_cubes: no torch, no CUDA.
#pragma once
#include <cstdint>

namespace bisque {

/// What is known of each grid point is kept as bits: a word holds 32 neighbours along x, of which it makes a unit of
/// work. Units lie in the order of the volume, [N, D, H, words].
template <class T>
struct MarchingCubesParams {
  const T* vol;                           // [N, D, H, W]
  int64_t volumes, depth, height, width;  // depth, height and width are at least 2
  int64_t words;                          // in a row
  int64_t units;                          // of all volumes
  bool own_isolevel;                      // each volume's is halfway between its extremes; else `isolevel`
  bool local_coords;                      // verts in [-1, 1]; else in grid points
  T isolevel;
  T* isolevels;                      // [N]
  uint32_t* below;                   // [units] points below the isolevel
  uint32_t* at;                      // [units] points that equal it
  uint32_t* corners;                 // [units] points that are a vertex
  int64_t *vert_first, *face_first;  // [units + 1] the units' counts, then their sums before each, then all
  int64_t *num_verts, *num_faces;    // [N]
  T* verts;                          // [sum V, 3], null while counting
  int64_t* faces;                    // [sum F, 3], null while counting
};

/// Fills all but verts and faces; these are to hold vert_first[units] and face_first[units] rows.
template <class T>
void marching_cubes_cpu_count(const MarchingCubesParams<T>& params);
template <class T>
void marching_cubes_cpu_write(const MarchingCubesParams<T>& params);

/// Parts of the CPU kernel in SIMD: bits of the rows [begin, end) of all volumes; extremes of numbers, NaN left out.
template <class T>
void marching_cubes_classify(const MarchingCubesParams<T>& params, int64_t begin, int64_t end);
template <class T>
struct Extremes {
  T least, greatest;
};
template <class T>
Extremes<T> extremes_of(const T* numbers, int64_t count);

/// The same on CUDA, in kernels on `stream`, a cudaStream_t. `extremes` is scratch of [N, kMarchingCubesExtremes, 2],
/// `sums` of [kMarchingCubesSums].
constexpr int64_t kMarchingCubesExtremes = 64, kMarchingCubesSums = 1024;
template <class T>
void marching_cubes_cuda_count(const MarchingCubesParams<T>& params, T* extremes, int64_t* sums, void* stream);
template <class T>
void marching_cubes_cuda_write(const MarchingCubesParams<T>& params, void* stream);

}  // namespace bisque
