#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_scratch.h>
#include <torch/csrc/stable/ops.h>

#include <algorithm>
#include <numeric>

namespace bisque::raster {
namespace {

// Few enough that `ends` (chunks x tiles) takes a fraction of a byte a pixel, enough for many threads.
constexpr int64_t kMaxChunks = 64;
constexpr int64_t kMinChunkFaces = 2048;
// Meshes are taken together up to this many faces per thread: enough for all threads, and few enough for the cache.
constexpr int64_t kFacesPerThread = int64_t{1} << 16;
// SIMD stores overrun the places of a chunk by less than this.
constexpr int64_t kPlaceGap = 16;

constexpr size_t kAlign = 64;

size_t round_up(size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

// Where the places of a chunk end.
int64_t places_end(const Chunk& chunk) { return chunk.place + chunk.end - chunk.begin + kPlaceGap; }

}  // namespace

template <class T>
Scratch<T>::Scratch(const RasterizeMeshes<T>& params, const Viewport<T>& viewport) : tiles(viewport.tiles()) {
  int64_t places = 0, num_chunks = 0;
  for (int64_t mesh = 0; mesh < params.N;) {
    mesh = take_meshes(params, mesh);
    if (chunks.empty()) continue;
    places = std::max(places, places_end(chunks.back()));
    num_chunks = std::max(num_chunks, static_cast<int64_t>(chunks.size()));
  }
  const size_t bytes = lay_out(params.V, places, num_chunks, nullptr);
  // One block: the C library hands a single large block out again without giving its pages back in between.
  memory_ = std::make_unique_for_overwrite<std::byte[]>(bytes + kAlign);
  const size_t address = reinterpret_cast<uintptr_t>(memory_.get());
  lay_out(params.V, places, num_chunks, memory_.get() + (round_up(address) - address));
}

template <class T>
int64_t Scratch<T>::take_meshes(const RasterizeMeshes<T>& params, int64_t mesh) {
  first_mesh_ = mesh;
  chunks.clear();
  mesh_to_chunk_.assign(1, 0);
  const int64_t most = kFacesPerThread * torch::stable::get_num_threads();
  int64_t faces = 0;
  for (; mesh < params.N; ++mesh) {
    const int64_t n = params.num_faces_per_mesh[mesh];
    if (mesh > first_mesh_ && faces + n > most) break;
    faces += n;
    const int64_t size = std::max(kMinChunkFaces, (n + kMaxChunks - 1) / kMaxChunks);
    for (int64_t begin = 0; begin < n; begin += size) {
      chunks.push_back({mesh, begin, std::min(n, begin + size), chunks.empty() ? 0 : places_end(chunks.back())});
    }
    mesh_to_chunk_.push_back(static_cast<int64_t>(chunks.size()));
  }
  return mesh;
}

// Sets the arrays' addresses within a block; returns its size.
template <class T>
size_t Scratch<T>::lay_out(int64_t num_verts, int64_t places, int64_t num_chunks, std::byte* base) {
  size_t used = 0;
  const auto take = [&](auto** array, int64_t n) {
    *array = reinterpret_cast<std::remove_reference_t<decltype(*array)>>(base + used);
    used += round_up(static_cast<size_t>(n) * sizeof(**array));
  };
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
  const int64_t first = first_mesh_ * tiles;
  std::vector<uint32_t> faces((mesh_to_chunk_.size() - 1) * static_cast<size_t>(tiles));
  for (size_t chunk = 0; chunk < chunks.size(); ++chunk) {
    const uint32_t* const chunk_ends = ends + static_cast<int64_t>(chunk) * tiles;
    uint32_t* const counts = faces.data() + chunks[chunk].mesh * tiles - first;
    for (int64_t tile = 0; tile < tiles; ++tile)
      counts[tile] += chunk_ends[tile] - (tile > 0 ? chunk_ends[tile - 1] : 0);
  }
  std::vector<int64_t> order(faces.size());
  std::iota(order.begin(), order.end(), first);
  const auto work = [&](int64_t tile) { return faces[static_cast<size_t>(tile - first)]; };
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return work(a) > work(b); });
  return order;
}

template struct Scratch<float>;
template struct Scratch<double>;

}  // namespace bisque::raster
