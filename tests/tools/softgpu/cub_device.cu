#include <algorithm>
#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_reduce.cuh>
#include <cub/device/device_scan.cuh>
#include "t.h"
int main() {
  const int n = 30000;
  std::vector<int> x(n);
  unsigned s = 1;
  for (auto& v : x) {
    s = s * 1664525u + 1013904223u;
    v = (int)(s >> 8) - (1 << 23);
  }
  Dev<int> d(x), o(n);
  size_t bytes = 0;
  auto run = [&](auto f) {
    bytes = 0;
    CUDA(f((void*)nullptr, bytes));
    Dev<char> t(bytes + 1);
    CUDA(f((void*)t.p, bytes));
    CUDA(cudaDeviceSynchronize());
  };
  run([&](void* t, size_t& b) { return cub::DeviceScan::InclusiveSum(t, b, d.p, o.p, n); });
  {
    auto r = o.get();
    unsigned a = 0;
    for (int i = 0; i < n; i++) {
      a += (unsigned)x[i];
      CHECK(r[i] == (int)a);
    }
  }
  Dev<int> one(1);
  run([&](void* t, size_t& b) { return cub::DeviceReduce::Max(t, b, d.p, one.p, n); });
  CHECK(one.get()[0] == *std::max_element(x.begin(), x.end()));
  run([&](void* t, size_t& b) { return cub::DeviceRadixSort::SortKeys(t, b, d.p, o.p, n); });
  auto e = x;
  std::sort(e.begin(), e.end());
  CHECK(o.get() == e);
  std::vector<float> f(n);
  std::vector<int> id(n);
  for (int i = 0; i < n; i++) f[i] = x[i] * 0.5f, id[i] = i;
  Dev<float> fk(f), fo(n);
  Dev<int> vi(id), vo(n);
  run([&](void* t, size_t& b) { return cub::DeviceRadixSort::SortPairsDescending(t, b, fk.p, fo.p, vi.p, vo.p, n); });
  auto k = fo.get();
  auto v = vo.get();
  for (int i = 0; i < n; i++) {
    CHECK(k[i] == f[v[i]]);
    if (i) CHECK(k[i - 1] >= k[i]);
  }
  return done();
}
