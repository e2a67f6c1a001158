// default_collate for values whose type is known only at run time.
#include <utility>

#include <bisque/core/data/collate.h>

namespace bisque::data {
namespace {

/// The content of each sample as a T. Error: one holds another type.
template <class T>
std::vector<const T*> column_as(Column<Value> samples) {
  std::vector<const T*> column;
  column.reserve(samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    const T* held = samples[i]->get_if<T>();
    if (!held || samples[i]->type_name() != samples[0]->type_name()) {
      fail("default_collate: expected values of one type, but sample ", i, " is of type ", samples[i]->type_name(),
           " and sample 0 of type ", samples[0]->type_name(), ".");
    }
    column.push_back(held);
  }
  return column;
}

/// A list of the unmodified samples.
template <class T>
Value list_values(Column<Value> samples) {
  List list;
  for (const T* held : column_as<T>(samples)) list.emplace_back(*held);
  return list;
}

template <class T>
Value collate_elements(Column<Value> samples) {
  std::vector<const List*> lists;
  for (const T* held : column_as<T>(samples)) lists.push_back(held);
  return Collate<List>::of(lists);
}

template <class T>
Value collate_entries(Column<Value> samples) {
  std::vector<const Dict*> dicts;
  for (const T* held : column_as<T>(samples)) dicts.push_back(held);
  T batch;
  static_cast<Dict&>(batch) = Collate<Dict>::of(dicts);
  return batch;
}

Value collate_items(Column<Value> samples) {
  const std::vector<const Items*> all = column_as<Items>(samples);
  Items batch;
  batch.is_ordered = all[0]->is_ordered;
  for (const auto& [key, first] : *all[0]) {
    std::vector<const Value*> column;
    for (const Items* each : all) {
      const Value* found = each->size() == all[0]->size() ? each->find(key) : nullptr;
      if (!found) fail("default_collate: expected dicts with the same keys, which are text, integers or bools.");
      column.push_back(found);
    }
    batch.emplace_back(key, Collate<Value>::of(column));
  }
  return batch;
}

}  // namespace

Value Collate<Value>::of(Column<Value> samples) {
  const Value& first = *samples[0];
  if (first.is<at::Tensor>()) return stack_samples(column_as<at::Tensor>(samples));
  if (first.is<bool>()) return Collate<bool>::of(column_as<bool>(samples));
  if (first.is<int64_t>()) return Collate<int64_t>::of(column_as<int64_t>(samples));
  if (first.is<double>()) return Collate<double>::of(column_as<double>(samples));
  if (first.is<std::string>()) return list_values<std::string>(samples);
  if (first.is<Bytes>()) return list_values<Bytes>(samples);
  if (first.is<List>()) return collate_elements<List>(samples);
  if (first.is<Tuple>()) return collate_elements<Tuple>(samples);
  if (first.is<OrderedDict>()) return collate_entries<OrderedDict>(samples);
  if (first.is<Dict>()) return collate_entries<Dict>(samples);
  if (first.is<Items>()) return collate_items(samples);
  fail(
      "default_collate: expected values that are tensors, numbers, text, bytes, lists, tuples or dicts, but got one "
      "of type ",
      first.type_name(), ".");
}

}  // namespace bisque::data
