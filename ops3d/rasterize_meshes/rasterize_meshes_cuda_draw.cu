// A block draws a tile, a thread a pixel. The list of a pixel is ordered by depth and face, so that the results do not
// depend on the order of the tile's.
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_job.cuh>

namespace bisque {
namespace raster {
namespace {

constexpr int kTileThreads = kTile * kTile;
constexpr int kFacesAtOnce = 64;  // in shared memory

/// Whether an entry comes before another in a pixel's list.
template <class T>
__device__ bool comes_before(T z, int32_t code, T other_z, int32_t other_code) {
  return z < other_z || (z == other_z && code < other_code);
}

/// Writes the results of a pixel's list, whose k codes stand in pix_to_face. Not unrolled: it is long, and bound by
/// memory.
template <class T>
__device__ void write_list(const Job<T>& job, int64_t mesh, int column, int row, int64_t entry, int64_t k) {
  const int64_t first_face = job.params.mesh_to_face_first_idx[mesh];
  const Vertex<T>* const verts = job.verts + vert_offset(job.params, mesh);
#pragma unroll 1
  for (int64_t i = entry; i < entry + k; ++i) {
    write_entry(job.params, job.viewport, verts, first_face, static_cast<int32_t>(job.params.pix_to_face[i]), column,
                row, i);
  }
}

/// The list of a pixel in registers, for K up to kMost.
template <class T, int kMost>
struct RegisterList {
  __device__ RegisterList(const RasterizeMeshes<T>&, int64_t, bool) {
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
  __device__ void write(const Job<T>& job, int64_t mesh, int column, int row, int64_t entry) const {
#pragma unroll
    for (int i = 0; i < kMost; ++i) {
      if (i < job.viewport.faces_per_pixel) job.params.pix_to_face[entry + i] = codes[i];
    }
    write_list(job, mesh, column, row, entry, job.viewport.faces_per_pixel);
  }

  T z[kMost];
  int32_t codes[kMost];
};

/// The list of a pixel in the results' memory: codes in pix_to_face, depths in zbuf.
template <class T>
struct ResultList {
  /// A thread beyond the picture's end has none.
  __device__ ResultList(const RasterizeMeshes<T>& params, int64_t entry, bool in_picture)
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
  __device__ void write(const Job<T>& job, int64_t mesh, int column, int row, int64_t entry) const {
    write_list(job, mesh, column, row, entry, k);
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
  __device__ void offer(const Viewport<T>& viewport, int column, int row, int32_t x, int32_t y, T pixel_x, T pixel_y,
                        List* list) const {
    if (x < box.x0 || x > box.x1 || y < box.y0 || y > box.y1) return;
    for (int k = 0; k < 3; ++k) {
      if (coverage.edge[0][k].at(column, row) < lowest[k]) return;
    }
    const bool inside = coverage.contains(column, row);
    if (!inside && !(viewport.blur > 0)) return;
    const Vertex<T>* const corners[3] = {&corner[0], &corner[1], &corner[2]};
    T z;
    if (FaceAtPixel<T>(corners, viewport, pixel_x, pixel_y, inside).takes(list->farthest(), &z)) {
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
__device__ void set_up(const Job<T>& job, int64_t mesh, int32_t face, int32_t tile_x, int32_t tile_y,
                       TileFace<T>* out) {
  const int64_t* const index = job.params.faces + 3 * (job.params.mesh_to_face_first_idx[mesh] + face);
  const Vertex<T>* const verts = job.verts + vert_offset(job.params, mesh);
  for (int k = 0; k < 3; ++k) out->corner[k] = verts[index[k]];
  const Vertex<T>* const corners[3] = {&out->corner[0], &out->corner[1], &out->corner[2]};
  const Polygon polygon = visible_polygon(corners, job.viewport);
  out->face = face;
  out->box = pixels_of(polygon, job.viewport);
  out->coverage = cover(polygon, job.viewport.cull, static_cast<int64_t>(tile_x) * kTile * kGridUnit,
                        static_cast<int64_t>(tile_y) * kTile * kGridUnit);
  if (out->coverage.triangles == 0) {
    out->box = {0, 0, -1, -1};
  } else {
    lowest_edges(polygon, out->coverage, out->box, job.viewport, out->lowest);
  }
}

template <class T, class List>
__device__ void draw_tile(const Job<T>& job, int64_t tile, TileFace<T>* faces) {
  const int64_t mesh = tile / job.tiles_a_mesh();
  const int32_t within = static_cast<int32_t>(tile % job.tiles_a_mesh());
  const int32_t tile_x = within % job.tiles_x, tile_y = within / job.tiles_x;
  const int column = threadIdx.x % kTile, row = threadIdx.x / kTile;
  const int32_t x = tile_x * kTile + column, y = tile_y * kTile + row;
  const bool in_picture = x < job.viewport.width && y < job.viewport.height;
  const int64_t entry = ((mesh * job.viewport.height + y) * job.viewport.width + x) * job.params.faces_per_pixel;
  const T pixel_x = x - T(0.5) * (job.viewport.width - 1), pixel_y = y - T(0.5) * (job.viewport.height - 1);
  const int64_t end = job.tiles[tile + 1];
  List list(job.params, entry, in_picture);
  for (int64_t begin = job.tiles[tile]; begin < end; begin += kFacesAtOnce) {
    const int n = static_cast<int>(end - begin < kFacesAtOnce ? end - begin : kFacesAtOnce);
    __syncthreads();
    if (threadIdx.x < n) {
      set_up(job, mesh, job.tile_faces[begin + threadIdx.x], tile_x, tile_y, faces + threadIdx.x);
    }
    __syncthreads();
    if (!in_picture) continue;
    for (int i = 0; i < n; ++i) faces[i].offer(job.viewport, column, row, x, y, pixel_x, pixel_y, &list);
  }
  if (in_picture) list.write(job, mesh, x, y, entry);
}

template <class T, class List>
__global__ void rasterize_draw(Job<T> job) {
  // Of no type with a constructor.
  __shared__ alignas(64) unsigned char faces[kFacesAtOnce * sizeof(TileFace<T>)];
  const int64_t tiles = job.num_tiles();
  for (int64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    draw_tile<T, List>(job, tile, reinterpret_cast<TileFace<T>*>(faces));
  }
}

}  // namespace
}  // namespace raster

template <class T>
void RasterizeMeshes<T>::run(const OnCuda& on) const {
  using namespace raster;
  const auto stream = static_cast<cudaStream_t>(on.stream);
  const Job<T> job = job_of(*this);
  const int64_t tiles = job.num_tiles();
  if (tiles == 0) return;
  fill_tiles(job, stream);
  const int blocks = static_cast<int>(tiles < (1 << 20) ? tiles : 1 << 20);
  // Lists in registers are for speed, which float64 is not asked for; they take a third of the time to compile.
  if constexpr (sizeof(T) == sizeof(float)) {
    if (faces_per_pixel == 1) return rasterize_draw<T, RegisterList<T, 1>><<<blocks, kTileThreads, 0, stream>>>(job);
    if (faces_per_pixel <= 8) return rasterize_draw<T, RegisterList<T, 8>><<<blocks, kTileThreads, 0, stream>>>(job);
  }
  rasterize_draw<T, ResultList<T>><<<blocks, kTileThreads, 0, stream>>>(job);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::RasterizeMeshes)
