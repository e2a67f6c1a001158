// What a pickle (https://docs.python.org/3/library/pickle.html) holds, as plain data: nothing in it is imported or
// called.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/torch_file/torch_globals.h>

namespace bisque {

/// A node's place in its Pickle. Two places that hold one object in Python hold one id (equal small values may share
/// one, too).
using NodeId = uint32_t;
inline constexpr NodeId kNoNode = UINT32_MAX;

enum class PickleKind : uint8_t {
  None,
  Bool,
  Int,     // that fits 64 bits
  BigInt,  // any other: little-endian two's complement, as short as can be
  Float,
  Complex,
  Str,  // UTF-8, where a lone surrogate may stand as three bytes, as Python writes it ("surrogatepass")
  Bytes,
  ByteArray,
  List,
  Tuple,
  Set,  // in the order of insertion
  FrozenSet,
  Dict,       // in the order of insertion; a key set twice keeps its place and has the last value
  Global,     // a class, a function or a constant, by its name
  Call,       // of a global with arguments, or a new object of a class
  Persistent  // what the pickle's owner knows by an id: a storage of torch
};

/// "a list", for messages.
const char* kind_name(PickleKind kind);

/// One value; read it through Pickle.
struct PickleNode {
  struct Text {
    const char* data;
    uint64_t size;
  };
  struct Children {
    uint32_t begin;
    uint32_t size;
    uint32_t capacity;
  };
  struct Parts {
    double real;
    double imag;
  };
  struct Invocation {
    NodeId callee;
    NodeId args;
    uint32_t extra;  // of Pickle::extras, or kNoNode
  };

  PickleKind kind = PickleKind::None;
  union {
    int64_t integer = 0;  // Bool, Int; Global: its place among the globals
    double real;          // Float
    Parts complex;        // Complex
    Text text;            // Str, Bytes, ByteArray, BigInt
    Children children;    // containers
    Invocation call;      // Call
    NodeId id;            // Persistent
  };
};
static_assert(sizeof(PickleNode) <= 24);

struct PickleGlobal {
  /// What may be done with it.
  enum class Role : uint8_t {
    Fixed,    // one of torch_globals()
    Mapping,  // the same, and a kind of dict: OrderedDict, defaultdict, Counter
    Own,      // allowed by who reads
  };

  Role role;
  std::string module;
  std::string name;
  std::string full_name;  // "module.name"
};

/// All values of one pickle. Nodes refer to each other by id, so that sharing, cycles and any depth are harmless.
/// Strings view the bytes that were read, which must stay as long as this is used.
struct Pickle {
  /// What a Call may have beside callee and arguments; kNoNode where it has not.
  struct Extra {
    NodeId keywords = kNoNode;    // Dict
    NodeId state = kNoNode;       // what BUILD sets
    NodeId list_items = kNoNode;  // List, of a class derived from list
    NodeId dict_items = kNoNode;  // Dict, of OrderedDict, defaultdict, Counter and the like
  };

  Pickle() = default;
  Pickle(Pickle&&) = default;
  Pickle& operator=(Pickle&&) = default;
  Pickle(const Pickle&) = delete;  // texts of a copy would view the original's
  Pickle& operator=(const Pickle&) = delete;
  ~Pickle() = default;

  const PickleNode& operator[](NodeId node) const { return nodes[node]; }
  PickleKind kind(NodeId node) const { return nodes[node].kind; }
  /// Of Str, Bytes, ByteArray and BigInt.
  std::string_view text(NodeId node) const { return {nodes[node].text.data, nodes[node].text.size}; }
  /// Of List, Tuple, Set and FrozenSet; of Dict key, value, key, value, ...
  std::span<const NodeId> items(NodeId node) const {
    const PickleNode::Children& list = nodes[node].children;
    return {children.data() + list.begin, list.size};
  }
  /// Of a Global.
  const PickleGlobal& global(NodeId node) const { return globals[static_cast<size_t>(nodes[node].integer)]; }
  /// Of a Call: the global that is called.
  const PickleGlobal& callee(NodeId node) const { return global(nodes[node].call.callee); }
  /// Of a Call: its arguments.
  std::span<const NodeId> args(NodeId node) const { return items(nodes[node].call.args); }
  /// Of a Call.
  Extra extra(NodeId node) const {
    const uint32_t place = nodes[node].call.extra;
    return place == kNoNode ? Extra{} : extras[place];
  }

  std::vector<PickleNode> nodes;
  NodeId root = kNoNode;
  std::vector<NodeId> children;       // of all containers
  std::vector<Extra> extras;          // of some Calls
  std::vector<PickleGlobal> globals;  // each once
  std::deque<std::string> own_texts;  // of what had to be decoded
};

/// A pickle names a global that is not allowed.
class UnknownGlobal : public Error {
 public:
  UnknownGlobal(const std::string& message, std::string full_name) : Error(message), name(std::move(full_name)) {}

  std::string name;  // "module.Class"
};

/// What a pickle may use, and how much of it.
struct PickleOptions {
  /// Full names ("module.name") that may stand in it. A name that is not in torch_globals() may be called with any
  /// arguments, built with any state, and filled as a list or dict: whoever allows it gives the Call its meaning.
  GlobalNames allowed = torch_globals();
  size_t max_bytes = size_t{1} << 31;
  size_t max_nodes = size_t{1} << 26;
  size_t max_stack = size_t{1} << 26;  // values not yet in a container
  size_t max_marks = 10'000;           // containers begun and not ended
  size_t max_memo = size_t{1} << 26;   // indices of the memo
  size_t max_int_bytes = 4096;         // of an integer in binary
  size_t max_int_digits = 4300;        // of an integer in decimal (protocol 0), Python's own limit
};

}  // namespace bisque
