// The CPU kernel: points are binned to tiles, and each tile takes its points front to back, so that the list of a pixel
// is appended to until it is full.
#include <algorithm>
#include <atomic>
#include <vector>

#include <bisque/core/ops/each_cpu.h>
#include <bisque/ops3d/rasterize_points/rasterize_points_kernels.h>

namespace bisque {
namespace point_raster {
namespace {

constexpr int32_t kTile = 16;         // pixels, both ways: a tile's results stay in the L2 cache
constexpr int64_t kMinChunk = 16384;  // points that are binned at once
constexpr int64_t kMaxChunks = 64;    // of a cloud
constexpr int64_t kChunksAtOnce = 1;  // a thread's least work

/// The points of each list of all pictures, in rising order.
template <class T>
class Bins {
 public:
  Bins(const RasterizePoints<T>& params, const TileGrid& grid)
      : params_(params), viewport_(params.height, params.width), grid_(grid) {
    for (int64_t cloud = 0; cloud < params.N; ++cloud) add_chunks(cloud);
    offsets_.resize(chunks_.size() * static_cast<size_t>(grid.lists()));
    for_each_chunk([this](int64_t chunk) { for_each_entry(chunk, [](int64_t* offset, int32_t) { ++*offset; }); });
    sum_up();
    for_each_chunk([this](int64_t chunk) {
      for_each_entry(chunk,
                     [this](int64_t* offset, int32_t point) { points_[static_cast<size_t>((*offset)++)] = point; });
    });
  }

  const int32_t* begin(int64_t cloud, int64_t list) const { return points_.data() + begin_of(cloud, list); }
  const int32_t* end(int64_t cloud, int64_t list) const { return points_.data() + begin_of(cloud, list + 1); }

 private:
  struct Chunk {
    int64_t cloud;
    int32_t first, last;  // points of the cloud
  };

  void add_chunks(int64_t cloud) {
    const int64_t count = params_.num_points_per_cloud[cloud];
    const int64_t size = std::max(kMinChunk, (count + kMaxChunks - 1) / kMaxChunks);
    for (int64_t first = 0; first < count; first += size) {
      chunks_.push_back({cloud, static_cast<int32_t>(first), static_cast<int32_t>(std::min(first + size, count))});
    }
  }

  template <class Use>
  void for_each_chunk(const Use& use) const {
    op::parallel_for(static_cast<int64_t>(chunks_.size()), kChunksAtOnce, [&](int64_t begin, int64_t end) {
      for (int64_t chunk = begin; chunk < end; ++chunk) use(chunk);
    });
  }

  template <class Use>
  void for_each_entry(int64_t index, const Use& use) {
    const Chunk& chunk = chunks_[static_cast<size_t>(index)];
    const int64_t first = params_.cloud_to_packed_first_idx[chunk.cloud];
    int64_t* const offsets = offsets_.data() + index * grid_.lists();
    for (int32_t point = chunk.first; point < chunk.last; ++point) {
      const PixelBox box = Disc<T>(params_, first + point).box(viewport_);
      grid_.for_each_list(box, [&](int64_t list) { use(offsets + list, point); });
    }
  }

  /// Turns counts into where the points of each chunk begin in a list.
  void sum_up() {
    const int64_t lists = grid_.lists();
    begins_.assign(static_cast<size_t>(params_.N * lists + 1), 0);
    int64_t sum = 0;
    size_t first_chunk = 0;
    for (int64_t cloud = 0; cloud < params_.N; ++cloud) {
      size_t last_chunk = first_chunk;
      while (last_chunk < chunks_.size() && chunks_[last_chunk].cloud == cloud) ++last_chunk;
      for (int64_t list = 0; list < lists; ++list) {
        begins_[static_cast<size_t>(cloud * lists + list)] = sum;
        for (size_t chunk = first_chunk; chunk < last_chunk; ++chunk) {
          int64_t& offset = offsets_[chunk * static_cast<size_t>(lists) + static_cast<size_t>(list)];
          sum += std::exchange(offset, sum);
        }
      }
      first_chunk = last_chunk;
    }
    begins_.back() = sum;
    points_.resize(static_cast<size_t>(sum));
  }

  int64_t begin_of(int64_t cloud, int64_t list) const {
    return begins_[static_cast<size_t>(cloud * grid_.lists() + list)];
  }

  const RasterizePoints<T>& params_;
  const Viewport<T> viewport_;
  const TileGrid& grid_;
  std::vector<Chunk> chunks_;
  std::vector<int64_t> offsets_;  // [chunks, lists]
  std::vector<int64_t> begins_;   // [N * lists + 1]
  std::vector<int32_t> points_;
};

/// A point of a list, ordered by depth and then by index.
template <class T>
struct Near {
  T z;
  int32_t point;
  bool operator<(const Near& other) const { return z < other.z || (z == other.z && point < other.point); }
};

template <class T>
void sort_list(const RasterizePoints<T>& params, int64_t first, const int32_t* begin, const int32_t* end,
               std::vector<Near<T>>* out) {
  out->clear();
  for (const int32_t* point = begin; point < end; ++point)
    out->push_back({params.points[3 * (first + *point) + 2], *point});
  std::sort(out->begin(), out->end());
}

/// What a thread needs to draw tiles.
template <class T>
class PointTile {
 public:
  PointTile(const RasterizePoints<T>& params, const TileGrid& grid, const Bins<T>& bins)
      : params_(params), viewport_(params.height, params.width), grid_(grid), bins_(bins) {}

  /// Writes all results of a tile. `large` are the points of the cloud's last list, in order.
  void draw(int64_t cloud, int64_t tile, const std::vector<Near<T>>& large) {
    start(cloud, tile);
    sort_list(params_, first_point_, bins_.begin(cloud, tile), bins_.end(cloud, tile), &small_);
    auto a = small_.begin();
    auto b = large.begin();
    while (num_open_ > 0 && (a < small_.end() || b < large.end())) {
      const bool from_small = b == large.end() || (a < small_.end() && *a < *b);
      draw_point(from_small ? (a++)->point : (b++)->point);
    }
    finish();
  }

 private:
  void start(int64_t cloud, int64_t tile) {
    x0_ = static_cast<int32_t>(tile % grid_.columns) * kTile;
    y0_ = static_cast<int32_t>(tile / grid_.columns) * kTile;
    columns_ = std::min(kTile, viewport_.width - x0_);
    rows_ = std::min(kTile, viewport_.height - y0_);
    first_point_ = params_.cloud_to_packed_first_idx[cloud];
    first_pixel_ = (cloud * params_.height + y0_) * params_.width + x0_;
    num_open_ = columns_ * rows_;
    std::fill_n(counts_, kTile * kTile, 0);
    for (int32_t column = 0; column < columns_; ++column) x_[column] = viewport_.x(x0_ + column);
  }

  void draw_point(int32_t point) {
    const Disc<T> disc(params_, first_point_ + point);
    const PixelBox box = disc.box(viewport_);
    const int32_t begin = std::max(box.x0 - x0_, 0), end = std::min(box.x1 - x0_ + 1, columns_);
    for (int32_t row = std::max(box.y0 - y0_, 0); row < std::min(box.y1 - y0_ + 1, rows_); ++row) {
      const T y = viewport_.y(y0_ + row);
      for (int32_t column = begin; column < end; ++column) {
        int32_t& count = counts_[row * kTile + column];
        T dist;
        if (count == params_.points_per_pixel || !disc.covers(x_[column], y, &dist)) continue;
        const int64_t entry = first_entry(row, column) + count++;
        params_.idx[entry] = first_point_ + point;
        params_.zbuf[entry] = disc.z;
        params_.dists[entry] = dist;
        num_open_ -= count == params_.points_per_pixel;
      }
    }
  }

  /// Writes what is empty.
  void finish() {
    for (int32_t row = 0; row < rows_; ++row) {
      for (int32_t column = 0; column < columns_; ++column) {
        const int32_t count = counts_[row * kTile + column];
        const int64_t entry = first_entry(row, column) + count, rest = params_.points_per_pixel - count;
        std::fill_n(params_.idx + entry, rest, -1);
        std::fill_n(params_.zbuf + entry, rest, T(-1));
        std::fill_n(params_.dists + entry, rest, T(-1));
      }
    }
  }

  int64_t first_entry(int32_t row, int32_t column) const {
    return (first_pixel_ + row * params_.width + column) * params_.points_per_pixel;
  }

  const RasterizePoints<T>& params_;
  const Viewport<T> viewport_;
  const TileGrid& grid_;
  const Bins<T>& bins_;
  std::vector<Near<T>> small_;
  int64_t first_point_ = 0, first_pixel_ = 0;
  int32_t x0_ = 0, y0_ = 0, columns_ = 0, rows_ = 0;
  int32_t num_open_ = 0;           // pixels whose list is not full
  int32_t counts_[kTile * kTile];  // of the lists
  T x_[kTile];
};

template <class T>
void rasterize(const RasterizePoints<T>& params) {
  const TileGrid grid(params.height, params.width, kTile);
  if (params.N == 0 || grid.tiles() == 0) return;
  const Bins<T> bins(params, grid);
  std::vector<std::vector<Near<T>>> large(static_cast<size_t>(params.N));
  op::parallel_for(params.N, 1, [&](int64_t begin, int64_t end) {
    for (int64_t cloud = begin; cloud < end; ++cloud) {
      sort_list(params, params.cloud_to_packed_first_idx[cloud], bins.begin(cloud, grid.tiles()),
                bins.end(cloud, grid.tiles()), &large[static_cast<size_t>(cloud)]);
    }
  });
  const int64_t tiles = params.N * grid.tiles();
  std::atomic<int64_t> next = 0;  // tiles differ in their work
  op::parallel_for(tiles, 1, [&](int64_t, int64_t) {
    PointTile<T> tile(params, grid, bins);
    for (int64_t i = next++; i < tiles; i = next++) {
      const int64_t cloud = i / grid.tiles();
      tile.draw(cloud, i % grid.tiles(), large[static_cast<size_t>(cloud)]);
    }
  });
}

/// Adds the gradients of the points [begin, end) up, in the order of the entries.
template <class T>
void add_gradients(const RasterizePointsBackward<T>& params, int64_t begin, int64_t end) {
  const Viewport<T> viewport(params.H, params.W);
  std::vector<double> sums(static_cast<size_t>(3 * (end - begin)));
  int64_t entry = 0;
  for (int64_t row = 0; row < params.N * params.H; ++row) {
    const T y = viewport.y(static_cast<int32_t>(row % params.H));
    for (int64_t column = 0; column < params.W; ++column) {
      const T x = viewport.x(static_cast<int32_t>(column));
      for (const int64_t pixel_end = entry + params.K; entry < pixel_end; ++entry) {
        const int64_t point = params.idx[entry];
        if (point < begin || point >= end) continue;
        T grad[3];
        entry_gradient(params, x, y, entry, grad);
        double* const sum = sums.data() + 3 * (point - begin);
        for (int axis = 0; axis < 3; ++axis) sum[axis] += grad[axis];
      }
    }
  }
  for (size_t i = 0; i < sums.size(); ++i) {
    params.grad_points[3 * begin + static_cast<int64_t>(i)] = static_cast<T>(sums[i]);
  }
}

template <class P>
BadValue check_entry(const P& p, int64_t entry) {
  return check_index(p.idx, entry, p.P, -1);
}

}  // namespace
}  // namespace point_raster

template <class T>
void RasterizePoints<T>::run(const OnCpu& on) const {
  each<point_raster::check_point_range<RasterizePoints>>(on, *this, N);
  point_raster::rasterize(*this);
}

// Each thread reads all entries and adds those of its own points, so that no two add to one sum.
template <class T>
void RasterizePointsBackward<T>::run(const OnCpu& on) const {
  each<point_raster::check_entry<RasterizePointsBackward>>(on, *this, N * H * W * K);
  constexpr int64_t kPointsAtOnce = 1024;
  op::parallel_for(P, kPointsAtOnce,
                   [&](int64_t begin, int64_t end) { point_raster::add_gradients(*this, begin, end); });
}

template void RasterizePoints<float>::run(const OnCpu&) const;
template void RasterizePoints<double>::run(const OnCpu&) const;
template void RasterizePointsBackward<float>::run(const OnCpu&) const;
template void RasterizePointsBackward<double>::run(const OnCpu&) const;

}  // namespace bisque
