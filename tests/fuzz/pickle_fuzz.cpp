// libFuzzer target: any bytes as a pickle, whose calls, names and storages are then read as torch's.
#include <cstddef>
#include <cstdint>

#include <bisque/core/error.h>
#include <bisque/core/torch_file/pickle_reader.h>
#include <bisque/core/torch_file/torch_pickle.h>

namespace {

void describe_all(const bisque::Pickle& pickle) {
  const bisque::TorchPickle torch(pickle, "fuzz");
  for (bisque::NodeId node = 0; node < pickle.nodes.size(); ++node) {
    const bisque::PickleKind kind = pickle.kind(node);
    if (kind < bisque::PickleKind::Global) continue;
    try {
      torch.describe(node);
    } catch (const bisque::Error&) {
      // The expected outcome of malformed input.
    }
  }
  torch.storages();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bisque::PickleOptions kOptions = [] {
    bisque::PickleOptions options;
    options.allowed.insert("acme.Thing");
    return options;
  }();
  try {
    describe_all(bisque::read_pickle({reinterpret_cast<const std::byte*>(data), size}, "fuzz", kOptions));
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  return 0;
}
