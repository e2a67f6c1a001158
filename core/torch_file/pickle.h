// The content of a pickle (https://docs.python.org/3/library/pickle.html) as plain data: nothing in it is imported or
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

/// The index of a node in its Pickle. References to one Python object have one id (equal small values may share one,
/// too).
using NodeId = uint32_t;
inline constexpr NodeId kNoNode = UINT32_MAX;

enum class PickleKind : uint8_t {
  None,
  Bool,
  Int,     // fits 64 bits
  BigInt,  // larger: little-endian two's complement of minimal length
  Float,
  Complex,
  Str,  // UTF-8, with lone surrogates as three bytes, as Python writes them ("surrogatepass")
  Bytes,
  ByteArray,
  List,
  Tuple,
  Set,  // in the order of insertion
  FrozenSet,
  Dict,       // in the order of insertion; a key set twice keeps its position and has the last value
  Global,     // a class, a function or a constant, by name
  Call,       // a call of a global with arguments, or a new object of a class
  Persistent  // an object that the pickle's owner identifies by an id: a storage of torch
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
    uint32_t extra;  // index in Pickle::extras, or kNoNode
  };

  PickleKind kind = PickleKind::None;
  union {
    int64_t integer = 0;  // Bool, Int; Global: its index among the globals
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
  /// How it may be used.
  enum class Role : uint8_t {
    Fixed,    // one of torch_globals()
    Mapping,  // the same, for a kind of dict: OrderedDict, defaultdict, Counter
    Own,      // allowed by the reader
  };

  Role role;
  std::string module;
  std::string name;
  std::string full_name;  // "module.name"
};

/// All values of one pickle. Nodes refer to each other by id, so sharing, cycles and any depth are safe. Strings view
/// the input bytes, which must outlive this object.
struct Pickle {
  /// Optional parts of a Call besides callee and arguments; kNoNode if absent.
  struct Extra {
    NodeId keywords = kNoNode;    // Dict
    NodeId state = kNoNode;       // set by BUILD
    NodeId list_items = kNoNode;  // List, for a class derived from list
    NodeId dict_items = kNoNode;  // Dict, for OrderedDict, defaultdict, Counter and similar
  };

  Pickle() = default;
  Pickle(Pickle&&) = default;
  Pickle& operator=(Pickle&&) = default;
  Pickle(const Pickle&) = delete;  // strings of a copy would view the original
  Pickle& operator=(const Pickle&) = delete;
  ~Pickle() = default;

  const PickleNode& operator[](NodeId node) const { return nodes[node]; }
  PickleKind kind(NodeId node) const { return nodes[node].kind; }
  /// For Str, Bytes, ByteArray and BigInt.
  std::string_view text(NodeId node) const { return {nodes[node].text.data, nodes[node].text.size}; }
  /// For List, Tuple, Set and FrozenSet; for Dict key, value, key, value, ...
  std::span<const NodeId> items(NodeId node) const {
    const PickleNode::Children& list = nodes[node].children;
    return {children.data() + list.begin, list.size};
  }
  /// For a Global.
  const PickleGlobal& global(NodeId node) const { return globals[static_cast<size_t>(nodes[node].integer)]; }
  /// For a Call: the called global.
  const PickleGlobal& callee(NodeId node) const { return global(nodes[node].call.callee); }
  /// For a Call: its arguments.
  std::span<const NodeId> args(NodeId node) const { return items(nodes[node].call.args); }
  /// For a Call.
  Extra extra(NodeId node) const {
    const uint32_t place = nodes[node].call.extra;
    return place == kNoNode ? Extra{} : extras[place];
  }

  std::vector<PickleNode> nodes;
  NodeId root = kNoNode;
  std::vector<NodeId> children;       // of all containers
  std::vector<Extra> extras;          // of some Calls
  std::vector<PickleGlobal> globals;  // each once
  std::deque<std::string> own_texts;  // decoded strings
};

/// A pickle uses a global that is not allowed.
class UnknownGlobal : public Error {
 public:
  UnknownGlobal(const std::string& message, std::string full_name) : Error(message), name(std::move(full_name)) {}

  std::string name;  // "module.Class"
};

/// Allowed globals and limits of a pickle.
struct PickleOptions {
  /// Allowed full names ("module.name"). A name that is not in torch_globals() may be called with any arguments, built
  /// with any state, and filled as a list or dict: the code that allows it interprets the Call.
  GlobalNames allowed = torch_globals();
  size_t max_bytes = size_t{1} << 31;
  size_t max_nodes = size_t{1} << 26;
  size_t max_stack = size_t{1} << 26;  // values not yet in a container
  size_t max_marks = 10'000;           // open containers
  size_t max_memo = size_t{1} << 26;   // indices of the memo
  size_t max_int_bytes = 4096;         // of an integer in binary
  size_t max_int_digits = 4300;        // of an integer in decimal (protocol 0), Python's own limit
};

}  // namespace bisque
