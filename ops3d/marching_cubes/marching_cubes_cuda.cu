#include <bisque/ops3d/marching_cubes/marching_cubes_math.h>
#include <bisque/core/ops/each.cuh>
#include <bisque/core/ops/scan.cuh>

namespace bisque {
namespace {

__device__ const MarchingCubesTable kTable = make_marching_cubes_table();

constexpr unsigned kAll = ~0u;
// The shapes of the scratch have these too.
constexpr int64_t kExtremes = 64;
static_assert(kScanChunks == 1024);

// A warp takes a unit of work, a lane a point of it.
__device__ inline int64_t first_unit() { return grid_first() / 32; }
__device__ inline int64_t unit_step() { return grid_step() / 32; }
__device__ inline int lane_of() { return static_cast<int>(threadIdx.x % 32); }

// --- Isolevels ----------------------------------------------------------------------------------------------------

// The extremes of the numbers that each thread saw, in thread 0. Whoever saw none brings infinities.
template <class T>
__device__ void block_extremes(T& least, T& greatest) {
  __shared__ T lows[kThreads], highs[kThreads];
  lows[threadIdx.x] = least;
  highs[threadIdx.x] = greatest;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x >= half) continue;
    if (lows[threadIdx.x + half] < lows[threadIdx.x]) lows[threadIdx.x] = lows[threadIdx.x + half];
    if (highs[threadIdx.x + half] > highs[threadIdx.x]) highs[threadIdx.x] = highs[threadIdx.x + half];
  }
  least = lows[0];
  greatest = highs[0];
}

// Block (part, volume): [N, kExtremes, 2]. NaN is left out, since no comparison with it holds.
template <class T>
__global__ void marching_cubes_extremes(MarchingCubesParams<T> p) {
  const int64_t size = p.D * p.H * p.W;
  for (int64_t volume = blockIdx.y; volume < p.N; volume += gridDim.y) {
    T least = static_cast<T>(INFINITY), greatest = -least;
    for (int64_t i = grid_first(); i < size; i += grid_step()) {
      const T value = p.vol[volume * size + i];
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    block_extremes(least, greatest);
    if (threadIdx.x == 0) {
      T* out = p.extremes + 2 * (volume * kExtremes + blockIdx.x);
      out[0] = least;
      out[1] = greatest;
    }
    __syncthreads();
  }
}

template <class T>
__global__ void marching_cubes_isolevels(MarchingCubesParams<T> p) {
  for (int64_t volume = grid_first(); volume < p.N; volume += grid_step()) {
    T isolevel = static_cast<T>(p.isolevel);
    if (p.auto_isolevel()) {
      const T* parts = p.extremes + 2 * volume * kExtremes;
      T least = parts[0], greatest = parts[1];
      for (int64_t i = 1; i < kExtremes; ++i) {
        if (parts[2 * i] < least) least = parts[2 * i];
        if (parts[2 * i + 1] > greatest) greatest = parts[2 * i + 1];
      }
      isolevel = T(0.5) * least + T(0.5) * greatest;
    }
    p.isolevels[volume] = isolevel;
  }
}

// --- Counting -----------------------------------------------------------------------------------------------------

template <class T>
__global__ void marching_cubes_classify_units(MarchingCubesParams<T> p) {
  for (int64_t unit = first_unit(); unit < p.units(); unit += unit_step()) {
    const UnitPlace place = place_of(p, unit);
    const int64_t x = 32 * place.word + lane_of();
    bool below = false, at = false;
    if (x < p.W) {
      const T value = p.vol[row_of(p, place.volume, place.z, place.y) * p.W + x];
      below = value < p.isolevels[place.volume];
      at = value == p.isolevels[place.volume];
    }
    const uint32_t below_bits = __ballot_sync(kAll, below), at_bits = __ballot_sync(kAll, at);
    if (lane_of() == 0) {
      p.below[unit] = below_bits;
      p.at[unit] = at_bits;
    }
  }
}

template <class T>
__global__ void marching_cubes_count_units(MarchingCubesParams<T> p) {
  for (int64_t unit = first_unit(); unit < p.units(); unit += unit_step()) {
    const UnitPlace place = place_of(p, unit);
    int faces = 0;
    if (has_cells(p, place)) {
      const CellBits cells = cells_of(p, place);
      if (cut_cells(p, place, cells) >> lane_of() & 1) faces = count_triangles(kTable, cell_of(cells, lane_of()));
    }
    for (int step = 16; step > 0; step /= 2) faces += __shfl_down_sync(kAll, faces, step);
    const GridPoint point = {place.volume, place.z, place.y, 32 * place.word + lane_of()};
    const bool corner = (possible_corners(p, place) >> lane_of() & 1) && is_corner(p, kTable, point);
    const uint32_t corners = __ballot_sync(kAll, corner);
    if (lane_of() == 0) {
      p.corners[unit] = corners;
      p.face_offsets[unit] = faces;
      p.vert_offsets[unit] = count_verts(vert_masks_of(p, place, corners));
    }
  }
}

template <class T>
__global__ void marching_cubes_count_meshes(MarchingCubesParams<T> p) {
  const int64_t per_volume = p.D * p.H * p.words();
  for (int64_t i = grid_first(); i < p.N; i += grid_step()) {
    p.num_verts[i] = p.vert_offsets[(i + 1) * per_volume] - p.vert_offsets[i * per_volume];
    p.num_faces[i] = p.face_offsets[(i + 1) * per_volume] - p.face_offsets[i * per_volume];
  }
}

// --- Writing ------------------------------------------------------------------------------------------------------

template <class T>
__device__ void write_verts(const MarchingCubesParams<T>& p, const UnitPlace& place) {
  const UnitVerts verts = verts_of(p, place);
  const int64_t volume_first = p.vert_offsets[place.volume * p.D * p.H * p.words()];
  const GridPoint point = {place.volume, place.z, place.y, 32 * place.word + lane_of()};
  for (int kind = 0; kind < 4; ++kind) {
    if (!(verts.masks[kind] >> lane_of() & 1)) continue;
    write_vert(p, point, kind, p.verts + 3 * (volume_first + vert_index(verts, lane_of(), kind)));
  }
}

template <class T>
__device__ void write_faces(const MarchingCubesParams<T>& p, const UnitPlace& place, int64_t first_face) {
  const CellBits cells = cells_of(p, place);
  const uint32_t cut = cut_cells(p, place, cells);
  const CellVerts verts = cell_verts_of(p, place, cut >> 31);
  const Cell cell = cell_of(cells, lane_of());
  const bool own = cut >> lane_of() & 1;
  const int count = own ? count_triangles(kTable, cell) : 0;
  int inclusive_sum = count;
  for (int step = 1; step < 32; step *= 2) {
    const int other = __shfl_up_sync(kAll, inclusive_sum, step);
    if (lane_of() >= step) inclusive_sum += other;
  }
  if (!own) return;
  int64_t* face = p.faces + 3 * (first_face + inclusive_sum - count);
  each_triangle(kTable, cell, [&](int a, int b, int c) {
    face[0] = cell_vert_index(verts, lane_of(), a);
    face[1] = cell_vert_index(verts, lane_of(), b);
    face[2] = cell_vert_index(verts, lane_of(), c);
    face += 3;
  });
}

template <class T>
__global__ void marching_cubes_write_units(MarchingCubesParams<T> p) {
  for (int64_t unit = first_unit(); unit < p.units(); unit += unit_step()) {
    const UnitPlace place = place_of(p, unit);
    if (p.vert_offsets[unit] < p.vert_offsets[unit + 1]) write_verts(p, place);
    if (p.face_offsets[unit] < p.face_offsets[unit + 1]) write_faces(p, place, p.face_offsets[unit]);
  }
}

}  // namespace

template <class T>
std::array<int64_t, 2> MarchingCubesParams<T>::count(const OnCuda& on) const {
  const auto stream = static_cast<cudaStream_t>(on.stream);
  if (!has_cells()) {
    fill_zero(on, num_verts, N);
    fill_zero(on, num_faces, N);
    return {0, 0};
  }
  if (auto_isolevel()) {
    const dim3 grid(kExtremes, static_cast<unsigned>(N < 65535 ? N : 65535));
    marching_cubes_extremes<<<grid, kThreads, 0, stream>>>(*this);
  }
  marching_cubes_isolevels<<<blocks_for(N), kThreads, 0, stream>>>(*this);
  marching_cubes_classify_units<<<blocks_for(32 * units()), kThreads, 0, stream>>>(*this);
  marching_cubes_count_units<<<blocks_for(32 * units()), kThreads, 0, stream>>>(*this);
  exclusive_scan(vert_offsets, units(), sums, stream);
  exclusive_scan(face_offsets, units(), sums, stream);
  marching_cubes_count_meshes<<<blocks_for(N), kThreads, 0, stream>>>(*this);
  std::array<int64_t, 2> sizes{};
  cudaMemcpyAsync(&sizes[0], vert_offsets + units(), sizeof(int64_t), cudaMemcpyDeviceToHost, stream);
  fetch(on, &sizes[1], face_offsets + units());
  return sizes;
}

template <class T>
void MarchingCubesParams<T>::run(const OnCuda& on) const {
  if (!has_cells()) return;
  const auto stream = static_cast<cudaStream_t>(on.stream);
  marching_cubes_write_units<<<blocks_for(32 * units()), kThreads, 0, stream>>>(*this);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::MarchingCubesParams)
