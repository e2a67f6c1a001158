// Datasets: any type that has size() and [], or iter(). Names follow torch.utils.data.
#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <bisque/core/error.h>

namespace bisque::data {

/// Samples by index: size() and dataset[i]; a std::vector is one. Samples can have any movable type. Both members are
/// const, and threads of a DataLoader call them concurrently.
///
///   struct Squares {
///     int64_t size() const { return 100; }
///     int64_t operator[](int64_t i) const { return i * i; }
///   };
///
/// Two optional members are used if they exist: get_items(std::span<const int64_t>) returns a std::vector of samples
/// (Python's __getitems__), and batch(std::span<const int64_t>) returns the result of default_collate for them.
template <class D>
concept MapDataset = requires(const D& dataset, int64_t index) {
  { dataset.size() } -> std::convertible_to<int64_t>;
  dataset[index];
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

/// Sequential samples: iter() restarts and returns a function that returns the next sample, or nullopt at the end.
///
///   struct Lines {
///     auto iter() const {
///       return [file = std::make_shared<std::ifstream>(path)]() -> std::optional<std::string> { ... };
///     }
///   };
///
/// Each worker of a DataLoader calls iter(); get_worker_info() identifies the worker's shard.
///
/// A call that throws counts as one record: the loader reports it, and the next call returns the following record. So
/// advance before you read data that may be bad. The result of iter() may have a member `int64_t skip(int64_t count)`,
/// which skips `count` records without reading them and returns how many it skipped; resuming uses it.
template <class D>
concept IterableDataset = !MapDataset<D> && requires(const D& dataset) {
  dataset.iter();
  requires kIsOptional<std::remove_cvref_t<decltype(dataset.iter()())>>;
};

template <class D>
concept Dataset = MapDataset<D> || IterableDataset<D>;

namespace internal {
template <class D>
struct SampleType {
  using Type = std::remove_cvref_t<decltype(std::declval<const D&>()[int64_t{}])>;
};
template <IterableDataset D>
struct SampleType<D> {
  using Type = typename std::remove_cvref_t<decltype(std::declval<const D&>().iter()())>::value_type;
};
}  // namespace internal

/// A stream that can skip records without reading them.
template <class S>
concept SkippingStream = requires(S& stream, int64_t count) {
  { stream.skip(count) } -> std::convertible_to<int64_t>;
};

/// Skips `count` records of a stream, including bad ones. Returns how many were skipped: fewer at its end.
template <class S>
int64_t skip_records(S& stream, int64_t count) {
  if constexpr (SkippingStream<S>) {
    return static_cast<int64_t>(stream.skip(count));
  } else {
    for (int64_t passed = 0; passed < count; ++passed) {
      try {
        if (!stream()) return passed;
      } catch (...) {  // a record that throws counts
      }
    }
    return count;
  }
}

template <Dataset D>
using SampleOf = typename internal::SampleType<D>::Type;

/// Error: the index is not in [0, size).
inline void check_index(const char* where, int64_t index, int64_t size) {
  if (index < 0 || index >= size) fail(where, ": expected an index in [0, ", size, "), but got ", index, ".");
}

/// A type-erased map-style dataset with this sample type.
template <class Sample>
class AnyDataset {
 public:
  template <MapDataset D>
  requires(!std::same_as<D, AnyDataset>) explicit AnyDataset(D dataset) {
    const auto shared = std::make_shared<const D>(std::move(dataset));
    size_ = [shared] { return static_cast<int64_t>(shared->size()); };
    get_ = [shared](int64_t index) -> Sample { return (*shared)[index]; };
  }
  int64_t size() const { return size_(); }
  Sample operator[](int64_t index) const { return get_(index); }

 private:
  std::function<int64_t()> size_;
  std::function<Sample(int64_t)> get_;
};

}  // namespace bisque::data
