// Internal. Writes a Value as a file's pickle.
#pragma once
#include <string>

#include <bisque/core/checkpoint/tensor_writer.h>
#include <bisque/core/torch_file/pickle_writer.h>
#include <bisque/core/value.h>

namespace bisque {

/// Writes a Value and collects the storages of its tensors.
class ValueWriter {
 public:
  /// Error: an unsupported type, values nested deeper than 1000.
  void write(const Value& value, int depth = 0);
  std::string finish() { return pickle_.finish(); }
  const TensorWriter& tensors() const { return tensors_; }

 private:
  void write_tensor(const Value& value);
  void write_items(const List& items, int depth) {
    for (const Value& item : items) write(item, depth + 1);
  }
  void write_pairs(const Dict& dict, int depth);
  void write_dict(const OrderedDict& dict, int depth);
  void write_dict(const Items& dict, int depth);
  void write_set(const Set& set, int depth);
  bool write_rare(const Value& value);

  PickleWriter pickle_;
  TensorWriter tensors_;
};

}  // namespace bisque
