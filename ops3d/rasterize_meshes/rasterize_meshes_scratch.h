// What the CPU rasterizer keeps for the length of a call: placed vertices, and faces by tile.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_grid.h>

namespace bisque::raster {

/// A face that is drawn by the exact wide-integer path: larger than a small one, or cut by the near plane.
struct BigFace {
  /// False where the face surely leaves out the tile.
  bool may_touch(int32_t tile_x, int32_t tile_y) const {
    if (tile_x < tile_x0 || tile_x > tile_x1 || tile_y < tile_y0 || tile_y > tile_y1) return false;
    const float x = static_cast<float>(tile_x), y = static_cast<float>(tile_y);
    return edge[0][0] * x + edge[0][1] * y + edge[0][2] >= 0 && edge[1][0] * x + edge[1][1] * y + edge[1][2] >= 0 &&
           edge[2][0] * x + edge[2][1] * y + edge[2][2] >= 0;
  }

  int32_t face;
  uint16_t tile_x0, tile_y0, tile_x1, tile_y1;  // inclusive
  // Three of its edges: negative for a tile all of which lies outside, by more than rounding. A thin face crosses few
  // of the tiles in its bounds.
  float edge[3][3];
};

/// A run of faces of one mesh, binned by one thread. The cut into chunks depends on the number of faces alone.
struct Chunk {
  int64_t mesh;
  int64_t begin, end;  // faces, relative to the first of the mesh
  int64_t place;       // of its first face in the arrays that have a place a face
};

/// A few bytes a vertex, face and pixel: a small face lies in at most four tiles, a big one is listed once. The memory
/// is one block, and pages of it that are not needed are not touched. Meshes are taken a few at a time, so that many
/// views of one mesh need no more memory for its faces than a few of them.
template <class T>
struct Scratch {
  using Int = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;  // as wide as T, for the sake of SIMD

  Scratch(const RasterizeMeshes<T>& params, const Viewport<T>& viewport);

  /// Takes the meshes from `mesh` on whose faces are binned together; returns the first that is left.
  int64_t take_meshes(const RasterizeMeshes<T>& params, int64_t mesh);

  // Of the meshes that are taken:
  /// The first chunk of a mesh, which is the end of those of the mesh before.
  int64_t first_chunk(int64_t mesh) const { return mesh_to_chunk_[static_cast<size_t>(mesh - first_mesh_)]; }
  /// All tiles of their pictures, mesh * tiles + tile, those with the most faces first.
  std::vector<int64_t> tiles_by_work() const;
  std::vector<Chunk> chunks;

  int32_t tiles;  // of a picture

  Vertex<T>* verts;  // [V]
  // Per place: small faces as found, with 4 * first tile + 2 * (also the tile below) + (also the one to the right),
  Int *kept, *codes;
  Int* entries;  // the same sorted by tile (four places each), rising within a tile,
  BigFace* big;  // and big faces, rising.
  // Per chunk and tile: where its entries end, relative to the chunk's first. They begin where those of the tile before
  // end.
  uint32_t* ends;
  int64_t* num_big;    // per chunk
  int64_t* bad_index;  // per chunk: the place in `faces` of the first index that is no vertex, or -1

 private:
  size_t lay_out(int64_t num_verts, int64_t places, int64_t num_chunks, std::byte* base);

  int64_t first_mesh_ = 0;
  std::vector<int64_t> mesh_to_chunk_;  // of the meshes that are taken, from first_mesh_ on, and their end
  std::unique_ptr<std::byte[]> memory_;
};

}  // namespace bisque::raster
