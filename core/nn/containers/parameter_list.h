// ParameterList and ParameterDict: parameters by index, or by key.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/nn/module.h>

namespace bisque {

/// Parameters by index; a negative index counts from the end. A plain tensor becomes a Parameter.
///
///   ParameterList scales({at::ones({2}), at::ones({3})});
///   x * scales[0];
class ParameterList : public ModuleOf<ParameterList> {
 public:
  ParameterList() = default;
  explicit ParameterList(const std::vector<Parameter>& parameters) { extend(parameters); }
  ParameterList(std::initializer_list<at::Tensor> tensors);
  ParameterList(const ParameterList&) = default;

  int64_t size() const { return static_cast<int64_t>(parameter_slots().size()); }
  bool empty() const { return parameter_slots().empty(); }
  void append(const Parameter& value) { register_parameter(std::to_string(size()), value); }
  void append(const at::Tensor& value) { append(Parameter(value)); }
  void extend(const std::vector<Parameter>& parameters);
  /// Error: no such index.
  const at::Tensor& operator[](int64_t index) const;
  void set(int64_t index, const Parameter& value);
  /// Removes and returns the last parameter. Error: the list is empty.
  at::Tensor pop();

  std::string extra_repr() const override;

 private:
  std::string name_at(int64_t index) const;
};

/// Parameters by keys, which are their names, in the order of insertion. A plain tensor becomes a Parameter.
class ParameterDict : public ModuleOf<ParameterDict> {
 public:
  using Entry = std::pair<std::string, at::Tensor>;

  ParameterDict() = default;
  ParameterDict(std::initializer_list<Entry> entries);
  ParameterDict(const ParameterDict&) = default;

  int64_t size() const { return static_cast<int64_t>(parameter_slots().size()); }
  bool empty() const { return parameter_slots().empty(); }
  bool contains(const std::string& key) const { return parameter_slots().contains(key); }
  std::vector<std::string> keys() const;
  /// Error: no such key.
  const at::Tensor& at(const std::string& key) const;
  void set(const std::string& key, const Parameter& value) { register_parameter(key, value); }
  void set(const std::string& key, const at::Tensor& value) { set(key, Parameter(value)); }
  /// Removes and returns a parameter. Error: no such key.
  at::Tensor pop(const std::string& key);
  void clear();

  std::string extra_repr() const override;
};

}  // namespace bisque
