// Internal. The stack machine that runs a pickle: it builds a Pickle and checks the operands of each opcode.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/torch_file/pickle.h>
#include <bisque/core/torch_file/pickle_keys.h>

namespace bisque {

class PickleMachine {
 public:
  PickleMachine(const std::string& where, const PickleOptions& options) : where_(where), options_(options) {}

  /// Sets the current opcode, for messages.
  void begin(size_t byte, const char* opcode) {
    byte_ = byte;
    opcode_ = opcode;
  }
  template <class... Parts>
  [[noreturn]] void reject(const Parts&... parts) const {
    fail(where_, ": byte ", byte_, ": ", opcode_, " ", parts..., ".");
  }

  // Values
  void push_none() { push(shared(none_, PickleKind::None)); }
  void push_bool(bool value);
  void push_int(int64_t value);
  /// Little-endian two's complement, which views the input or a kept() text.
  void push_integer(std::string_view bytes);
  void push_float(double value);
  void push_text(PickleKind kind, std::string_view text);
  /// Stores a text in the pickle.
  std::string_view kept(std::string text);
  void push_global(std::string_view module, std::string_view name);
  void push_named_global();  // named by two str on the stack
  void push_persistent(std::string_view id);
  void push_persistent();

  // Containers
  void push_empty(PickleKind kind);
  void push_empty_tuple();
  void push_tuple(size_t count);
  /// From the values above the last mark: List, Tuple, Dict or FrozenSet.
  void push_marked(PickleKind kind);
  void append();
  void append_marked();
  void set_item();
  void set_marked();
  void add_marked();

  // Calls
  void reduce() { invoke(false); }
  void new_object(bool with_keywords) { invoke(true, with_keywords); }
  void build();

  // Stack and memo
  void mark();
  void pop();
  void pop_mark() { drop_marked(); }
  void duplicate() { push(top()); }
  void memoize() { put(next_memo_); }
  void put(uint64_t index);
  void get(uint64_t index);
  /// Ends the program.
  Pickle finish();

 private:
  using Role = PickleGlobal::Role;

  void push(NodeId node) {
    if (stack_.size() >= options_.max_stack) reject("has more than ", options_.max_stack, " values on the stack");
    stack_.push_back(node);
  }
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  void need(size_t count) const;
  NodeId top() const;
  NodeId take();
  std::span<const NodeId> marked() const;
  NodeId target_below_mark() const;
  void drop_marked();
  NodeId make(PickleKind kind);
  NodeId make_text(PickleKind kind, std::string_view text);
  NodeId make_container(PickleKind kind, std::span<const NodeId> items);
  NodeId shared(NodeId& node, PickleKind kind);
  std::string described(NodeId node) const;

  void extend(NodeId container, std::span<const NodeId> items);
  void set(NodeId dict, NodeId key, NodeId value);
  void add(NodeId set, NodeId member);
  void check_key(NodeId key);
  void set_pairs(NodeId dict, std::span<const NodeId> pairs);
  NodeId list_target(NodeId node);
  NodeId dict_target(NodeId node);
  Pickle::Extra& extra(NodeId call);
  uint32_t global_index(std::string_view module, std::string_view name);

  // pickle_calls.cpp
  void invoke(bool is_object, bool with_keywords = false);
  void check_arguments(NodeId callee, size_t given, size_t least, size_t most) const;
  NodeId make_call(NodeId callee, NodeId args);
  bool call_python(NodeId callee, NodeId args);
  void call_set(NodeId callee, NodeId args, PickleKind kind);
  void call_encode(NodeId callee, NodeId args);
  void call_bytes(NodeId callee, NodeId args);
  void call_bytearray(NodeId callee, NodeId args);
  void call_complex(NodeId callee, NodeId args);
  void call_mapping(NodeId callee, NodeId args);
  void fill_mapping(NodeId call, NodeId source);
  double real_argument(NodeId callee, NodeId value) const;

  const std::string& where_;
  const PickleOptions& options_;
  size_t byte_ = 0;
  const char* opcode_ = "";

  Pickle pickle_;
  PickleKeys keys_{pickle_};
  std::vector<NodeId> stack_;
  std::vector<size_t> marks_;  // start of each on the stack
  std::vector<NodeId> memo_;
  uint64_t next_memo_ = 0;  // the number of entries, MEMOIZE's next index
  NodeId none_ = kNoNode;
  NodeId true_ = kNoNode;
  NodeId false_ = kNoNode;
  NodeId empty_tuple_ = kNoNode;
  std::vector<NodeId> small_ints_ = std::vector<NodeId>(256, kNoNode);
  std::unordered_map<std::string, uint32_t> global_places_;  // by full name, in pickle_.globals
};

}  // namespace bisque
