// The calls in a pickle. Calls of Python's constructors of plain values become these values immediately, because older
// protocols encode sets, bytes and bytearrays as calls; all others become Calls.
#include <array>
#include <utility>

#include <bisque/core/serialization/text.h>
#include <bisque/core/torch_file/pickle_machine.h>
#include <bisque/core/torch_file/pickle_text.h>

namespace bisque {

void PickleMachine::invoke(bool is_object, bool with_keywords) {
  need(with_keywords ? 3 : 2);
  const NodeId keywords = with_keywords ? take() : kNoNode;
  const NodeId args = take();
  const NodeId callee = take();
  if (pickle_.kind(callee) != PickleKind::Global) {
    reject("finds ", described(callee), ", expected the global of a ", is_object ? "class" : "function");
  }
  if (pickle_.kind(args) != PickleKind::Tuple) reject("is given ", described(args), ", expected a tuple of arguments");
  if (with_keywords) {
    if (pickle_.kind(keywords) != PickleKind::Dict) {
      reject("is given ", described(keywords), ", expected a dict of keyword arguments");
    }
    if (pickle_.global(callee).role != Role::Own) {
      reject("gives keyword arguments to ", pickle_.global(callee).full_name, ", which takes none");
    }
  }
  if (call_python(callee, args)) return;
  const NodeId node = make_call(callee, args);
  if (with_keywords) extra(node).keywords = keywords;
  if (pickle_.global(callee).role == Role::Mapping) call_mapping(node, args);
  push(node);
}

NodeId PickleMachine::make_call(NodeId callee, NodeId args) {
  const NodeId node = make(PickleKind::Call);
  pickle_.nodes[node].call = {callee, args, kNoNode};
  return node;
}

void PickleMachine::build() {
  need(2);
  const NodeId state = take();
  const NodeId target = top();
  if (pickle_.kind(target) != PickleKind::Call || pickle_.callee(target).role == Role::Fixed) {
    reject("finds ", described(target), ", expected an OrderedDict, or an object of an allowed class");
  }
  if (pickle_.callee(target).role == Role::Mapping && pickle_.kind(state) != PickleKind::Dict) {
    reject("is given ", described(state), ", expected a dict of attributes");
  }
  if (pickle_.extra(target).state != kNoNode) reject("finds ", described(target), " that has a state already");
  extra(target).state = state;
}

void PickleMachine::check_arguments(NodeId callee, size_t given, size_t least, size_t most) const {
  if (given >= least && given <= most) return;
  if (least == most) reject("gives ", given, " arguments to ", pickle_.global(callee).full_name, ", expected ", least);
  reject("gives ", given, " arguments to ", pickle_.global(callee).full_name, ", expected ", least, " to ", most);
}

// Whether it is a call of a plain value's constructor, whose value is then on the stack.
bool PickleMachine::call_python(NodeId callee, NodeId args) {
  if (pickle_.global(callee).role != Role::Fixed) return false;
  using Constructor = void (*)(PickleMachine&, NodeId, NodeId);
  static constexpr std::pair<std::string_view, Constructor> kConstructors[] = {
      {"builtins.set", [](PickleMachine& m, NodeId c, NodeId a) { m.call_set(c, a, PickleKind::Set); }},
      {"builtins.frozenset", [](PickleMachine& m, NodeId c, NodeId a) { m.call_set(c, a, PickleKind::FrozenSet); }},
      {"builtins.bytes", [](PickleMachine& m, NodeId c, NodeId a) { m.call_bytes(c, a); }},
      {"builtins.bytearray", [](PickleMachine& m, NodeId c, NodeId a) { m.call_bytearray(c, a); }},
      {"builtins.complex", [](PickleMachine& m, NodeId c, NodeId a) { m.call_complex(c, a); }},
      {"_codecs.encode", [](PickleMachine& m, NodeId c, NodeId a) { m.call_encode(c, a); }},
  };
  const PickleGlobal& global = pickle_.global(callee);
  if (global.module != "builtins" && global.module != "_codecs") return false;
  for (const auto& [name, constructor] : kConstructors) {
    if (global.full_name != name) continue;
    constructor(*this, callee, args);
    return true;
  }
  reject("calls ", global.full_name, ", which may only be referenced");
}

void PickleMachine::call_set(NodeId callee, NodeId args, PickleKind kind) {
  const size_t count = pickle_.items(args).size();
  check_arguments(callee, count, 0, 1);
  const NodeId result = make_container(kind, {});
  if (count == 1) {
    const NodeId source = pickle_.items(args)[0];
    const PickleKind given = pickle_.kind(source);
    if (given != PickleKind::List && given != PickleKind::Tuple && given != PickleKind::Set &&
        given != PickleKind::FrozenSet) {
      reject("gives ", described(source), " to ", pickle_.global(callee).full_name, ", expected a list");
    }
    // One by one: adding may move the items of all containers.
    for (size_t i = 0; i < pickle_.items(source).size(); ++i) add(result, pickle_.items(source)[i]);
  }
  push(result);
}

// The encoding of bytes in protocols before 3: text that Latin-1 encodes to them.
void PickleMachine::call_encode(NodeId callee, NodeId args) {
  const auto given = pickle_.items(args);
  check_arguments(callee, given.size(), 2, 2);
  for (const NodeId argument : given) {
    if (pickle_.kind(argument) != PickleKind::Str) {
      reject("gives ", described(argument), " to _codecs.encode, expected a str");
    }
  }
  if (pickle_.text(given[1]) != "latin1") {
    reject("gives the encoding ", quoted_text(pickle_.text(given[1])), " to _codecs.encode, expected \"latin1\"");
  }
  auto bytes = encode_latin1(pickle_.text(given[0]));
  if (!bytes) reject("gives _codecs.encode a character that Latin-1 does not have");
  push(make_text(PickleKind::Bytes, kept(std::move(*bytes))));
}

void PickleMachine::call_bytes(NodeId callee, NodeId args) {
  check_arguments(callee, pickle_.items(args).size(), 0, 0);
  push(make_text(PickleKind::Bytes, {}));
}

void PickleMachine::call_bytearray(NodeId callee, NodeId args) {
  const auto given = pickle_.items(args);
  check_arguments(callee, given.size(), 0, 2);
  std::string_view bytes;
  if (given.size() == 1) {
    if (pickle_.kind(given[0]) != PickleKind::Bytes) {
      reject("gives ", described(given[0]), " to builtins.bytearray, expected bytes");
    }
    bytes = pickle_.text(given[0]);
  } else if (given.size() == 2) {  // a text and its encoding
    const bool both = pickle_.kind(given[0]) == PickleKind::Str && pickle_.kind(given[1]) == PickleKind::Str;
    auto encoded = both && pickle_.text(given[1]) == "latin-1" ? encode_latin1(pickle_.text(given[0])) : std::nullopt;
    if (!encoded) reject("gives two arguments to builtins.bytearray, expected a str of Latin-1 and \"latin-1\"");
    bytes = kept(std::move(*encoded));
  }
  push(make_text(PickleKind::ByteArray, bytes));
}

double PickleMachine::real_argument(NodeId callee, NodeId value) const {
  if (pickle_.kind(value) == PickleKind::Float) return pickle_[value].real;
  if (pickle_.kind(value) == PickleKind::Int) return static_cast<double>(pickle_[value].integer);
  reject("gives ", described(value), " to ", pickle_.global(callee).full_name, ", expected a float");
}

void PickleMachine::call_complex(NodeId callee, NodeId args) {
  const auto given = pickle_.items(args);
  check_arguments(callee, given.size(), 2, 2);
  const PickleNode::Parts parts{real_argument(callee, given[0]), real_argument(callee, given[1])};
  const NodeId node = make(PickleKind::Complex);
  pickle_.nodes[node].complex = parts;
  push(node);
}

void PickleMachine::call_mapping(NodeId call, NodeId args) {
  const NodeId callee = pickle_[call].call.callee;
  const bool has_factory = pickle_.global(callee).name == "defaultdict";
  const auto given = pickle_.items(args);
  check_arguments(callee, given.size(), 0, has_factory ? 2 : 1);
  if (has_factory && !given.empty() && pickle_.kind(given[0]) != PickleKind::Global &&
      pickle_.kind(given[0]) != PickleKind::None) {
    reject("gives ", described(given[0]), " to collections.defaultdict, expected the global of a class");
  }
  if (given.size() == (has_factory ? 2 : 1)) fill_mapping(call, given.back());
}

// From a dict, or a list of pairs (OrderedDict in Python 2).
void PickleMachine::fill_mapping(NodeId call, NodeId source) {
  const PickleKind kind = pickle_.kind(source);
  if (kind != PickleKind::Dict && kind != PickleKind::List) {
    reject("gives ", described(source), " to ", pickle_.callee(call).full_name, ", expected a dict or a list of pairs");
  }
  const NodeId dict = dict_target(call);
  const size_t count = pickle_.items(source).size();
  // One by one: setting may move the items of all containers.
  for (size_t i = 0; kind == PickleKind::Dict && i < count; i += 2) {
    set(dict, pickle_.items(source)[i], pickle_.items(source)[i + 1]);
  }
  for (size_t i = 0; kind == PickleKind::List && i < count; ++i) {
    const NodeId pair = pickle_.items(source)[i];
    const bool is_pair = pickle_.kind(pair) == PickleKind::List || pickle_.kind(pair) == PickleKind::Tuple;
    if (!is_pair || pickle_.items(pair).size() != 2) {
      reject("gives a list to ", pickle_.callee(call).full_name, " that holds ", described(pair), ", expected pairs");
    }
    set(dict, pickle_.items(pair)[0], pickle_.items(pair)[1]);
  }
}

}  // namespace bisque
