// Faces are counted by tile, the counts are summed up to where each tile's list begins, and the lists are filled
// (exactly: nothing is dropped), in no order.
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_job.cuh>

namespace bisque {
namespace raster {
namespace {

constexpr int kScanThreads = 1024;
enum StatusSlot { kEntries, kBadMesh, kBadFace };

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
  const int64_t tiles = job.num_tiles();
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
void rasterize_meshes_cuda_fill(const RasterizeMeshesParams<T>& params, const RasterizeMeshesScratch<T>& scratch,
                                void* stream) {
  raster::launch_bin(raster::job_of(params, scratch), true, static_cast<cudaStream_t>(stream));
}

template RasterizeMeshesStatus rasterize_meshes_cuda_count(const RasterizeMeshesParams<float>&,
                                                           const RasterizeMeshesScratch<float>&, void*);
template RasterizeMeshesStatus rasterize_meshes_cuda_count(const RasterizeMeshesParams<double>&,
                                                           const RasterizeMeshesScratch<double>&, void*);
template void rasterize_meshes_cuda_fill(const RasterizeMeshesParams<float>&, const RasterizeMeshesScratch<float>&,
                                         void*);
template void rasterize_meshes_cuda_fill(const RasterizeMeshesParams<double>&, const RasterizeMeshesScratch<double>&,
                                         void*);

}  // namespace bisque
