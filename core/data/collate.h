// default_collate: a list of samples as one batch.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/ScalarType.h>

#include <map>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <bisque/core/data/batch_memory.h>
#include <bisque/core/data/fields.h>
#include <bisque/core/error.h>
#include <bisque/core/ordered_map.h>

namespace bisque::data {

/// One part of each sample.
template <class T>
using Column = std::span<const T* const>;

/// torch.stack of samples on any device; samples of one dtype on the CPU without gradients are copied once, into
/// empty_batch(). Errors: no samples; shapes differ.
at::Tensor stack_samples(Column<at::Tensor> samples);

/// How a type is collated; specialize it for your own type, with a function `of` that takes a Column of it.
template <class T>
struct Collate {
  static_assert(
      kAlwaysFalse<T>,
      "default_collate: expected tensors, numbers, strings, and optionals, vectors, arrays, maps, tuples and "
      "structs with fields of them; describe the type by Fields, specialize Collate, or give a collate function");
};

/// The batch that default_collate makes of samples.
template <class T>
using Collated = decltype(Collate<T>::of(std::declval<Column<T>>()));

/// Collates samples like torch.utils.data.default_collate:
///
///   Tensor               Tensor [B, ...]
///   number               Tensor [B] of its dtype (int64_t is Python's int, double its float)
///   std::string          std::vector<std::string>
///   pair, tuple          the same, of the collated members
///   vector, array        the same length, of the collated elements; all samples have one length
///   map                  the same keys, with collated values; all samples have one set of keys
///   optional             nullopt if none has a value, else all must have one
///   struct with fields   its type Batch, if it has one, which has as many fields; itself, if each field collates to
///                        its own type; else a tuple
///   Ragged               Packed (core/data/ragged.h)
///   Value                by its content, as in Python: tensors, numbers, text, bytes, lists, tuples (which become
///                        lists) and dicts; all samples hold one type
///
/// Errors: there are no samples; shapes, lengths or keys differ.
template <class T>
Collated<T> default_collate(const std::vector<T>& samples) {
  std::vector<const T*> column;
  column.reserve(samples.size());
  for (const T& sample : samples) column.push_back(&sample);
  if (column.empty()) fail("default_collate: expected one sample or more, but got none.");
  return Collate<T>::of(column);
}

namespace internal {

/// One member of each sample as a column.
template <class T, class Member>
auto column_of(Column<T> samples, const Member& member) {
  using Part = std::remove_cvref_t<decltype(member(*samples[0]))>;
  std::vector<const Part*> column;
  column.reserve(samples.size());
  for (const T* sample : samples) column.push_back(&member(*sample));
  return column;
}

template <class T, class Member>
auto collate_part(Column<T> samples, const Member& member) {
  const auto column = column_of(samples, member);
  using Part = std::remove_cvref_t<decltype(member(*samples[0]))>;
  return Collate<Part>::of(column);
}

/// Collates the fields of a struct or the members of a tuple; `tie` returns references to them.
template <class T, class Tie>
auto collate_members(Column<T> samples, const Tie& tie) {
  using Members = decltype(tie(*samples[0]));
  return [&]<size_t... I>(std::index_sequence<I...>) {
    return std::make_tuple(collate_part(
        samples, [&](const T& sample) -> const auto& { return std::get<I>(tie(sample)); })...);
  }
  (std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<Members>>>());
}

/// A tuple of values for a tuple of references.
template <class... Ts>
std::tuple<std::remove_cvref_t<Ts>...> values_of(const std::tuple<Ts...>&);

[[noreturn]] inline void fail_differing(const char* what, size_t sample, const std::string& has,
                                        const std::string& first) {
  fail("default_collate: expected ", what, ", but sample ", sample, " has ", has, " and sample 0 ", first, ".");
}

}  // namespace internal

template <TensorType T>
struct Collate<T> {
  static at::Tensor of(Column<T> samples) { return stack_samples(samples); }
};

template <Number T>
struct Collate<T> {
  static at::Tensor of(Column<T> samples) {
    at::Tensor batch = empty_batch({static_cast<int64_t>(samples.size())}, c10::CppTypeToScalarType<T>::value);
    T* to = batch.mutable_data_ptr<T>();
    for (const T* sample : samples) *to++ = *sample;
    return batch;
  }
};

template <Text T>
struct Collate<T> {
  static std::vector<std::string> of(Column<T> samples) {
    std::vector<std::string> batch;
    batch.reserve(samples.size());
    for (const T* sample : samples) batch.push_back(*sample);
    return batch;
  }
};

template <>
struct Collate<Value> {
  static Value of(Column<Value> samples);
};

template <OptionalType T>
struct Collate<T> {
  static auto of(Column<T> samples) {
    using Part = typename T::value_type;
    std::optional<Collated<Part>> batch;
    for (size_t i = 1; i < samples.size(); ++i) {
      const auto has = [&](size_t at) { return std::string(samples[at]->has_value() ? "one" : "none"); };
      if (samples[i]->has_value() != samples[0]->has_value()) {
        internal::fail_differing("all samples or none to have an optional value", i, has(i), has(0));
      }
    }
    if (*samples[0]) batch = internal::collate_part(samples, [](const T& sample) -> const Part& { return *sample; });
    return batch;
  }
};

template <VectorType T>
struct Collate<T> {
  static auto of(Column<T> samples) {
    using Part = typename T::value_type;
    const size_t length = samples[0]->size();
    for (size_t i = 1; i < samples.size(); ++i) {
      if (samples[i]->size() != length) {
        internal::fail_differing("vectors of one length", i, std::to_string(samples[i]->size()),
                                 std::to_string(length));
      }
    }
    std::vector<Collated<Part>> batch;
    batch.reserve(length);
    for (size_t at = 0; at < length; ++at) {
      batch.push_back(internal::collate_part(samples, [at](const T& sample) -> const Part& { return sample[at]; }));
    }
    return batch;
  }
};

template <ArrayType T>
struct Collate<T> {
  static auto of(Column<T> samples) {
    using Part = typename T::value_type;
    std::array<Collated<Part>, std::tuple_size_v<T>> batch;
    for (size_t at = 0; at < batch.size(); ++at) {
      batch[at] = internal::collate_part(samples, [at](const T& sample) -> const Part& { return sample[at]; });
    }
    return batch;
  }
};

/// The same kind of map with another value type.
template <class Map, class Value>
struct MapOf;
template <class Key, class Old, class Value>
struct MapOf<std::map<Key, Old>, Value> {
  using Type = std::map<Key, Value>;
};
template <class Key, class Old, class Value>
struct MapOf<std::unordered_map<Key, Old>, Value> {
  using Type = std::unordered_map<Key, Value>;
};
template <class Old, class Value>
struct MapOf<OrderedMap<Old>, Value> {
  using Type = OrderedMap<Value>;
};

template <MapType T>
requires(!Described<T>) struct Collate<T> {
  static auto of(Column<T> samples) {
    using Part = typename T::value_type::second_type;
    typename MapOf<T, Collated<Part>>::Type batch;
    for (size_t i = 1; i < samples.size(); ++i) {
      if (samples[i]->size() != samples[0]->size()) {
        internal::fail_differing("maps with the same keys", i, std::to_string(samples[i]->size()) + " keys",
                                 std::to_string(samples[0]->size()));
      }
    }
    for (const auto& entry : *samples[0]) {
      const auto& key = entry.first;
      batch.try_emplace(
          key, internal::collate_part(samples, [&](const T& sample) -> const Part& {
            try {
              return sample.at(key);
            } catch (const std::exception&) {
              fail("default_collate: expected maps with the same keys, but a sample lacks one that sample 0 has.");
            }
          }));
    }
    return batch;
  }
};

template <TupleType T>
struct Collate<T> {
  static auto of(Column<T> samples) {
    auto members = internal::collate_members(samples, [](const T& sample) -> const T& { return sample; });
    if constexpr (requires(T & pair) { pair.first; }) {
      return std::pair(std::move(std::get<0>(members)), std::move(std::get<1>(members)));
    } else {
      return members;
    }
  }
};

template <Described T>
struct Collate<T> {
  static auto of(Column<T> samples) {
    auto members = internal::collate_members(samples, [](const T& sample) { return Fields<T>::of(sample); });
    using Own = std::remove_cvref_t<decltype(Fields<T>::of(std::declval<T&>()))>;
    if constexpr (requires { typename T::Batch; }) {
      typename T::Batch batch;
      Fields<typename T::Batch>::of(batch) = std::move(members);
      return batch;
    } else if constexpr (std::is_same_v<decltype(internal::values_of(std::declval<Own>())), decltype(members)>) {
      T batch;
      Fields<T>::of(batch) = std::move(members);
      return batch;
    } else {
      return members;
    }
  }
};

}  // namespace bisque::data
