#include <bisque/core/checkpoint/save.h>

#include <ATen/ATen.h>
#include <c10/util/complex.h>

#include <ostream>

#include <bisque/core/checkpoint/tensor_writer.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/core/serialization/pickle_writer.h>
#include <bisque/core/serialization/zip_writer.h>

namespace bisque {
namespace {

constexpr int kMaxDepth = 1000;

/// Writes a Value into a pickle.
class ValueWriter {
 public:
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

void ValueWriter::write(const Value& value, int depth) {
  if (depth > kMaxDepth) fail("save: values are nested deeper than ", kMaxDepth, ".");
  if (value.is_none()) {
    pickle_.none();
  } else if (const auto* tensor = value.get_if<at::Tensor>(); tensor) {
    write_tensor(value);
  } else if (const auto* text = value.get_if<std::string>()) {
    pickle_.str(*text);
  } else if (const auto* integer = value.get_if<int64_t>()) {
    pickle_.integer(*integer);
  } else if (const auto* number = value.get_if<double>()) {
    pickle_.real(*number);
  } else if (const auto* flag = value.get_if<bool>()) {
    pickle_.boolean(*flag);
  } else if (const auto* ordered = value.get_if<OrderedDict>()) {
    write_dict(*ordered, depth);
  } else if (const auto* dict = value.get_if<Dict>()) {
    pickle_.begin_dict();
    write_pairs(*dict, depth);
    pickle_.end_dict();
  } else if (const auto* list = value.get_if<List>()) {
    pickle_.begin_list();
    write_items(*list, depth);
    pickle_.end_list();
  } else if (const auto* tuple = value.get_if<Tuple>()) {
    pickle_.begin_tuple();
    write_items(*tuple, depth);
    pickle_.end_tuple();
  } else if (const auto* items = value.get_if<Items>()) {
    write_dict(*items, depth);
  } else if (const auto* set = value.get_if<Set>()) {
    write_set(*set, depth);
  } else if (const auto* bytes = value.get_if<Bytes>()) {
    bytes->is_mutable ? pickle_.byte_array(bytes->data) : pickle_.bytes(bytes->data);
  } else if (!write_rare(value)) {
    fail("save: a value of type ", value.type_name(), " cannot be saved; make it of the types that a Value names.");
  }
}

void ValueWriter::write_tensor(const Value& value) {
  TensorObject object = tensors_.describe(value.as<at::Tensor>());
  object.is_parameter = value.is_parameter();
  pickle_.tensor(object);
}

void ValueWriter::write_pairs(const Dict& dict, int depth) {
  for (const auto& [name, value] : dict) {
    pickle_.str(name);
    write(value, depth + 1);
  }
}

void ValueWriter::write_dict(const OrderedDict& dict, int depth) {
  const bool has_metadata = dict.metadata.begin() != dict.metadata.end();
  pickle_.begin_ordered_dict();
  write_pairs(dict, depth);
  pickle_.end_ordered_dict(has_metadata);
  if (!has_metadata) return;
  pickle_.begin_ordered_dict();
  for (const auto& [path, versions] : dict.metadata) {
    pickle_.str(path);
    write(versions, depth + 2);
  }
  pickle_.end_ordered_dict();
  pickle_.end_metadata();
}

void ValueWriter::write_dict(const Items& dict, int depth) {
  dict.is_ordered ? pickle_.begin_ordered_dict() : pickle_.begin_dict();
  for (const auto& [key, value] : dict) {
    write(key, depth + 1);
    write(value, depth + 1);
  }
  dict.is_ordered ? pickle_.end_ordered_dict() : pickle_.end_dict();
}

void ValueWriter::write_set(const Set& set, int depth) {
  set.is_frozen ? pickle_.begin_frozen_set() : pickle_.begin_set();
  write_items(set, depth);
  set.is_frozen ? pickle_.end_frozen_set() : pickle_.end_set();
}

bool ValueWriter::write_rare(const Value& value) {
  if (const auto* big = value.get_if<BigInt>()) {
    pickle_.big_integer(big->bytes);
  } else if (const auto* size = value.get_if<Size>()) {
    pickle_.size(*size);
  } else if (const auto* dtype = value.get_if<at::ScalarType>()) {
    pickle_.dtype(torch_dtype(*dtype));
  } else if (const auto* layout = value.get_if<at::Layout>()) {
    pickle_.layout(torch_layout(*layout));
  } else if (const auto* complex = value.get_if<c10::complex<double>>()) {
    pickle_.complex(complex->real(), complex->imag());
  } else if (const auto* storage = value.get_if<c10::Storage>()) {
    pickle_.storage(tensors_.describe(*storage));
  } else if (const auto* device = value.get_if<at::Device>()) {
    const std::string type = c10::DeviceTypeName(device->type(), /*lower_case=*/true);
    pickle_.device({type, device->has_index() ? std::optional<int64_t>(device->index()) : std::nullopt});
  } else {
    return false;
  }
  return true;
}

/// The bytes of a storage, on the CPU.
at::Tensor bytes_of(const TensorWriter::Storage& storage) {
  const at::Tensor view = at::empty({0}, at::TensorOptions(at::kByte).device(storage.storage.device()))
                              .set_(storage.storage, 0, {static_cast<int64_t>(storage.bytes)}, {1});
  return view.to(at::kCPU);
}

/// torch names a file's contents by a hash of them; any number will do.
std::string serialization_id(std::string_view pickle) {
  std::string digits = std::to_string(std::hash<std::string_view>()(pickle));
  return std::string(40 - std::min<size_t>(digits.size(), 40), '0') + digits;
}

void write_archive(const Value& value, ByteSink sink, const std::string& where) {
  ValueWriter writer;
  writer.write(value);
  const std::string pickle = writer.finish();
  ZipWriter zip(std::move(sink), where);
  zip.add("archive/data.pkl", pickle);
  zip.add("archive/.format_version", "1");
  zip.add("archive/.storage_alignment", std::to_string(ZipWriter::kAlignment));
  zip.add("archive/byteorder", "little");
  std::string name = "archive/data/";
  const size_t length = name.size();
  for (const auto& storage : writer.tensors().storages()) {
    name.resize(length);
    name += storage.key;
    const at::Tensor bytes = storage.location == "cpu" ? at::Tensor() : bytes_of(storage);
    const void* data = bytes.defined() ? bytes.const_data_ptr() : storage.storage.data();
    zip.add(name, std::span(static_cast<const std::byte*>(data), storage.bytes));
  }
  zip.add("archive/version", "3\n");
  zip.add("archive/.data/serialization_id", serialization_id(pickle));
  zip.finish();
}

}  // namespace

void save(const Value& value, const std::string& path, const SaveOptions& options) {
  AtomicFile file(path);
  write_archive(
      value, [&](std::span<const std::byte> bytes) { file.write(bytes); }, path);
  file.commit(options.sync);
}

void save(const Value& value, std::ostream& stream) {
  const auto write = [&](std::span<const std::byte> bytes) {
    stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!stream) fail("save: the stream takes no more bytes.");
  };
  write_archive(value, write, "stream");
  if (!stream.flush()) fail("save: the stream cannot be flushed.");
}

std::string save_to_string(const Value& value) {
  std::string text;
  const auto append = [&](std::span<const std::byte> bytes) {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  write_archive(value, append, "buffer");
  return text;
}

}  // namespace bisque
