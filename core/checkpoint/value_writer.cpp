#include <bisque/core/checkpoint/value_writer.h>

#include <c10/core/Device.h>
#include <c10/core/Storage.h>
#include <c10/util/complex.h>

#include <cstdint>
#include <optional>

#include <bisque/core/error.h>

namespace bisque {
namespace {

constexpr int kMaxValueDepth = 1000;

}  // namespace

void ValueWriter::write(const Value& value, int depth) {
  if (depth > kMaxValueDepth) fail("save: values are nested deeper than ", kMaxValueDepth, ".");
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
    fail("save: a value of type ", value.type_name(), " cannot be saved; use the types that Value lists.");
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
  if (set.is_frozen) {
    fail("save: a frozenset cannot be saved, since torch.load(weights_only=True) does not read it; expected a set ",
         "(is_frozen = false) or a tuple.");
  }
  pickle_.begin_set();
  write_items(set, depth);
  pickle_.end_set();
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

}  // namespace bisque
