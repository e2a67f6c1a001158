// The CUDA kernels. Faces are counted by tile, the counts are summed up to where each tile's list begins, the lists are
// filled (exactly: nothing is dropped), and a block draws a tile, a thread a pixel. Lists are in no order, but those of
// pixels are ordered by depth and face, so that the results do not depend on it.
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_math.h>
#include <bisque/core/ops/launch.cuh>

namespace bisque {
namespace raster {
namespace {

constexpr int kTile = kRasterCudaTile;
constexpr int kTileThreads = kTile * kTile;
constexpr int kScanThreads = 1024;
constexpr int kFacesAtOnce = 64;  // in shared memory
enum StatusSlot { kEntries, kBadMesh, kBadFace };
using Counter = unsigned long long;  // what atomics take; -1 is its largest value

template <class T>
struct Job {
  RasterizeMeshesParams<T> params;
  Frame<T> frame;
  const Vertex<T>* verts;
  int32_t tiles_x, tiles_y;
  Counter* tiles;   // counts of faces; summed up: ends of lists; filled: where they begin
  Counter* status;  // see StatusSlot
  int32_t* entries;

  __device__ int64_t tiles_a_mesh() const { return static_cast<int64_t>(tiles_x) * tiles_y; }
};

template <class T>
Job<T> job_of(const RasterizeMeshesParams<T>& params, const RasterizeMeshesScratch<T>& scratch) {
  const auto tiles_along = [](int64_t pixels) { return static_cast<int32_t>((pixels + kTile - 1) / kTile); };
  return {params,
          Frame<T>(params),
          reinterpret_cast<const Vertex<T>*>(scratch.verts),
          tiles_along(params.width),
          tiles_along(params.height),
          reinterpret_cast<Counter*>(scratch.tiles),
          reinterpret_cast<Counter*>(scratch.status),
          scratch.entries};
}

template <class T>
__global__ void rasterize_place(Job<T> job, Vertex<T>* out) {
  for (int64_t i = grid_first(); i < job.params.num_verts; i += grid_step()) {
    out[i] = place_vertex(job.frame, job.params.verts + 3 * i);
  }
}

/// A face that may be drawn, and the pixels that it may take.
template <class T>
struct DrawnFace {
  __device__ bool find(const Job<T>& job, int64_t face) {
    const int64_t* const index = job.params.faces + 3 * face;
    for (int k = 0; k < 3; ++k) {
      if (index[k] < 0 || index[k] >= job.params.num_verts) {
        atomicMin(job.status + kBadFace, static_cast<Counter>(face));
        return false;
      }
      corner[k] = job.verts + index[k];
    }
    T highest = corner[0]->z, depth = corner[0]->depth;
    for (int k = 1; k < 3; ++k) {
      highest = corner[k]->z > highest ? corner[k]->z : highest;
      depth += corner[k]->depth;
    }
    if (depth != depth) return false;
    if (!job.frame.perspective && job.frame.clips && highest < job.frame.z_clip) return false;
    polygon = visible_polygon(corner, job.frame);
    box = pixels_of(polygon, job.frame);
    return !box.empty();
  }

  /// False where it surely takes no pixel of a tile.
  __device__ bool may_touch(const Job<T>& job, int32_t tile_x, int32_t tile_y) const {
    const Coverage coverage = cover(polygon, job.frame.cull, static_cast<int64_t>(tile_x) * kTile * kGridUnit,
                                    static_cast<int64_t>(tile_y) * kTile * kGridUnit);
    if (coverage.triangles == 0) return false;
    int64_t lowest[3];
    lowest_edges(polygon, coverage, box, job.frame, lowest);
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
  if (!drawn.find(job, first + face)) return;
  for (int32_t y = drawn.box.y0 / kTile; y <= drawn.box.y1 / kTile; ++y) {
    for (int32_t x = drawn.box.x0 / kTile; x <= drawn.box.x1 / kTile; ++x) {
      if (!drawn.may_touch(job, x, y)) continue;
      Counter* const tile = job.tiles + mesh * job.tiles_a_mesh() + static_cast<int64_t>(y) * job.tiles_x + x;
      if (fill) {
        job.entries[atomicAdd(tile, static_cast<Counter>(-1)) - 1] = static_cast<int32_t>(face);
      } else {
        atomicAdd(tile, static_cast<Counter>(1));
      }
    }
  }
}

template <class T>
__global__ void rasterize_bin(Job<T> job, bool fill) {
  for (int64_t mesh = blockIdx.y; mesh < job.params.num_meshes; mesh += gridDim.y) {
    const int64_t first = job.params.mesh_to_face_first_idx[mesh], count = job.params.num_faces_per_mesh[mesh];
    if (!names_faces(first, count, job.params.num_faces)) {
      if (threadIdx.x == 0) atomicMin(job.status + kBadMesh, static_cast<Counter>(mesh));
      continue;
    }
    for (int64_t face = grid_first(); face < count; face += grid_step()) bin_face(job, mesh, first, face, fill);
  }
}

/// Sums the counts up in place, by one block.
__global__ void rasterize_scan(Counter* tiles, int64_t n, Counter* entries) {
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
  if (threadIdx.x == 0) tiles[n] = *entries = before;
}

/// Whether an entry comes before another in a pixel's list.
template <class T>
__device__ bool comes_before(T z, int32_t code, T other_z, int32_t other_code) {
  return z < other_z || (z == other_z && code < other_code);
}

/// The list of a pixel in registers, for K up to kMost.
template <class T, int kMost>
struct RegisterList {
  __device__ RegisterList(const RasterizeMeshesParams<T>&, int64_t, bool) {
    for (int i = 0; i < kMost; ++i) {
      z[i] = std::numeric_limits<T>::infinity();
      codes[i] = -1;
    }
  }
  __device__ T farthest() const { return z[kMost - 1]; }
  __device__ void insert(T new_z, int32_t new_code) {
#pragma unroll
    for (int i = 0; i < kMost; ++i) {
      if (!comes_before(new_z, new_code, z[i], codes[i])) continue;
      const T old_z = z[i];
      const int32_t old_code = codes[i];
      z[i] = new_z;
      codes[i] = new_code;
      new_z = old_z;
      new_code = old_code;
    }
  }
  __device__ void write(const Job<T>& job, int64_t first_face, int column, int row, int64_t entry) const {
#pragma unroll
    for (int i = 0; i < kMost; ++i) {
      if (i < job.frame.faces_per_pixel) {
        write_entry(job.params, job.frame, job.verts, first_face, codes[i], column, row, entry + i);
      }
    }
  }

  T z[kMost];
  int32_t codes[kMost];
};

/// The list of a pixel in the results' memory: codes in pix_to_face, depths in zbuf.
template <class T>
struct ResultList {
  /// A thread beyond the picture's end has none.
  __device__ ResultList(const RasterizeMeshesParams<T>& params, int64_t entry, bool in_picture)
      : z(params.zbuf + entry), codes(params.pix_to_face + entry), k(in_picture ? params.faces_per_pixel : 0) {
    for (int64_t i = 0; i < k; ++i) {
      z[i] = std::numeric_limits<T>::infinity();
      codes[i] = -1;
    }
  }
  __device__ T farthest() const { return z[k - 1]; }
  __device__ void insert(T new_z, int32_t new_code) {
    int64_t place = k - 1;
    if (!comes_before(new_z, new_code, z[place], static_cast<int32_t>(codes[place]))) return;
    for (; place > 0 && comes_before(new_z, new_code, z[place - 1], static_cast<int32_t>(codes[place - 1])); --place) {
      z[place] = z[place - 1];
      codes[place] = codes[place - 1];
    }
    z[place] = new_z;
    codes[place] = new_code;
  }
  __device__ void write(const Job<T>& job, int64_t first_face, int column, int row, int64_t entry) const {
    for (int64_t i = 0; i < k; ++i) {
      write_entry(job.params, job.frame, job.verts, first_face, static_cast<int32_t>(codes[i]), column, row, entry + i);
    }
  }

  T* z;
  int64_t* codes;
  int64_t k;
};

/// A face set up for a tile, in shared memory.
template <class T>
struct TileFace {
  /// Offers the face to a pixel of the tile.
  template <class List>
  __device__ void offer(const Frame<T>& frame, int column, int row, int32_t x, int32_t y, T pixel_x, T pixel_y,
                        List* list) const {
    if (x < box.x0 || x > box.x1 || y < box.y0 || y > box.y1) return;
    for (int k = 0; k < 3; ++k) {
      if (coverage.edge[0][k].at(column, row) < lowest[k]) return;
    }
    const bool inside = coverage.contains(column, row);
    if (!inside && !(frame.blur > 0)) return;
    const Vertex<T>* const corners[3] = {&corner[0], &corner[1], &corner[2]};
    T z;
    if (FaceAtPixel<T>(corners, frame, pixel_x, pixel_y, inside).takes(list->farthest(), &z)) {
      list->insert(z, list_code(face, !inside));
    }
  }

  Vertex<T> corner[3];
  Coverage coverage;
  PixelBox box;
  int64_t lowest[3];
  int32_t face;
};

template <class T>
__device__ void set_up(const Job<T>& job, int64_t first_face, int32_t face, int32_t tile_x, int32_t tile_y,
                       TileFace<T>* out) {
  const int64_t* const index = job.params.faces + 3 * (first_face + face);
  for (int k = 0; k < 3; ++k) out->corner[k] = job.verts[index[k]];
  const Vertex<T>* const corners[3] = {&out->corner[0], &out->corner[1], &out->corner[2]};
  const Polygon polygon = visible_polygon(corners, job.frame);
  out->face = face;
  out->box = pixels_of(polygon, job.frame);
  out->coverage = cover(polygon, job.frame.cull, static_cast<int64_t>(tile_x) * kTile * kGridUnit,
                        static_cast<int64_t>(tile_y) * kTile * kGridUnit);
  if (out->coverage.triangles == 0) {
    out->box = {0, 0, -1, -1};
  } else {
    lowest_edges(polygon, out->coverage, out->box, job.frame, out->lowest);
  }
}

template <class T, class List>
__device__ void draw_tile(const Job<T>& job, int64_t tile, TileFace<T>* faces) {
  const int64_t mesh = tile / job.tiles_a_mesh();
  const int32_t within = static_cast<int32_t>(tile % job.tiles_a_mesh());
  const int32_t tile_x = within % job.tiles_x, tile_y = within / job.tiles_x;
  const int column = threadIdx.x % kTile, row = threadIdx.x / kTile;
  const int32_t x = tile_x * kTile + column, y = tile_y * kTile + row;
  const bool in_picture = x < job.frame.width && y < job.frame.height;
  const int64_t entry = ((mesh * job.frame.height + y) * job.frame.width + x) * job.params.faces_per_pixel;
  const int64_t first_face = job.params.mesh_to_face_first_idx[mesh];
  const T pixel_x = x - T(0.5) * (job.frame.width - 1), pixel_y = y - T(0.5) * (job.frame.height - 1);
  const int64_t end = job.tiles[tile + 1];
  List list(job.params, entry, in_picture);
  for (int64_t begin = job.tiles[tile]; begin < end; begin += kFacesAtOnce) {
    const int n = static_cast<int>(end - begin < kFacesAtOnce ? end - begin : kFacesAtOnce);
    __syncthreads();
    if (threadIdx.x < n) {
      set_up(job, first_face, job.entries[begin + threadIdx.x], tile_x, tile_y, faces + threadIdx.x);
    }
    __syncthreads();
    if (!in_picture) continue;
    for (int i = 0; i < n; ++i) faces[i].offer(job.frame, column, row, x, y, pixel_x, pixel_y, &list);
  }
  if (in_picture) list.write(job, first_face, x, y, entry);
}

template <class T, class List>
__global__ void rasterize_draw(Job<T> job) {
  // Of no type with a constructor.
  __shared__ alignas(64) unsigned char faces[kFacesAtOnce * sizeof(TileFace<T>)];
  const int64_t tiles = job.params.num_meshes * job.tiles_a_mesh();
  for (int64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    draw_tile<T, List>(job, tile, reinterpret_cast<TileFace<T>*>(faces));
  }
}

template <class T>
void launch_bin(const Job<T>& job, bool fill, cudaStream_t stream) {
  const int64_t meshes = job.params.num_meshes;
  if (meshes == 0) return;
  const dim3 grid(blocks_for((job.params.num_faces + meshes - 1) / meshes + 1), meshes < 65535 ? meshes : 65535);
  rasterize_bin<<<grid, kThreads, 0, stream>>>(job, fill);
}

}  // namespace
}  // namespace raster

template <class T>
RasterizeMeshesStatus rasterize_meshes_cuda_count(const RasterizeMeshesParams<T>& params,
                                                  const RasterizeMeshesScratch<T>& scratch, void* stream) {
  using namespace raster;
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  const Job<T> job = job_of(params, scratch);
  const int64_t tiles = params.num_meshes * job.tiles_x * job.tiles_y;
  cudaMemsetAsync(scratch.tiles, 0, static_cast<size_t>(tiles + 1) * sizeof(int64_t), cuda_stream);
  cudaMemsetAsync(scratch.status, -1, 3 * sizeof(int64_t), cuda_stream);
  if (params.num_verts > 0) {
    auto* const verts = reinterpret_cast<Vertex<T>*>(scratch.verts);
    rasterize_place<<<blocks_for(params.num_verts), kThreads, 0, cuda_stream>>>(job, verts);
  }
  launch_bin(job, false, cuda_stream);
  rasterize_scan<<<1, kScanThreads, 0, cuda_stream>>>(job.tiles, tiles, job.status + kEntries);
  int64_t found[3] = {};
  cudaMemcpyAsync(found, scratch.status, sizeof(found), cudaMemcpyDeviceToHost, cuda_stream);
  int error = cudaStreamSynchronize(cuda_stream);
  RasterizeMeshesStatus status{error, found[kEntries], found[kBadMesh], 0, 0, found[kBadFace]};
  if (error == cudaSuccess && status.bad_mesh >= 0) {
    const auto fetch = [&](int64_t* to, const int64_t* from) {
      cudaMemcpyAsync(to, from + status.bad_mesh, sizeof(int64_t), cudaMemcpyDeviceToHost, cuda_stream);
    };
    fetch(&status.bad_first, params.mesh_to_face_first_idx);
    fetch(&status.bad_count, params.num_faces_per_mesh);
    status.error = cudaStreamSynchronize(cuda_stream);
  }
  return status;
}

template <class T>
void rasterize_meshes_cuda_draw(const RasterizeMeshesParams<T>& params, const RasterizeMeshesScratch<T>& scratch,
                                void* stream) {
  using namespace raster;
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  const Job<T> job = job_of(params, scratch);
  const int64_t tiles = params.num_meshes * job.tiles_x * job.tiles_y;
  if (tiles == 0) return;
  launch_bin(job, true, cuda_stream);
  const int blocks = static_cast<int>(tiles < (1 << 20) ? tiles : 1 << 20);
  if (params.faces_per_pixel == 1) {
    rasterize_draw<T, RegisterList<T, 1>><<<blocks, kTileThreads, 0, cuda_stream>>>(job);
  } else if (params.faces_per_pixel <= 8) {
    rasterize_draw<T, RegisterList<T, 8>><<<blocks, kTileThreads, 0, cuda_stream>>>(job);
  } else {
    rasterize_draw<T, ResultList<T>><<<blocks, kTileThreads, 0, cuda_stream>>>(job);
  }
}

template RasterizeMeshesStatus rasterize_meshes_cuda_count(const RasterizeMeshesParams<float>&,
                                                           const RasterizeMeshesScratch<float>&, void*);
template RasterizeMeshesStatus rasterize_meshes_cuda_count(const RasterizeMeshesParams<double>&,
                                                           const RasterizeMeshesScratch<double>&, void*);
template void rasterize_meshes_cuda_draw(const RasterizeMeshesParams<float>&, const RasterizeMeshesScratch<float>&,
                                         void*);
template void rasterize_meshes_cuda_draw(const RasterizeMeshesParams<double>&, const RasterizeMeshesScratch<double>&,
                                         void*);

}  // namespace bisque
