// The CUDA kernel: points are listed by tile (exactly: nothing is dropped), in no order. Then a block draws a tile, a
// thread a pixel, whose list is ordered by depth and point, so that the results do not depend on the order of the
// tile's.
#include <vector>

#include <bisque/ops3d/rasterize_points/rasterize_points_kernels.h>
#include <bisque/core/ops/each.cuh>
#include <bisque/core/ops/scan.cuh>

namespace bisque {
namespace point_raster {
namespace {

constexpr int kTile = 16;  // pixels, both ways. (The shape of the scratch has it too.)
constexpr int kTileThreads = kTile * kTile;

/// Counts the points of each list or, with `fill`, lists them.
template <class T>
__global__ void rasterize_points_bin(RasterizePoints<T> params, Viewport<T> viewport, TileGrid grid, bool fill) {
  auto* const offsets = reinterpret_cast<unsigned long long*>(params.list_offsets);
  for (int64_t cloud = blockIdx.y; cloud < params.N; cloud += gridDim.y) {
    const int64_t first = params.cloud_to_packed_first_idx[cloud], count = params.num_points_per_cloud[cloud];
    for (int64_t point = grid_first(); point < count; point += grid_step()) {
      grid.for_each_list(Disc<T>(params, first + point).box(viewport), [&](int64_t list) {
        const unsigned long long place = atomicAdd(offsets + cloud * grid.lists() + list, 1ull);
        if (fill) params.list_points[place] = static_cast<int32_t>(point);
      });
    }
  }
}

template <class T>
void launch_bin(const RasterizePoints<T>& params, bool fill, cudaStream_t stream) {
  if (params.N == 0 || params.P == 0) return;
  const dim3 blocks(blocks_for((params.P + params.N - 1) / params.N),
                    static_cast<unsigned>(params.N < 65535 ? params.N : 65535));
  rasterize_points_bin<<<blocks, kThreads, 0, stream>>>(params, Viewport<T>(params.height, params.width),
                                                        TileGrid(params.height, params.width, kTile), fill);
}

/// Throws the first range of points that is out of bounds. Waits for the device.
template <class T>
void check_ranges(const RasterizePoints<T>& params, const OnCuda& on) {
  std::vector<int64_t> first(static_cast<size_t>(params.N)), count(first.size());
  if (params.N == 0) return;
  if (!fetch(on, first.data(), params.cloud_to_packed_first_idx, params.N)) return;
  if (!fetch(on, count.data(), params.num_points_per_cloud, params.N)) return;
  RasterizePoints<T> on_host = params;
  on_host.cloud_to_packed_first_idx = first.data();
  on_host.num_points_per_cloud = count.data();
  for (int64_t cloud = 0; cloud < params.N; ++cloud) {
    BadValue bad = check_point_range(on_host, cloud);
    if (!bad.array) continue;
    bad.array = bad.array == count.data() ? params.num_points_per_cloud : params.cloud_to_packed_first_idx;
    throw bad;
  }
}

constexpr int32_t kNoPoint = std::numeric_limits<int32_t>::max();

template <class T>
__device__ bool comes_before(T z, int32_t point, T other_z, int32_t other_point) {
  return z < other_z || (z == other_z && point < other_point);
}

/// The list of a pixel in registers, for K up to kMost.
template <class T, int kMost>
struct RegisterList {
  __device__ RegisterList(const RasterizePoints<T>&, int64_t, bool) {
    for (int i = 0; i < kMost; ++i) {
      z[i] = std::numeric_limits<T>::infinity();
      points[i] = kNoPoint;
    }
  }
  __device__ T farthest() const { return z[kMost - 1]; }
  __device__ void insert(T new_z, int32_t new_point) {
#pragma unroll
    for (int i = 0; i < kMost; ++i) {
      if (!comes_before(new_z, new_point, z[i], points[i])) continue;
      const T old_z = z[i];
      const int32_t old_point = points[i];
      z[i] = new_z;
      points[i] = new_point;
      new_z = old_z;
      new_point = old_point;
    }
  }
  template <class Write>
  __device__ void for_each(const RasterizePoints<T>& params, const Write& write) const {
#pragma unroll
    for (int i = 0; i < kMost; ++i) {
      if (i < params.points_per_pixel) write(i, points[i]);
    }
  }

  T z[kMost];
  int32_t points[kMost];
};

/// The list of a pixel in the results' memory: points in idx, depths in zbuf.
template <class T>
struct ResultList {
  /// A thread beyond the picture's end has none.
  __device__ ResultList(const RasterizePoints<T>& params, int64_t entry, bool in_picture)
      : z(params.zbuf + entry), points(params.idx + entry), k(in_picture ? params.points_per_pixel : 0) {
    for (int64_t i = 0; i < k; ++i) {
      z[i] = std::numeric_limits<T>::infinity();
      points[i] = kNoPoint;
    }
  }
  __device__ T farthest() const { return z[k - 1]; }
  __device__ void insert(T new_z, int32_t new_point) {
    int64_t place = k - 1;
    if (!comes_before(new_z, new_point, z[place], static_cast<int32_t>(points[place]))) return;
    for (; place > 0 && comes_before(new_z, new_point, z[place - 1], static_cast<int32_t>(points[place - 1]));
         --place) {
      z[place] = z[place - 1];
      points[place] = points[place - 1];
    }
    z[place] = new_z;
    points[place] = new_point;
  }
  template <class Write>
  __device__ void for_each(const RasterizePoints<T>&, const Write& write) const {
    for (int64_t i = 0; i < k; ++i) write(i, static_cast<int32_t>(points[i]));
  }

  T* z;
  int64_t* points;
  int64_t k;
};

/// A block's points in shared memory.
template <class T>
struct SharedDisc {
  T x, y, z, radius;
  int32_t point;
};

template <class T, class List>
__device__ void draw_tile(const RasterizePoints<T>& params, const Viewport<T>& viewport, const TileGrid& grid,
                          int64_t cloud, int64_t tile, SharedDisc<T>* discs) {
  const int32_t x = static_cast<int32_t>(tile % grid.columns) * kTile + threadIdx.x % kTile;
  const int32_t y = static_cast<int32_t>(tile / grid.columns) * kTile + threadIdx.x / kTile;
  const bool in_picture = x < viewport.width && y < viewport.height;
  const int64_t entry = ((cloud * viewport.height + y) * viewport.width + x) * params.points_per_pixel;
  const int64_t first = params.cloud_to_packed_first_idx[cloud];
  const T at_x = viewport.x(x), at_y = viewport.y(y);
  List list(params, entry, in_picture);
  for (const int64_t which : {tile, grid.tiles()}) {
    const int64_t index = cloud * grid.lists() + which;
    const int64_t end = params.list_offsets[index];
    for (int64_t begin = index > 0 ? params.list_offsets[index - 1] : 0; begin < end; begin += kTileThreads) {
      const int n = static_cast<int>(end - begin < kTileThreads ? end - begin : kTileThreads);
      __syncthreads();
      if (static_cast<int>(threadIdx.x) < n) {
        const int32_t point = params.list_points[begin + threadIdx.x];
        const Disc<T> disc(params, first + point);
        discs[threadIdx.x] = {disc.x, disc.y, disc.z, disc.radius, point};
      }
      __syncthreads();
      if (!in_picture) continue;
      for (int i = 0; i < n; ++i) {
        const SharedDisc<T>& disc = discs[i];
        const T dx = at_x - disc.x, dy = at_y - disc.y;
        if (dx * dx + dy * dy < disc.radius * disc.radius && disc.z <= list.farthest()) list.insert(disc.z, disc.point);
      }
    }
  }
  if (!in_picture) return;
  list.for_each(params, [&](int64_t k, int32_t point) {
    T z = -1, dist = -1;
    if (point != kNoPoint) {
      const Disc<T> disc(params, first + point);
      disc.covers(at_x, at_y, &dist);
      z = disc.z;
    }
    params.idx[entry + k] = point == kNoPoint ? -1 : first + point;
    params.zbuf[entry + k] = z;
    params.dists[entry + k] = dist;
  });
}

template <class T, class List>
__global__ void rasterize_points_draw(RasterizePoints<T> params, Viewport<T> viewport, TileGrid grid) {
  __shared__ SharedDisc<T> discs[kTileThreads];
  for (int64_t i = blockIdx.x; i < params.N * grid.tiles(); i += gridDim.x) {
    draw_tile<T, List>(params, viewport, grid, i / grid.tiles(), i % grid.tiles(), discs);
  }
}

template <class List, class T>
void launch_draw(const RasterizePoints<T>& params, cudaStream_t stream) {
  const TileGrid grid(params.height, params.width, kTile);
  const int64_t tiles = params.N * grid.tiles();
  const int blocks = static_cast<int>(tiles < (1 << 20) ? tiles : 1 << 20);
  rasterize_points_draw<T, List>
      <<<blocks, kTileThreads, 0, stream>>>(params, Viewport<T>(params.height, params.width), grid);
}

}  // namespace
}  // namespace point_raster

/// Counts the points of each list.
template <class T>
std::array<int64_t, 1> RasterizePoints<T>::count(const OnCuda& on) const {
  using namespace point_raster;
  check_ranges(*this, on);
  const int64_t lists = N * TileGrid(height, width, kTile).lists();
  fill_zero(on, list_offsets, lists);
  launch_bin(*this, false, static_cast<cudaStream_t>(on.stream));
  return {exclusive_scan(on, list_offsets, lists, scan_sums)};
}

template <class T>
void RasterizePoints<T>::run(const OnCuda& on) const {
  using namespace point_raster;
  const auto stream = static_cast<cudaStream_t>(on.stream);
  if (N * height * width == 0) return;
  launch_bin(*this, true, stream);  // moves each offset from the begin of its list to the end
  // Lists in registers are for speed, which float64 is not asked for.
  if constexpr (sizeof(T) == sizeof(float)) {
    if (points_per_pixel == 1) return launch_draw<RegisterList<T, 1>>(*this, stream);
    if (points_per_pixel <= 8) return launch_draw<RegisterList<T, 8>>(*this, stream);
  }
  launch_draw<ResultList<T>>(*this, stream);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::RasterizePoints)
