#include <bisque/ops3d/knn_points/knn_points_cloud.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <new>

#include <bisque/core/ops/parallel.h>

namespace bisque::knn {
namespace {

// A point among those that are being split, by the coordinate that is looked at. The order is total, so that equal
// coordinates are split in one way only, and has no branch, which would be taken at random.
template <class T>
class Item {
 public:
  Item() = default;
  Item(T coordinate, int64_t index) : coordinate_(coordinate), index_(static_cast<int32_t>(index)) {}
  int32_t index() const { return index_; }
  friend bool operator<(const Item& a, const Item& b) {
    return static_cast<bool>(
        static_cast<int>(a.coordinate_ < b.coordinate_) |
        (static_cast<int>(a.coordinate_ == b.coordinate_) & static_cast<int>(a.index_ < b.index_)));
  }

 private:
  T coordinate_;
  int32_t index_;
};

// In one word, since partitions read what they have just written, and halves of it would wait for each other.
template <>
class Item<float> {
 public:
  Item() = default;
  Item(float coordinate, int64_t index) {
    int32_t bits;
    std::memcpy(&bits, &coordinate, sizeof bits);
    bits ^= (bits >> 31) & 0x7fffffff;  // integers in the order of the floats
    word_ = static_cast<int64_t>(bits) << 32 | index;
  }
  int32_t index() const { return static_cast<int32_t>(word_ & 0x7fffffff); }
  friend bool operator<(const Item& a, const Item& b) { return a.word_ < b.word_; }

 private:
  int64_t word_;
};

// An item of about the rank of nth, out of a sample.
template <class T>
Item<T> pivot_for(const Item<T>* first, const Item<T>* nth, const Item<T>* last) {
  constexpr int64_t kMost = 25;
  Item<T> sample[kMost];
  const int64_t count = last - first, size = std::clamp(count / 16, int64_t{3}, kMost);
  for (int64_t i = 0; i < size; ++i) sample[i] = first[i * count / size];
  std::sort(sample, sample + size);
  return sample[(nth - first) * size / count];
}

// What std::nth_element does. Partitions without a branch halve the time of building a tree.
template <class T>
void select(Item<T>* first, Item<T>* nth, Item<T>* last) {
  for (int passes = 0; last - first > 16 && passes < 24; ++passes) {
    const Item<T> pivot = pivot_for(first, nth, last);
    Item<T>* middle = first;
    for (Item<T>* item = first; item != last; ++item) {
      const Item<T> value = *item;
      *item = *middle;
      *middle = value;
      middle += value < pivot;
    }
    if (nth < middle) {
      last = middle;
    } else {
      first = middle;
    }
  }
  std::nth_element(first, nth, last);  // what is left, or what defeats the sample, in bounded time
}

template <class T>
class Builder {
 public:
  Builder(const T* points, int64_t count, Cloud<T>& cloud) : points_(points), cloud_(cloud) {
    const int64_t dim = cloud.dim;
    items_.reserve(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) {
      bool finite = true;
      for (int64_t d = 0; d < dim; ++d) finite &= std::isfinite(points[i * dim + d]);
      if (finite) {
        items_.push_back({0, i});
      } else {
        cloud.not_finite.push_back(static_cast<int32_t>(i));
      }
    }
  }

  void flat() {
    allocate((count() + kBlock - 1) / kBlock);
    op::parallel_for(cloud_.num_blocks, 1024, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) fill_block(i, i * kBlock, std::min((i + 1) * kBlock, count()));
    });
  }

  // Halves the points until they fit into blocks, each time across the widest side of their box.
  void tree() {
    int bits = 0;
    while (((count() - 1) >> bits) >= kBlock) ++bits;
    allocate(int64_t{1} << bits);
    // The first halvings run beside each other as far as there are parts; then each part is one thread's.
    const int shared = std::min(bits, 5);
    std::vector<int64_t> bounds{0, count()};
    for (int bit = 0; bit < shared; ++bit) {
      std::vector<int64_t> halved(2 * bounds.size() - 1);
      op::parallel_for(static_cast<int64_t>(bounds.size()) - 1, 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i) {
          halved[2 * i] = bounds[i];
          halved[2 * i + 1] = halve(bounds[i], bounds[i + 1]);
        }
      });
      halved.back() = bounds.back();
      bounds = std::move(halved);
    }
    const int64_t blocks_a_part = cloud_.num_blocks >> shared;
    op::parallel_for(static_cast<int64_t>(bounds.size()) - 1, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) subtree(bounds[i], bounds[i + 1], i * blocks_a_part, blocks_a_part);
    });
    build_boxes(bits);
  }

 private:
  int64_t count() const { return static_cast<int64_t>(items_.size()); }

  void allocate(int64_t blocks) {
    cloud_.num_blocks = blocks;
    cloud_.points = aligned(blocks * cloud_.dim * kBlock);
    cloud_.index.resize(static_cast<size_t>(blocks * kBlock));
  }

  // Highway's allocator ends the program for no values, and returns null where memory is short.
  static hwy::AlignedFreeUniquePtr<T[]> aligned(int64_t values) {
    auto memory = hwy::AllocateAligned<T>(static_cast<size_t>(std::max(int64_t{1}, values)));
    if (!memory) throw std::bad_alloc();
    return memory;
  }

  int64_t halve(int64_t begin, int64_t end) {
    const int64_t dim = cloud_.dim, middle = begin + (end - begin + 1) / 2;
    int64_t widest = 0;
    T most = -1;
    for (int64_t d = 0; d < dim; ++d) {
      T low = std::numeric_limits<T>::infinity(), high = -low;
      for (int64_t i = begin; i < end; ++i) {
        const T x = points_[items_[i].index() * dim + d];
        low = std::min(low, x), high = std::max(high, x);
      }
      if (high - low > most) most = high - low, widest = d;
    }
    for (int64_t i = begin; i < end; ++i) {
      items_[i] = {points_[items_[i].index() * dim + widest], items_[i].index()};
    }
    select(&items_[begin], &items_[middle], &items_[0] + end);
    return middle;
  }

  void subtree(int64_t begin, int64_t end, int64_t first_block, int64_t blocks) {
    if (blocks == 1) return fill_block(first_block, begin, end);
    const int64_t middle = halve(begin, end);
    subtree(begin, middle, first_block, blocks / 2);
    subtree(middle, end, first_block + blocks / 2, blocks / 2);
  }

  void fill_block(int64_t i, int64_t begin, int64_t end) {
    const int64_t dim = cloud_.dim;
    T* block = &cloud_.points[static_cast<size_t>(i * dim * kBlock)];
    int32_t* index = &cloud_.index[static_cast<size_t>(i * kBlock)];
    for (int64_t lane = 0; lane < kBlock; ++lane) {
      const bool exists = begin + lane < end;
      index[lane] = exists ? items_[begin + lane].index() : -1;
      for (int64_t d = 0; d < dim; ++d) {
        block[d * kBlock + lane] = exists ? points_[index[lane] * dim + d] : std::numeric_limits<T>::quiet_NaN();
      }
    }
  }

  void build_boxes(int bits) {
    const int64_t dim = cloud_.dim, box = 2 * kChildren;
    cloud_.depth = (bits + kChildBits - 1) / kChildBits;
    if (cloud_.depth == 0) return;
    cloud_.root_children = int64_t{1} << (bits - kChildBits * (cloud_.depth - 1));
    int64_t nodes = 0;
    std::vector<int64_t>& level_first = cloud_.level_first;
    level_first.assign(static_cast<size_t>(cloud_.depth) + 1, 0);
    for (int level = 1; level <= cloud_.depth; ++level) {
      level_first[level] = nodes;
      nodes += std::max(int64_t{1}, cloud_.num_blocks >> (kChildBits * level));
    }
    cloud_.boxes = aligned(nodes * dim * box);
    std::fill(&cloud_.boxes[0], &cloud_.boxes[0] + nodes * dim * box, T(0));
    for (int level = 1; level <= cloud_.depth; ++level) {
      op::parallel_for(cloud_.num_blocks >> (kChildBits * (level - 1)), 256, [&](int64_t first, int64_t last) {
        for (int64_t child = first; child < last; ++child) box_of_child(level, child);
      });
    }
  }

  // Writes the box of a child into its parent, a node of this level.
  void box_of_child(int level, int64_t child) {
    const int64_t children = level - 1 == cloud_.depth ? cloud_.root_children : kChildren;
    T* parent = const_cast<T*>(cloud_.node(level, child / kChildren)) + child % kChildren;
    for (int64_t d = 0; d < cloud_.dim; ++d) {
      const T* low_side =
          level == 1 ? cloud_.block(child) + d * kBlock : cloud_.node(level - 1, child) + 2 * d * kChildren;
      const T* high_side = level == 1 ? low_side : low_side + kChildren;
      T low = std::numeric_limits<T>::infinity(), high = -low;
      for (int64_t i = 0; i < (level == 1 ? kBlock : children); ++i) {
        if (low_side[i] < low) low = low_side[i];  // NaN, where there is no point, is neither
        if (high_side[i] > high) high = high_side[i];
      }
      parent[2 * d * kChildren] = low;
      parent[(2 * d + 1) * kChildren] = high;
    }
  }

  const T* points_;
  Cloud<T>& cloud_;
  std::vector<Item<T>> items_;
};

}  // namespace

template <class T>
Cloud<T> make_cloud(const T* points, int64_t count, int64_t dim, bool with_tree) {
  Cloud<T> cloud;
  cloud.dim = dim;
  Builder<T> builder(points, count, cloud);
  if (with_tree) {
    builder.tree();
  } else {
    builder.flat();
  }
  return cloud;
}

template Cloud<float> make_cloud(const float*, int64_t, int64_t, bool);
template Cloud<double> make_cloud(const double*, int64_t, int64_t, bool);

}  // namespace bisque::knn
