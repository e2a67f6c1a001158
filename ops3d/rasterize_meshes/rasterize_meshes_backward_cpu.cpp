// The CPU kernel of the gradient. Pixels are cut into blocks that depend on the picture's size alone; each sums what
// its entries give to a face, in order; then these sums are added to the vertices block after block. So the result is
// the same for any number of threads, in memory of the size of the results.
#include <bisque/core/ops/each_cpu.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_backward_math.h>

#include <atomic>
#include <bit>
#include <vector>

namespace bisque {
namespace raster {
namespace {

constexpr int32_t kBlockSide = 32;  // pixels

/// What a block gives to a face.
struct FaceSum {
  int64_t face;
  double grad[9];
};

/// The faces of a block: where each is, and its sum.
template <class T>
class BlockFaces {
 public:
  struct Corners {
    Vertex<T> at[3];
  };

  BlockFaces(int64_t most, std::vector<FaceSum>* sums)
      : slots_(std::bit_ceil(static_cast<size_t>(2 * most + 2)), -1), sums_(*sums) {}

  /// The place of a face in the block, or -1 for one that is new.
  int32_t find(int64_t face) {
    if (last_ >= 0 && sums_[static_cast<size_t>(last_)].face == face) return last_;  // as the pixel before
    const size_t mask = slots_.size() - 1;
    slot_ = static_cast<size_t>(static_cast<uint64_t>(face) * 0x9E3779B97F4A7C15u >> 20) & mask;
    for (; slots_[slot_] >= 0; slot_ = (slot_ + 1) & mask) {
      if (sums_[static_cast<size_t>(slots_[slot_])].face == face) return last_ = slots_[slot_];
    }
    return -1;
  }

  /// Adds the face that `find` did not find.
  int32_t add(int64_t face, const Corners& corners) {
    last_ = slots_[slot_] = static_cast<int32_t>(sums_.size());
    sums_.push_back({face, {}});
    corners_.push_back(corners);
    return last_;
  }

  const Corners& corners(int32_t place) const { return corners_[static_cast<size_t>(place)]; }
  double* sum(int32_t place) { return sums_[static_cast<size_t>(place)].grad; }

 private:
  std::vector<int32_t> slots_;
  std::vector<FaceSum>& sums_;
  std::vector<Corners> corners_;
  int32_t last_ = -1;
  size_t slot_ = 0;
};

template <class T>
class Backward {
 public:
  explicit Backward(const RasterizeMeshesBackward<T>& params)
      : params_(params),
        frame_(params.H, params.W, params.perspective_correct, params.z_clip, params.clip_barycentric_coords),
        blocks_x_((params.W + kBlockSide - 1) / kBlockSide),
        blocks_y_((params.H + kBlockSide - 1) / kBlockSide),
        sums_(static_cast<size_t>(params.N * blocks_x_ * blocks_y_)),
        bad_(sums_.size()) {}

  void run() {
    // Blocks differ in work: a thread takes the next one that is left.
    const int64_t blocks = static_cast<int64_t>(sums_.size());
    std::atomic<int64_t> next = 0;
    op::parallel_for(blocks, 1, [&](int64_t, int64_t) {
      for (int64_t block = next++; block < blocks; block = next++) sum_block(block);
    });
    for (const BadValue& bad : bad_) {
      if (bad.array) throw bad;
    }
    gather();
  }

 private:
  void sum_block(int64_t block) {
    const int64_t mesh = block / (blocks_x_ * blocks_y_), within = block % (blocks_x_ * blocks_y_);
    const int64_t x0 = within % blocks_x_ * kBlockSide, y0 = within / blocks_x_ * kBlockSide;
    const int64_t x1 = std::min(x0 + kBlockSide, params_.W), y1 = std::min(y0 + kBlockSide, params_.H);
    const int64_t k = params_.K;
    BlockFaces<T> faces(std::min((x1 - x0) * (y1 - y0) * k, params_.F), &sums_[static_cast<size_t>(block)]);
    BadValue& bad = bad_[static_cast<size_t>(block)];
    for (int64_t y = y0; y < y1; ++y) {
      for (int64_t x = x0; x < x1; ++x) {
        const int64_t first = ((mesh * params_.H + y) * params_.W + x) * k;
        for (int64_t entry = first; entry < first + k; ++entry) {
          if (params_.pix_to_face[entry] == -1) continue;
          bad = add_entry(mesh, entry, x, y, &faces);
          if (bad.array) return;
        }
      }
    }
  }

  BadValue add_entry(int64_t mesh, int64_t entry, int64_t x, int64_t y, BlockFaces<T>* faces) const {
    const int64_t face = params_.pix_to_face[entry];
    int32_t place = faces->find(face);
    if (place < 0) {
      if (const BadValue bad = check_index(params_.pix_to_face, entry, params_.F, -1); bad.array) return bad;
      const int64_t offset = vert_offset(params_, mesh);
      typename BlockFaces<T>::Corners corners;
      for (int k = 0; k < 3; ++k) {
        if (const BadValue bad = check_corner(params_, 3 * face + k, offset); bad.array) return bad;
        corners.at[k] = place_vertex(frame_, params_.verts + 3 * (offset + params_.faces[3 * face + k]));
      }
      place = faces->add(face, corners);
    }
    const Vertex<T>(&at)[3] = faces->corners(place).at;
    const Vertex<T>* const corners[3] = {&at[0], &at[1], &at[2]};
    double grad[9];
    const T pixel_x = x - T(0.5) * (frame_.width - 1), pixel_y = y - T(0.5) * (frame_.height - 1);
    if (!entry_gradient(params_, frame_, corners, pixel_x, pixel_y, entry, grad)) return {};
    double* const sum = faces->sum(place);
    for (int i = 0; i < 9; ++i) sum[i] += grad[i];
    return {};
  }

  void gather() const {
    std::vector<double> total(static_cast<size_t>(3 * params_.V));
    for (size_t block = 0; block < sums_.size(); ++block) {
      double* const verts =
          total.data() + 3 * vert_offset(params_, static_cast<int64_t>(block) / (blocks_x_ * blocks_y_));
      for (const FaceSum& sum : sums_[block]) {
        for (int k = 0; k < 3; ++k) {
          double* const vert = verts + 3 * params_.faces[3 * sum.face + k];
          for (int axis = 0; axis < 3; ++axis) vert[axis] += sum.grad[3 * k + axis];
        }
      }
    }
    for (size_t i = 0; i < total.size(); ++i) params_.grad_verts[i] = static_cast<T>(total[i]);
  }

  const RasterizeMeshesBackward<T>& params_;
  const Viewport<T> frame_;
  const int64_t blocks_x_, blocks_y_;
  std::vector<std::vector<FaceSum>> sums_;  // of each block
  std::vector<BadValue> bad_;               // the first of each block
};

}  // namespace
}  // namespace raster

template <class T>
void RasterizeMeshesBackward<T>::run(const OnCpu& on) const {
  each<raster::check_vert_offset<RasterizeMeshesBackward>>(on, *this, N);
  raster::Backward<T>(*this).run();
}

template void RasterizeMeshesBackward<float>::run(const OnCpu&) const;
template void RasterizeMeshesBackward<double>::run(const OnCpu&) const;

}  // namespace bisque
