// Faces are counted by tile, the counts are summed up to where each tile's list begins, and the lists are filled
// (exactly: nothing is dropped), in no order.
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_job.cuh>

namespace bisque {
namespace raster {
namespace {

constexpr int kScanThreads = 1024;
constexpr int64_t kManyThreads = 1 << 21;  // several times what a device runs at once
constexpr Counter kNone = static_cast<Counter>(-1);

template <class T>
__global__ void rasterize_place(Job<T> job, Vertex<T>* out) {
  for (int64_t i = grid_first(); i < job.params.V; i += grid_step()) {
    out[i] = place_vertex(job.viewport, job.params.verts + 3 * i);
  }
}

/// A face that may be drawn, and the pixels that it may take.
template <class T>
struct DrawnFace {
  __device__ bool find(const Job<T>& job, int64_t mesh, int64_t face) {
    const int64_t offset = vert_offset(job.params, mesh);
    for (int k = 0; k < 3; ++k) {
      const int64_t position = 3 * face + k;
      if (check_corner(job.params, position, offset).array) {
        atomicMin(&job.found->bad_index, static_cast<Counter>(position));
        return false;
      }
      corner[k] = job.verts + offset + job.params.faces[position];
    }
    const T depth = corner[0]->depth + corner[1]->depth + corner[2]->depth;
    if (depth != depth) return false;  // a vertex that cannot be drawn
    polygon = visible_polygon(corner, job.viewport);
    box = pixels_of(polygon, job.viewport);
    return !box.empty();
  }

  /// False where it surely takes no pixel of a tile.
  __device__ bool may_touch(const Job<T>& job, int32_t tile_x, int32_t tile_y) const {
    const Coverage coverage = cover(polygon, job.viewport.cull, static_cast<int64_t>(tile_x) * kTile * kGridUnit,
                                    static_cast<int64_t>(tile_y) * kTile * kGridUnit);
    if (coverage.triangles == 0) return false;
    int64_t lowest[3];
    lowest_edges(polygon, coverage, box, job.viewport, lowest);
    for (int k = 0; k < 3; ++k) {
      const TileEdge& edge = coverage.edge[0][k];
      const int64_t down = edge.dx * (kTile - 1), across = -edge.dy * (kTile - 1);
      if (edge.base + (down > 0 ? down : 0) + (across > 0 ? across : 0) < lowest[k]) return false;
    }
    return true;
  }

  const Vertex<T>* corner[3];
  Polygon polygon;
  PixelBox box;
};

/// Counts the faces of each tile or, with `fill`, lists them.
template <class T>
__device__ void bin_face(const Job<T>& job, int64_t mesh, int64_t first, int64_t face, bool fill) {
  DrawnFace<T> drawn;
  if (!drawn.find(job, mesh, first + face)) return;
  for (int32_t y = drawn.box.y0 / kTile; y <= drawn.box.y1 / kTile; ++y) {
    for (int32_t x = drawn.box.x0 / kTile; x <= drawn.box.x1 / kTile; ++x) {
      if (!drawn.may_touch(job, x, y)) continue;
      Counter* const tile = job.tiles + mesh * job.tiles_a_mesh() + static_cast<int64_t>(y) * job.tiles_x + x;
      if (fill) {
        job.tile_faces[atomicAdd(tile, static_cast<Counter>(-1)) - 1] = static_cast<int32_t>(face);
      } else {
        atomicAdd(tile, static_cast<Counter>(1));
      }
    }
  }
}

template <class T>
__global__ void rasterize_bin(Job<T> job, bool fill) {
  for (int64_t mesh = blockIdx.y; mesh < job.params.N; mesh += gridDim.y) {
    if (check_mesh(job.params, mesh).array) {
      if (threadIdx.x == 0) atomicMin(&job.found->bad_mesh, static_cast<Counter>(mesh));
      continue;
    }
    const int64_t first = job.params.mesh_to_face_first_idx[mesh], count = job.params.num_faces_per_mesh[mesh];
    for (int64_t face = grid_first(); face < count; face += grid_step()) bin_face(job, mesh, first, face, fill);
  }
}

/// The index that was found to be bad, by the first mesh whose face has it: the offset decides on what is bad.
template <class T>
__device__ BadValue bad_corner(const Job<T>& job, int64_t position) {
  for (int64_t mesh = 0; mesh < job.params.N; ++mesh) {
    const int64_t within = position / 3 - job.params.mesh_to_face_first_idx[mesh];
    if (within < 0 || within >= job.params.num_faces_per_mesh[mesh]) continue;
    const BadValue bad = check_corner(job.params, position, vert_offset(job.params, mesh));
    if (bad.array) return bad;
  }
  return {};
}

template <class T>
__device__ BadValue first_bad(const Job<T>& job) {
  const Found& found = *job.found;
  if (found.bad_mesh != kNone) return check_mesh(job.params, static_cast<int64_t>(found.bad_mesh));
  if (found.bad_index == kNone) return {};
  return bad_corner(job, static_cast<int64_t>(found.bad_index));
}

/// Sums the counts up in place, by one block.
template <class T>
__global__ void rasterize_scan(Job<T> job) {
  Counter* const tiles = job.tiles;
  const int64_t n = job.num_tiles();
  __shared__ Counter sums[kScanThreads];
  Counter before = 0;
  for (int64_t begin = 0; begin < n; begin += kScanThreads) {
    const int64_t i = begin + threadIdx.x;
    Counter sum = i < n ? tiles[i] : 0;
    sums[threadIdx.x] = sum;
    for (int step = 1; step < kScanThreads; step *= 2) {
      __syncthreads();
      const Counter other = threadIdx.x >= step ? sums[threadIdx.x - step] : 0;
      __syncthreads();
      sum += other;
      sums[threadIdx.x] = sum;
    }
    __syncthreads();
    if (i < n) tiles[i] = before + sum;
    before += sums[kScanThreads - 1];
    __syncthreads();
  }
  if (threadIdx.x != 0) return;
  tiles[n] = job.found->tile_faces = before;
  job.found->bad = first_bad(job);
}

template <class T>
void launch_bin(const Job<T>& job, bool fill, cudaStream_t stream) {
  const int64_t meshes = job.params.N;
  if (meshes == 0) return;
  // Meshes may share faces, so that one may have more than F / N of them.
  const int64_t share = job.params.F / meshes + 1, many = kManyThreads / meshes;
  const int64_t threads = job.params.F < many ? job.params.F : many;
  const dim3 grid(blocks_for(threads > share ? threads : share), meshes < 65535 ? meshes : 65535);
  rasterize_bin<<<grid, kThreads, 0, stream>>>(job, fill);
}

}  // namespace

template <class T>
void fill_tiles(const Job<T>& job, cudaStream_t stream) {
  launch_bin(job, true, stream);
}

template void fill_tiles(const Job<float>&, cudaStream_t);
template void fill_tiles(const Job<double>&, cudaStream_t);

}  // namespace raster

/// Places vertices and counts the faces of each tile. Waits for the device.
template <class T>
std::array<int64_t, 1> RasterizeMeshes<T>::count(const OnCuda& on) const {
  using namespace raster;
  const auto stream = static_cast<cudaStream_t>(on.stream);
  const Job<T> job = job_of(*this);
  cudaMemsetAsync(job.tiles, 0, static_cast<size_t>(job.num_tiles() + 1) * sizeof(Counter), stream);
  cudaMemsetAsync(job.found, -1, sizeof(Found), stream);
  if (V > 0) {
    rasterize_place<<<blocks_for(V), kThreads, 0, stream>>>(job, reinterpret_cast<Vertex<T>*>(placed));
  }
  launch_bin(job, false, stream);
  rasterize_scan<<<1, kScanThreads, 0, stream>>>(job);
  Found on_host{};
  if (!fetch(on, &on_host, job.found)) return {};
  if (on_host.bad.array) throw on_host.bad;
  return {static_cast<int64_t>(on_host.tile_faces)};
}

template std::array<int64_t, 1> RasterizeMeshes<float>::count(const OnCuda&) const;
template std::array<int64_t, 1> RasterizeMeshes<double>::count(const OnCuda&) const;

}  // namespace bisque
