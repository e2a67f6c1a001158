#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_scratch.h>

#include <algorithm>
#include <numeric>

namespace bisque::raster {
namespace {

// Few enough that `ends` (chunks x tiles) takes a fraction of a byte a pixel, enough for many threads.
constexpr int64_t kMaxChunks = 64;
constexpr int64_t kMinChunkFaces = 2048;
// SIMD stores overrun the places of a chunk by less than this.
constexpr int64_t kPlaceGap = 16;

constexpr size_t kAlign = 64;

size_t round_up(size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

}  // namespace

template <class T>
Scratch<T>::Scratch(const RasterizeMeshes<T>& params, const Viewport<T>& viewport) : tiles(viewport.tiles()) {
  int64_t places = 0;
  for (int64_t mesh = 0; mesh < params.N; ++mesh) {
    mesh_to_chunk.push_back(static_cast<int64_t>(chunks.size()));
    const int64_t n = params.num_faces_per_mesh[mesh];
    const int64_t size = std::max(kMinChunkFaces, (n + kMaxChunks - 1) / kMaxChunks);
    for (int64_t begin = 0; begin < n; begin += size) {
      const int64_t end = std::min(n, begin + size);
      chunks.push_back({mesh, begin, end, places});
      places += end - begin + kPlaceGap;
    }
  }
  mesh_to_chunk.push_back(static_cast<int64_t>(chunks.size()));
  const size_t bytes = lay_out(params.V, places, nullptr);
  // One block: the C library hands a single large block out again without giving its pages back in between.
  memory_ = std::make_unique_for_overwrite<std::byte[]>(bytes + kAlign);
  const size_t address = reinterpret_cast<uintptr_t>(memory_.get());
  lay_out(params.V, places, memory_.get() + (round_up(address) - address));
}

// Sets the arrays' addresses within a block; returns its size.
template <class T>
size_t Scratch<T>::lay_out(int64_t num_verts, int64_t places, std::byte* base) {
  size_t used = 0;
  const auto take = [&](auto** array, int64_t n) {
    *array = reinterpret_cast<std::remove_reference_t<decltype(*array)>>(base + used);
    used += round_up(static_cast<size_t>(n) * sizeof(**array));
  };
  const int64_t num_chunks = static_cast<int64_t>(chunks.size());
  take(&verts, num_verts);
  take(&kept, places);
  take(&codes, places);
  take(&ends, num_chunks * tiles);
  take(&num_big, num_chunks);
  take(&bad_index, num_chunks);
  take(&entries, 4 * places);
  take(&big, places);
  return used;
}

template <class T>
std::vector<int64_t> Scratch<T>::tiles_by_work() const {
  std::vector<uint32_t> faces((mesh_to_chunk.size() - 1) * static_cast<size_t>(tiles));
  for (size_t chunk = 0; chunk < chunks.size(); ++chunk) {
    const uint32_t* const chunk_ends = ends + static_cast<int64_t>(chunk) * tiles;
    uint32_t* const counts = faces.data() + chunks[chunk].mesh * tiles;
    for (int64_t tile = 0; tile < tiles; ++tile)
      counts[tile] += chunk_ends[tile] - (tile > 0 ? chunk_ends[tile - 1] : 0);
  }
  std::vector<int64_t> order(faces.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return faces[a] > faces[b]; });
  return order;
}

template struct Scratch<float>;
template struct Scratch<double>;

}  // namespace bisque::raster
