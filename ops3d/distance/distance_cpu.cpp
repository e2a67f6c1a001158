// The threads' part of the search on the CPU.
#include <algorithm>
#include <atomic>
#include <vector>

#include <bisque/core/ops/each_cpu.h>
#include <bisque/ops3d/distance/distance_search.h>

namespace bisque::distance {

// Fewer do not repay the boxes: sorting 52,000 triangles takes as long as 14 passes over all of them.
constexpr int64_t kLeastQueries = 16;

// Queries of one cloud that a thread takes at a time: those far from all targets cost more, and a core may be busy.
struct Chunk {
  int64_t cloud, begin, end;
};

namespace {

template <class T>
std::vector<Chunk> chunks_of(const Search<T>& p) {
  const int64_t size = std::clamp(p.num_queries / 128, int64_t{16}, int64_t{1024});
  std::vector<Chunk> chunks;
  for (int64_t n = 0; n < p.num_clouds; ++n) {
    const int64_t end = first_row(p.query_first, n + 1, p.num_clouds, p.num_queries);
    for (int64_t begin = p.query_first[n]; begin < end; begin += size) {
      chunks.push_back({n, begin, std::min(begin + size, end)});
    }
  }
  return chunks;
}

}  // namespace

template <class T>
void find_nearest(const OnCpu& on, const Search<T>& p) {
  each<check_clouds<T>>(on, p, p.num_clouds);
  if (p.num_clouds == 0) {
    for (int64_t i = 0; i < p.num_queries; ++i) Nearest<T>().write(p, i, true);
    return;
  }
  std::vector<Tree<T>> trees(static_cast<size_t>(p.num_clouds));
  op::parallel_for(p.num_clouds, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const int64_t queries = first_row(p.query_first, n + 1, p.num_clouds, p.num_queries) - p.query_first[n];
      if (queries == 0) continue;
      const int64_t first = p.target_first[n];
      const int64_t count = first_row(p.target_first, n + 1, p.num_clouds, p.num_targets) - first;
      const T* targets = p.targets + 3 * p.target_corners * first;
      trees[static_cast<size_t>(n)] = make_tree(targets, count, p.target_corners, queries >= kLeastQueries);
    }
  });
  const std::vector<Chunk> chunks = chunks_of(p);
  const auto num_chunks = static_cast<int64_t>(chunks.size());
  std::atomic<int64_t> next = 0;
  op::parallel_for(num_chunks, 1, [&](int64_t, int64_t) {
    for (int64_t i = next++; i < num_chunks; i = next++) {
      const auto& [cloud, begin, end] = chunks[static_cast<size_t>(i)];
      search_queries(p, trees[static_cast<size_t>(cloud)], p.target_first[cloud], begin, end);
    }
  });
}

template void find_nearest(const OnCpu&, const Search<float>&);
template void find_nearest(const OnCpu&, const Search<double>&);

}  // namespace bisque::distance
