// Internal. Writes pickles that Python and torch.load(weights_only=True) read: protocol 2, like torch.save.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <bisque/core/torch_file/seeded_hash.h>
#include <bisque/core/torch_file/torch_pickle.h>

namespace bisque {

/// Writes one value, from the outside in: begin_dict(), key, value, key, value, ..., end_dict(), finish(). Values of
/// torch_pickle.h are written like torch does; their storages are referenced by key, and the data is stored beside the
/// pickle. Error (from finish() or at once): calls that do not form a value, and text that is not UTF-8.
class PickleWriter {
 public:
  PickleWriter();

  void none();
  void boolean(bool value);
  void integer(int64_t value);
  /// Any size: little-endian two's complement.
  void big_integer(std::string_view bytes);
  void real(double value);
  void complex(double real, double imag);
  void str(std::string_view text);
  void bytes(std::string_view bytes);
  void byte_array(std::string_view bytes);

  void begin_list();
  void end_list();
  void begin_tuple();
  void end_tuple();
  void begin_set();
  void end_set();
  void begin_frozen_set();
  void end_frozen_set();
  /// Keys and values alternate until end_dict().
  void begin_dict();
  void end_dict();
  void begin_ordered_dict();
  /// Ends the items; `has_metadata`: the next value is the attribute _metadata, followed by end_metadata().
  void end_ordered_dict(bool has_metadata = false);
  void end_metadata();

  void dtype(TorchDtype dtype);
  void size(std::span<const int64_t> sizes);
  void device(const DeviceInfo& device);
  void layout(TorchLayout layout);
  void storage(const StorageInfo& storage);
  /// Error: it has attributes, or a storage of another dtype (untyped if torch has no storage type for the dtype).
  void tensor(const TensorObject& tensor);
  void tensor(const TensorInfo& tensor);

  /// For a value that occurs more than once (a shared list, a tied Parameter): directly after it (for a list or dict
  /// that contains itself: directly after its begin) it gets a number, and again() repeats it.
  uint32_t remember();
  void again(uint32_t number);

  /// The pickle.
  std::string finish();

 private:
  enum class Open : uint8_t { List, Tuple, Set, FrozenSet, Dict, OrderedDict, Metadata };

  void op(char opcode) { text_ += opcode; }
  template <class T>
  void number(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void begin(Open open) { open_.push_back(open); }
  void mark();
  void end(Open open, const char* name);
  void global(std::string_view line);  // "cMODULE\nNAME\n"
  void torch_global(std::string_view name);
  void repeated(std::string_view text);
  void tuple_of(std::span<const int64_t> values);
  void empty_ordered_dict();
  void sparse(const SparseTensorInfo& sparse);
  void nested(const TensorInfo& buffer, const NestedTables& tables);
  void meta(const MetaTensorInfo& meta, bool requires_grad);
  void quantizer(const QuantizerInfo& quantizer);
  void channels(const std::optional<TensorInfo>& tensor, const std::vector<double>& list);

  std::string text_;
  std::vector<Open> open_;
  size_t marked_at_ = 0;  // end of the mark of a list or dict that was just begun
  std::unordered_map<std::string, uint32_t, SeededHash, std::equal_to<>> memo_;  // texts, and globals as their lines
  uint32_t next_memo_ = 0;
  std::string line_;
};

}  // namespace bisque
