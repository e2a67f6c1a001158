#include <algorithm>

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_grid.h>

namespace bisque::raster {
namespace {

// Few enough that ends (chunks x tiles) stay within a few bytes a pixel, enough for many threads.
constexpr int64_t kMaxChunks = 64;
constexpr int64_t kMinChunkFaces = 2048;
// SIMD stores overrun the faces of a chunk by less than this.
constexpr int64_t kScratchGap = 16;

}  // namespace

template <class Int, class T>
Bins<Int> make_bins(const RasterizeMeshesParams<T>& params, int32_t tiles) {
  Bins<Int> bins;
  bins.tiles = tiles;
  int64_t scratch = 0;
  for (int64_t mesh = 0; mesh < params.num_meshes; ++mesh) {
    bins.mesh_to_chunk.push_back(static_cast<int64_t>(bins.chunks.size()));
    const int64_t n = params.num_faces_per_mesh[mesh];
    const int64_t size = std::max(kMinChunkFaces, (n + kMaxChunks - 1) / kMaxChunks);
    for (int64_t begin = 0; begin < n; begin += size) {
      const int64_t end = std::min(n, begin + size);
      bins.chunks.push_back({mesh, begin, end, scratch});
      scratch += end - begin + kScratchGap;
    }
  }
  const size_t chunks = bins.chunks.size(), places = static_cast<size_t>(scratch);
  bins.mesh_to_chunk.push_back(static_cast<int64_t>(chunks));
  bins.ends = std::make_unique_for_overwrite<uint32_t[]>(chunks * static_cast<size_t>(tiles));
  bins.kept = std::make_unique_for_overwrite<Int[]>(places);
  bins.codes = std::make_unique_for_overwrite<Int[]>(places);
  bins.entries = std::make_unique_for_overwrite<Int[]>(4 * places);
  bins.big = std::make_unique_for_overwrite<BigFace[]>(places);
  bins.num_big = std::make_unique_for_overwrite<int64_t[]>(chunks);
  bins.bad_face = std::make_unique<int64_t[]>(chunks);
  return bins;
}

template Bins<int32_t> make_bins(const RasterizeMeshesParams<float>&, int32_t);
template Bins<int64_t> make_bins(const RasterizeMeshesParams<double>&, int32_t);

}  // namespace bisque::raster
