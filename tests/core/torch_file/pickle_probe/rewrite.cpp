#include <map>

#include <bisque/core/error.h>
#include <bisque/core/torch_file/pickle_writer.h>
#include <bisque/tests/core/torch_file/pickle_probe/probe.h>

namespace bisque::probe {
namespace {

// Sharing is kept, and so are values that hold themselves.
class Rewriter {
 public:
  Rewriter(const Pickle& pickle, const TorchPickle& torch) : pickle_(pickle), torch_(torch) {}

  std::string run() {
    value(pickle_.root);
    return writer_.finish();
  }

 private:
  void value(NodeId node) {
    const auto found = numbers_.find(node);
    if (found != numbers_.end()) {
      writer_.again(found->second);
      return;
    }
    const PickleNode& it = pickle_[node];
    switch (it.kind) {
      case PickleKind::None:
        return writer_.none();
      case PickleKind::Bool:
        return writer_.boolean(it.integer != 0);
      case PickleKind::Int:
        return writer_.integer(it.integer);
      case PickleKind::BigInt:
        return writer_.big_integer(pickle_.text(node));
      case PickleKind::Float:
        return writer_.real(it.real);
      case PickleKind::Complex:
        return writer_.complex(it.complex.real, it.complex.imag);
      case PickleKind::Str:
        return writer_.str(pickle_.text(node));
      case PickleKind::Bytes:
        return writer_.bytes(pickle_.text(node));
      case PickleKind::ByteArray:
        return writer_.byte_array(pickle_.text(node));
      case PickleKind::Tuple:
        writer_.begin_tuple();
        items(node);
        return writer_.end_tuple();
      case PickleKind::Set:
        writer_.begin_set();
        items(node);
        return writer_.end_set();
      case PickleKind::FrozenSet:
        writer_.begin_frozen_set();
        items(node);
        return writer_.end_frozen_set();
      default:
        return object(node);
    }
  }

  void object(NodeId node) {
    switch (pickle_.kind(node)) {
      case PickleKind::List:
        writer_.begin_list();
        numbers_[node] = writer_.remember();
        items(node);
        return writer_.end_list();
      case PickleKind::Dict:
        writer_.begin_dict();
        numbers_[node] = writer_.remember();
        items(node);
        return writer_.end_dict();
      default:
        std::visit([&](const auto& it) { write(it, node); }, torch_.describe(node));
        if (!numbers_.contains(node)) numbers_[node] = writer_.remember();
    }
  }

  void items(NodeId node) {
    for (const NodeId item : pickle_.items(node)) value(item);
  }

  void write(const MappingInfo& it, NodeId node) {
    if (it.type != MappingInfo::Type::OrderedDict) fail("only OrderedDict is written.");
    writer_.begin_ordered_dict();
    numbers_[node] = writer_.remember();
    if (it.items != kNoNode) items(it.items);
    writer_.end_ordered_dict(it.metadata != kNoNode);
    if (it.metadata == kNoNode) return;
    value(it.metadata);
    writer_.end_metadata();
  }
  void write(const TensorObject& it, NodeId) {
    TensorObject plain = it;
    plain.attributes = kNoNode;
    writer_.tensor(plain);
  }
  void write(const StorageInfo& it, NodeId) { writer_.storage(it); }
  void write(TorchDtype it, NodeId) { writer_.dtype(it); }
  void write(TorchLayout it, NodeId) { writer_.layout(it); }
  void write(const SizeInfo& it, NodeId) { writer_.size(it.sizes); }
  void write(const DeviceInfo& it, NodeId) { writer_.device(it); }
  template <class Other>
  void write(const Other&, NodeId) {
    fail("this is not written.");
  }

  const Pickle& pickle_;
  const TorchPickle& torch_;
  PickleWriter writer_;
  std::map<NodeId, uint32_t> numbers_;
};

}  // namespace

std::string rewritten(const Pickle& pickle, const TorchPickle& torch) { return Rewriter(pickle, torch).run(); }

}  // namespace bisque::probe
