#include <bisque/core/nn/containers/parameter_list.h>

#include <sstream>

#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>

namespace bisque {
namespace {

/// "  (name): Parameter containing: [torch.float32 of size 2x3]", one line per parameter.
template <class TypeText>
std::string lines_of(const OrderedMap<TensorSlot>& slots, const TypeText& type_text) {
  std::ostringstream lines;
  for (const auto& [name, slot] : slots) {
    const at::Tensor& tensor = *slot.value;
    lines << (lines.tellp() > 0 ? "\n" : "") << "  (" << name << "): ";
    if (!tensor.defined()) {
      lines << "Object of type: NoneType";
      continue;
    }
    lines << "Parameter containing: [" << type_text(tensor) << " of size ";
    for (int64_t i = 0; i < tensor.dim(); ++i) lines << (i ? "x" : "") << tensor.size(i);
    if (tensor.is_cuda()) lines << " (" << tensor.device() << ")";
    lines << "]";
  }
  return lines.str();
}

}  // namespace

ParameterList::ParameterList(std::initializer_list<at::Tensor> tensors) {
  for (const auto& tensor : tensors) append(tensor);
}

void ParameterList::extend(const std::vector<Parameter>& parameters) {
  for (const auto& parameter : parameters) append(parameter);
}

std::string ParameterList::name_at(int64_t index) const {
  if (index < -size() || index >= size()) fail(type_name(), ": index ", index, " is out of range");
  return std::to_string(index < 0 ? index + size() : index);
}

const at::Tensor& ParameterList::operator[](int64_t index) const { return *parameter_slots().at(name_at(index)).value; }

void ParameterList::set(int64_t index, const Parameter& value) { register_parameter(name_at(index), value); }

at::Tensor ParameterList::pop() {
  const std::string name = name_at(-1);
  at::Tensor last = *parameter_slots().at(name).value;
  erase(name);
  return last;
}

std::string ParameterList::extra_repr() const {
  return lines_of(parameter_slots(), [](const at::Tensor& tensor) { return dtype_name(tensor.scalar_type()); });
}

ParameterDict::ParameterDict(std::initializer_list<Entry> entries) {
  for (const auto& [key, value] : entries) set(key, value);
}

std::vector<std::string> ParameterDict::keys() const {
  std::vector<std::string> keys;
  for (const auto& entry : parameter_slots()) keys.push_back(entry.first);
  return keys;
}

const at::Tensor& ParameterDict::at(const std::string& key) const {
  const TensorSlot* slot = parameter_slots().find(key);
  if (!slot) fail(type_name(), ": there is no key '", key, "'.");
  return *slot->value;
}

at::Tensor ParameterDict::pop(const std::string& key) {
  at::Tensor value = at(key);
  erase(key);
  return value;
}

void ParameterDict::clear() {
  for (const auto& key : keys()) erase(key);
}

std::string ParameterDict::extra_repr() const {
  return lines_of(parameter_slots(), [](const at::Tensor& tensor) {
    return std::string(tensor.is_cuda() ? "torch.cuda." : "torch.") + at::toString(tensor.scalar_type()) + "Tensor";
  });
}

}  // namespace bisque
