// What a dataset is: any type that has size() and [], or iter(). Names follow torch.utils.data.
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

/// Samples by index: size() and dataset[i]; a std::vector is one. Samples are of any type that can be moved. Both
/// members are const, and are called by the threads of a DataLoader at the same time.
///
///   struct Squares {
///     int64_t size() const { return 100; }
///     int64_t operator[](int64_t i) const { return i * i; }
///   };
///
/// Two more members are used where they are there: get_items(std::span<const int64_t>) returns a std::vector of samples
/// (Python's __getitems__), and batch(std::span<const int64_t>) what default_collate would make of them.
template <class D>
concept MapDataset = requires(const D& dataset, int64_t index) {
  { dataset.size() } -> std::convertible_to<int64_t>;
  dataset[index];
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

/// Samples one after the other: iter() starts anew and returns what gives the next one, or nullopt at the end.
///
///   struct Lines {
///     auto iter() const {
///       return [file = std::make_shared<std::ifstream>(path)]() -> std::optional<std::string> { ... };
///     }
///   };
///
/// Each worker of a DataLoader calls iter() for itself; get_worker_info() tells it which part is its own.
///
/// A call that throws counts as one record: the loader reports it, and the next call gives the record after it. So move
/// on before you read what may be bad. What iter() returns may have a member `int64_t skip(int64_t count)`, which
/// passes so many records without reading them and returns how many there were; resuming uses it.
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

/// A stream that passes records without reading them.
template <class S>
concept SkippingStream = requires(S& stream, int64_t count) {
  { stream.skip(count) } -> std::convertible_to<int64_t>;
};

/// Passes so many records of a stream, bad ones included. Returns how many there were: fewer at its end.
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

/// A map-style dataset of any type that gives such samples.
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
