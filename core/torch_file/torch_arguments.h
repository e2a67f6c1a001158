// Internal. The arguments of one call of a torch constructor, checked when they are read.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/torch_file/torch_pickle.h>

namespace bisque {

class TorchArguments {
 public:
  /// `depth` is the number of tensors that contain this one.
  TorchArguments(const TorchPickle& owner, NodeId callee, NodeId args, int depth)
      : owner_(owner), pickle_(owner.pickle_), callee_(callee), args_(args), depth_(depth) {}

  size_t size() const { return pickle_.items(args_).size(); }
  /// Error: another number of arguments.
  void check_count(size_t least, size_t most) const;

  const Pickle& pickle() const { return pickle_; }
  NodeId node(size_t place) const { return pickle_.items(args_)[place]; }
  PickleKind kind(size_t place) const { return pickle_.kind(node(place)); }
  bool is_none(size_t place) const { return kind(place) == PickleKind::None; }

  int64_t integer(size_t place, const char* name, int64_t least = INT64_MIN) const;
  bool boolean(size_t place, const char* name) const;
  double finite(size_t place, const char* name) const;
  std::string_view text(size_t place, const char* name) const;
  TorchDtype dtype(size_t place, const char* name) const;
  /// Non-negative integers in a tuple, list or torch.Size.
  std::vector<int64_t> sizes(size_t place, const char* name) const;
  StorageInfo storage(size_t place, const char* name) const;
  /// Another tensor that this one is made from.
  TensorObject tensor(size_t place, const char* name) const;
  TensorInfo dense_tensor(size_t place, const char* name) const;
  TorchLayout layout(size_t place, const char* name) const;
  /// A tuple's items, as arguments of the same constructor.
  TorchArguments tuple(size_t place, const char* name) const;
  /// The same for a value that is known to be a list.
  TorchArguments list(size_t place) const { return {owner_, callee_, node(place), depth_}; }
  /// The arguments `args` of another constructor.
  TorchArguments of(NodeId callee, NodeId args) const { return {owner_, callee, args, depth_ + 1}; }
  /// The result of that constructor.
  TensorObject call(NodeId callee, NodeId args) const;
  /// An OrderedDict without items, or None.
  void check_hooks(size_t place) const;

  /// "WHERE: torch._utils._rebuild_tensor_v2: PARTS."
  template <class... Parts>
  [[noreturn]] void reject(const Parts&... parts) const {
    fail(owner_.where_, ": ", pickle_.global(callee_).full_name, ": ", parts..., ".");
  }
  [[noreturn]] void reject_argument(size_t place, const char* name, const char* expected) const;

 private:
  const TorchPickle& owner_;
  const Pickle& pickle_;
  NodeId callee_;
  NodeId args_;
  int depth_;
};

/// A function or class of torch that constructs a value of a file.
struct TorchConstructor {
  std::string_view name;
  TorchObject (*make)(const TorchArguments& arguments);
};

/// By full name, or null. Those of tensors are in torch_tensors.cpp.
const TorchConstructor* torch_constructor(std::string_view name);
const TorchConstructor* tensor_constructor(std::string_view name);

}  // namespace bisque
