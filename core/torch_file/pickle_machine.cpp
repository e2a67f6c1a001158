#include <bisque/core/torch_file/pickle_machine.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <bisque/core/serialization/text.h>
#include <bisque/core/torch_file/pickle_text.h>

namespace bisque {

// ---- Nodes

NodeId PickleMachine::make(PickleKind kind) {
  if (pickle_.nodes.size() >= options_.max_nodes) reject("makes more than ", options_.max_nodes, " values");
  pickle_.nodes.emplace_back().kind = kind;
  return static_cast<NodeId>(pickle_.nodes.size() - 1);
}

// A shared value, made once.
NodeId PickleMachine::shared(NodeId& node, PickleKind kind) {
  if (node == kNoNode) node = make(kind);
  return node;
}

NodeId PickleMachine::make_text(PickleKind kind, std::string_view text) {
  const NodeId node = make(kind);
  pickle_.nodes[node].text = {text.data(), text.size()};
  return node;
}

NodeId PickleMachine::make_container(PickleKind kind, std::span<const NodeId> items) {
  const NodeId node = make(kind);
  pickle_.nodes[node].children = {0, 0, 0};
  extend(node, items);
  return node;
}

std::string PickleMachine::described(NodeId node) const {
  const PickleKind kind = pickle_.kind(node);
  if (kind == PickleKind::Global) return "the global " + printable(pickle_.global(node).full_name);
  if (kind == PickleKind::Call) return "a call of " + printable(pickle_.callee(node).full_name);
  return kind_name(kind);
}

void PickleMachine::push_bool(bool value) {
  NodeId& node = value ? true_ : false_;
  push(shared(node, PickleKind::Bool));
  pickle_.nodes[node].integer = value ? 1 : 0;
}

void PickleMachine::push_int(int64_t value) {
  NodeId unshared = kNoNode;
  const bool is_small = value >= 0 && value < static_cast<int64_t>(small_ints_.size());
  NodeId& node = is_small ? small_ints_[static_cast<size_t>(value)] : unshared;
  push(shared(node, PickleKind::Int));
  pickle_.nodes[node].integer = value;
}

void PickleMachine::push_integer(std::string_view bytes) {
  bytes = shortest_integer(bytes);
  if (bytes.size() > sizeof(int64_t)) {
    push(make_text(PickleKind::BigInt, bytes));
    return;
  }
  int64_t value = !bytes.empty() && (bytes.back() & 0x80) != 0 ? -1 : 0;  // sign extension
  if (!bytes.empty()) std::memcpy(&value, bytes.data(), bytes.size());
  push_int(value);
}

void PickleMachine::push_float(double value) {
  const NodeId node = make(PickleKind::Float);
  pickle_.nodes[node].real = value;
  push(node);
}

void PickleMachine::push_text(PickleKind kind, std::string_view text) {
  if (kind == PickleKind::Str && !is_utf8(text, true)) reject("holds a str that is not UTF-8");
  push(make_text(kind, text));
}

std::string_view PickleMachine::kept(std::string text) { return pickle_.own_texts.emplace_back(std::move(text)); }

// ---- Globals and persistent ids

uint32_t PickleMachine::global_index(std::string_view module, std::string_view name) {
  if (module == "__builtin__") module = "builtins";  // the name in Python 2, which protocols 0 to 2 use
  std::string full_name(module);
  full_name += '.';
  full_name += name;
  const auto found = global_places_.find(full_name);
  if (found != global_places_.end()) return found->second;
  if (!options_.allowed.contains(full_name)) {
    const char* hint = full_name.starts_with("numpy.")
                           ? " (NumPy's values are not supported: save torch.from_numpy(x), float(x) or int(x))"
                       : full_name.starts_with("torch.nested.")
                           ? " (nested tensors of layout torch.jagged are not supported: save values() and offsets())"
                           : "";
    try {
      reject("uses the global ", printable(full_name), ", which is not allowed", hint,
             "; if you trust it, add that name to the allowed globals and define its meaning");
    } catch (const Error& error) {
      throw UnknownGlobal(error.what(), std::move(full_name));
    }
  }
  const bool is_mapping = full_name == "collections.OrderedDict" || full_name == "collections.defaultdict" ||
                          full_name == "collections.Counter";
  const Role role = is_mapping ? Role::Mapping : torch_globals().contains(full_name) ? Role::Fixed : Role::Own;
  const auto place = static_cast<uint32_t>(pickle_.globals.size());
  pickle_.globals.push_back({role, std::string(module), std::string(name), full_name});
  global_places_.emplace(std::move(full_name), place);
  return place;
}

void PickleMachine::push_global(std::string_view module, std::string_view name) {
  const uint32_t place = global_index(module, name);
  const NodeId node = make(PickleKind::Global);
  pickle_.nodes[node].integer = place;
  push(node);
}

void PickleMachine::push_named_global() {
  need(2);
  const NodeId name = take();
  const NodeId module = take();
  for (const NodeId part : {module, name}) {
    if (pickle_.kind(part) != PickleKind::Str) reject("is given ", described(part), ", expected the str of a name");
  }
  push_global(pickle_.text(module), pickle_.text(name));
}

void PickleMachine::push_persistent(std::string_view id) {
  push_text(PickleKind::Str, id);
  push_persistent();
}

void PickleMachine::push_persistent() {
  const NodeId id = take();
  const PickleKind kind = pickle_.kind(id);
  if (kind != PickleKind::Tuple && kind != PickleKind::Str && kind != PickleKind::Int) {
    reject("is given ", described(id), ", expected a tuple, a str or an int as persistent id");
  }
  const NodeId node = make(PickleKind::Persistent);
  pickle_.nodes[node].id = id;
  push(node);
}

// ---- Containers

// Appends items to a container. They are contiguous: a container that cannot grow in place moves to the end, with
// doubled capacity.
void PickleMachine::extend(NodeId container, std::span<const NodeId> items) {
  if (items.empty()) return;
  PickleNode::Children& list = pickle_.nodes[container].children;
  std::vector<NodeId>& all = pickle_.children;
  const size_t size = list.size + items.size();
  if (size > list.capacity) {
    const bool is_last = size_t{list.begin} + list.capacity == all.size();
    const size_t capacity = is_last ? size : std::max(size, 2 * size_t{list.capacity});
    const size_t begin = is_last ? list.begin : all.size();
    if (begin + capacity >= kNoNode) reject("makes containers of more than 2^32 values");
    all.resize(begin + capacity);
    if (!is_last) std::copy_n(all.begin() + list.begin, list.size, all.begin() + static_cast<ptrdiff_t>(begin));
    list.begin = static_cast<uint32_t>(begin);
    list.capacity = static_cast<uint32_t>(capacity);
  }
  std::copy(items.begin(), items.end(), all.begin() + list.begin + list.size);
  list.size = static_cast<uint32_t>(size);
}

void PickleMachine::check_key(NodeId key) {
  const NodeId culprit = keys_.unhashable(key);
  if (culprit == kNoNode) return;
  reject("is given ", described(culprit), culprit == key ? "" : " within a tuple",
         " as a key, expected a value that cannot change");
}

void PickleMachine::set(NodeId dict, NodeId key, NodeId value) {
  check_key(key);
  if (const auto place = keys_.find(dict, key, 2)) {
    pickle_.children[pickle_[dict].children.begin + *place + 1] = value;
  } else {
    extend(dict, std::array{key, value});
  }
}

void PickleMachine::add(NodeId set, NodeId member) {
  check_key(member);
  if (!keys_.find(set, member, 1)) extend(set, std::array{member});
}

void PickleMachine::set_pairs(NodeId dict, std::span<const NodeId> pairs) {
  if (pairs.size() % 2 != 0)
    reject("is given ", pairs.size(), " values after the mark, expected pairs of key and value");
  for (size_t i = 0; i < pairs.size(); i += 2) set(dict, pairs[i], pairs[i + 1]);
}

void PickleMachine::push_empty(PickleKind kind) { push(make_container(kind, {})); }

void PickleMachine::push_empty_tuple() {
  if (empty_tuple_ == kNoNode) empty_tuple_ = make_container(PickleKind::Tuple, {});
  push(empty_tuple_);
}

void PickleMachine::push_tuple(size_t count) {
  need(count);
  const NodeId node = make_container(PickleKind::Tuple, std::span(stack_).last(count));
  stack_.resize(stack_.size() - count);
  push(node);
}

void PickleMachine::push_marked(PickleKind kind) {
  const auto items = marked();
  NodeId node = kNoNode;
  if (kind == PickleKind::List || kind == PickleKind::Tuple) {
    node = make_container(kind, items);
  } else {
    node = make_container(kind, {});
    if (kind == PickleKind::Dict) set_pairs(node, items);
    if (kind == PickleKind::FrozenSet) {
      for (const NodeId item : items) add(node, item);
    }
  }
  drop_marked();
  push(node);
}

Pickle::Extra& PickleMachine::extra(NodeId call) {
  uint32_t& place = pickle_.nodes[call].call.extra;
  if (place == kNoNode) {
    place = static_cast<uint32_t>(pickle_.extras.size());
    pickle_.extras.emplace_back();
  }
  return pickle_.extras[place];
}

// The List to append items to.
NodeId PickleMachine::list_target(NodeId node) {
  if (pickle_.kind(node) == PickleKind::List) return node;
  if (pickle_.kind(node) != PickleKind::Call || pickle_.callee(node).role != Role::Own) {
    reject("finds ", described(node), ", expected a list");
  }
  if (pickle_.extra(node).list_items == kNoNode) {
    const NodeId list = make_container(PickleKind::List, {});
    extra(node).list_items = list;
  }
  return pickle_.extra(node).list_items;
}

// The Dict to set items in.
NodeId PickleMachine::dict_target(NodeId node) {
  if (pickle_.kind(node) == PickleKind::Dict) return node;
  if (pickle_.kind(node) != PickleKind::Call || pickle_.callee(node).role == Role::Fixed) {
    reject("finds ", described(node), ", expected a dict");
  }
  if (pickle_.extra(node).dict_items == kNoNode) {
    const NodeId dict = make_container(PickleKind::Dict, {});
    extra(node).dict_items = dict;
  }
  return pickle_.extra(node).dict_items;
}

void PickleMachine::append() {
  need(2);
  const NodeId item = take();
  extend(list_target(top()), std::array{item});
}

void PickleMachine::set_item() {
  need(3);
  const NodeId value = take();
  const NodeId key = take();
  set(dict_target(top()), key, value);
}

void PickleMachine::append_marked() {
  const auto items = marked();
  const NodeId target = list_target(target_below_mark());
  extend(target, items);
  drop_marked();
}

void PickleMachine::set_marked() {
  const NodeId target = dict_target(target_below_mark());
  set_pairs(target, marked());
  drop_marked();
}

void PickleMachine::add_marked() {
  const NodeId target = target_below_mark();
  if (pickle_.kind(target) != PickleKind::Set) reject("finds ", described(target), ", expected a set");
  for (const NodeId item : marked()) add(target, item);
  drop_marked();
}

// ---- Stack and memo

void PickleMachine::need(size_t count) const {
  const size_t available = stack_.size() - floor();
  if (available < count) {
    reject("finds ", available, available == 1 ? " value" : " values",
           marks_.empty() ? " on the stack" : " after the mark", ", expected ", count);
  }
}

NodeId PickleMachine::top() const {
  need(1);
  return stack_.back();
}

NodeId PickleMachine::take() {
  const NodeId node = top();
  stack_.pop_back();
  return node;
}

std::span<const NodeId> PickleMachine::marked() const {
  if (marks_.empty()) reject("finds no mark");
  return std::span(stack_).subspan(marks_.back());
}

// The value below the last mark, which must be above the previous mark.
NodeId PickleMachine::target_below_mark() const {
  if (marks_.empty()) reject("finds no mark");
  const size_t below = marks_.size() < 2 ? 0 : marks_[marks_.size() - 2];
  if (marks_.back() == below) reject("finds nothing below its mark");
  return stack_[marks_.back() - 1];
}

void PickleMachine::drop_marked() {
  if (marks_.empty()) reject("finds no mark");
  stack_.resize(marks_.back());
  marks_.pop_back();
}

void PickleMachine::mark() {
  if (marks_.size() >= options_.max_marks) reject("opens more than ", options_.max_marks, " marks");
  marks_.push_back(stack_.size());
}

void PickleMachine::pop() {
  if (!marks_.empty() && stack_.size() == marks_.back()) {  // as in Python, a mark is popped like a value
    marks_.pop_back();
  } else {
    take();
  }
}

void PickleMachine::put(uint64_t index) {
  const NodeId node = top();
  // Writers of pickles count from 0; so a short file cannot request a large memo.
  constexpr size_t kFreeIndices = 1024;
  const size_t limit = std::min(options_.max_memo, byte_ + kFreeIndices);
  if (index >= limit) reject("has memo index ", index, ", expected one below ", limit, " there");
  if (index >= memo_.size()) memo_.resize(std::max(index + 1, std::min<uint64_t>(2 * memo_.size(), limit)), kNoNode);
  if (memo_[index] == kNoNode) ++next_memo_;
  memo_[index] = node;
}

void PickleMachine::get(uint64_t index) {
  if (index >= memo_.size() || memo_[index] == kNoNode) reject("has memo index ", index, ", where nothing was put");
  push(memo_[index]);
}

Pickle PickleMachine::finish() {
  if (!marks_.empty()) reject("leaves a mark open");
  if (stack_.size() != 1) reject("finds ", stack_.size(), " values on the stack, expected 1");
  pickle_.root = stack_.back();
  return std::move(pickle_);
}

}  // namespace bisque
