#include <bisque/ops3d/marching_cubes/marching_cubes_math.h>
#include <bisque/core/ops/scan.cuh>

namespace bisque {
namespace {

__device__ const MarchingCubesTable kTable = make_marching_cubes_table();

constexpr unsigned kAll = ~0u;
static_assert(kMarchingCubesSums == kScanChunks);

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

// Block (part, volume): [N, kMarchingCubesExtremes, 2]. NaN is left out, since no comparison with it holds.
template <class T>
__global__ void marching_cubes_extremes(MarchingCubesParams<T> p, T* extremes) {
  const int64_t size = p.depth * p.height * p.width;
  for (int64_t volume = blockIdx.y; volume < p.volumes; volume += gridDim.y) {
    T least = static_cast<T>(INFINITY), greatest = -least;
    for (int64_t i = grid_first(); i < size; i += grid_step()) {
      const T value = p.vol[volume * size + i];
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    block_extremes(least, greatest);
    if (threadIdx.x == 0) {
      T* out = extremes + 2 * (volume * kMarchingCubesExtremes + blockIdx.x);
      out[0] = least;
      out[1] = greatest;
    }
    __syncthreads();
  }
}

template <class T>
__global__ void marching_cubes_isolevels(MarchingCubesParams<T> p, const T* extremes) {
  for (int64_t volume = grid_first(); volume < p.volumes; volume += grid_step()) {
    T isolevel = p.isolevel;
    if (p.own_isolevel) {
      const T* parts = extremes + 2 * volume * kMarchingCubesExtremes;
      T least = parts[0], greatest = parts[1];
      for (int64_t i = 1; i < kMarchingCubesExtremes; ++i) {
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
  for (int64_t unit = first_unit(); unit < p.units; unit += unit_step()) {
    const UnitPlace place = place_of(p, unit);
    const int64_t x = 32 * place.word + lane_of();
    bool below = false, at = false;
    if (x < p.width) {
      const T value = p.vol[row_of(p, place.volume, place.z, place.y) * p.width + x];
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
  for (int64_t unit = first_unit(); unit < p.units; unit += unit_step()) {
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
      p.face_first[unit] = faces;
      p.vert_first[unit] = count_verts(vert_masks_of(p, place, corners));
    }
  }
}

template <class T>
__global__ void marching_cubes_count_meshes(MarchingCubesParams<T> p) {
  const int64_t per_volume = p.depth * p.height * p.words;
  for (int64_t i = grid_first(); i < p.volumes; i += grid_step()) {
    p.num_verts[i] = p.vert_first[(i + 1) * per_volume] - p.vert_first[i * per_volume];
    p.num_faces[i] = p.face_first[(i + 1) * per_volume] - p.face_first[i * per_volume];
  }
}

// --- Writing ------------------------------------------------------------------------------------------------------

template <class T>
__device__ void write_verts(const MarchingCubesParams<T>& p, const UnitPlace& place) {
  const UnitVerts verts = verts_of(p, place);
  const int64_t volume_first = p.vert_first[place.volume * p.depth * p.height * p.words];
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
  int upto = count;
  for (int step = 1; step < 32; step *= 2) {
    const int other = __shfl_up_sync(kAll, upto, step);
    if (lane_of() >= step) upto += other;
  }
  if (!own) return;
  int64_t* face = p.faces + 3 * (first_face + upto - count);
  each_triangle(kTable, cell, [&](int a, int b, int c) {
    face[0] = cell_vert_index(verts, lane_of(), a);
    face[1] = cell_vert_index(verts, lane_of(), b);
    face[2] = cell_vert_index(verts, lane_of(), c);
    face += 3;
  });
}

template <class T>
__global__ void marching_cubes_write_units(MarchingCubesParams<T> p) {
  for (int64_t unit = first_unit(); unit < p.units; unit += unit_step()) {
    const UnitPlace place = place_of(p, unit);
    if (p.vert_first[unit] < p.vert_first[unit + 1]) write_verts(p, place);
    if (p.face_first[unit] < p.face_first[unit + 1]) write_faces(p, place, p.face_first[unit]);
  }
}

}  // namespace

template <class T>
void marching_cubes_cuda_count(const MarchingCubesParams<T>& p, T* extremes, int64_t* sums, void* stream) {
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  if (p.own_isolevel) {
    const dim3 grid(kMarchingCubesExtremes, static_cast<unsigned>(p.volumes < 65535 ? p.volumes : 65535));
    marching_cubes_extremes<<<grid, kThreads, 0, cuda_stream>>>(p, extremes);
  }
  marching_cubes_isolevels<<<blocks_for(p.volumes), kThreads, 0, cuda_stream>>>(p, extremes);
  marching_cubes_classify_units<<<blocks_for(32 * p.units), kThreads, 0, cuda_stream>>>(p);
  marching_cubes_count_units<<<blocks_for(32 * p.units), kThreads, 0, cuda_stream>>>(p);
  exclusive_scan(p.vert_first, p.units, sums, cuda_stream);
  exclusive_scan(p.face_first, p.units, sums, cuda_stream);
  marching_cubes_count_meshes<<<blocks_for(p.volumes), kThreads, 0, cuda_stream>>>(p);
}

template <class T>
void marching_cubes_cuda_write(const MarchingCubesParams<T>& p, void* stream) {
  marching_cubes_write_units<<<blocks_for(32 * p.units), kThreads, 0, static_cast<cudaStream_t>(stream)>>>(p);
}

template void marching_cubes_cuda_count(const MarchingCubesParams<float>&, float*, int64_t*, void*);
template void marching_cubes_cuda_count(const MarchingCubesParams<double>&, double*, int64_t*, void*);
template void marching_cubes_cuda_write(const MarchingCubesParams<float>&, void*);
template void marching_cubes_cuda_write(const MarchingCubesParams<double>&, void*);

}  // namespace bisque
