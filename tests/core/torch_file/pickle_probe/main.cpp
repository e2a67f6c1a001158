// pickle_probe tree FILE...: prints each pickle as JSON, one per line: what pickle_test.py compares with Python.
// pickle_probe rewrite IN OUT: rewrites a pickle.   pickle_probe legacy FILE: the same as tree of an
// old file. pickle_probe bench FILE: milliseconds of reading it, of describing its tensors and of writing them.
#include <charconv>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <iterator>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/torch_file/legacy_torch_file.h>
#include <bisque/core/torch_file/pickle_reader.h>
#include <bisque/core/torch_file/pickle_writer.h>
#include <bisque/core/torch_file/torch_pickle.h>
#include <bisque/tests/core/torch_file/pickle_probe/probe.h>

namespace bisque::probe {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

void print_tree(const std::string& path) {
  const std::string bytes = read_file(path);
  Json line;
  try {
    const Pickle pickle = read_pickle(bytes_of(bytes), "pickle");
    line["tree"] = tree(pickle, TorchPickle(pickle, "pickle"));
  } catch (const Error& error) {
    line["error"] = error.what();
  }
  std::cout << line.dump() << "\n";
}

void print_legacy(const std::string& path) {
  const std::string bytes = read_file(path);
  const LegacyTorchFile file = parse_legacy_torch_file(bytes_of(bytes), "file");
  Json line{{"little_endian", file.written_little_endian},
            {"tree", tree(file.pickle, TorchPickle(file.pickle, "file"))}};
  for (const auto& [info, data] : file.storages) {
    line["storages"][std::string(info.key)] = hex({reinterpret_cast<const char*>(data.data()), data.size()});
  }
  std::cout << line.dump() << "\n";
}

template <class Action>
double best_ms(const Action& action) {
  double best = INFINITY;
  for (int i = 0; i < 7; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    action();
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

void bench(const std::string& path) {
  const std::string bytes = read_file(path);
  Json times;
  times["read"] = best_ms([&] { read_pickle(bytes_of(bytes), "pickle"); });
  const Pickle pickle = read_pickle(bytes_of(bytes), "pickle");
  const TorchPickle torch(pickle, "pickle");
  const auto items = pickle.kind(pickle.root) == PickleKind::Dict ? pickle.items(pickle.root)
                                                                  : pickle.items(pickle.extra(pickle.root).dict_items);
  times["nodes"] = pickle.nodes.size();
  times["storages"] = best_ms([&] { torch.storages(); });
  times["describe"] = best_ms([&] {
    for (size_t i = 1; i < items.size(); i += 2) torch.tensor(items[i]);
  });
  std::vector<TensorObject> tensors;
  for (size_t i = 1; i < items.size(); i += 2) tensors.push_back(torch.tensor(items[i]));
  times["write"] = best_ms([&] {
    PickleWriter writer;
    writer.begin_ordered_dict();
    for (size_t i = 0; i < tensors.size(); ++i) {
      writer.str(pickle.text(items[2 * i]));
      writer.tensor(tensors[i]);
    }
    writer.end_ordered_dict();
    writer.finish();
  });
  std::cout << times.dump() << "\n";
}

void run(const std::vector<std::string>& args) {
  if (args.size() >= 2 && args[0] == "tree") {
    for (size_t i = 1; i < args.size(); ++i) print_tree(args[i]);
  } else if (args.size() == 3 && args[0] == "rewrite") {
    const std::string bytes = read_file(args[1]);
    const Pickle pickle = read_pickle(bytes_of(bytes), "pickle");
    std::ofstream(args[2], std::ios::binary) << rewritten(pickle, TorchPickle(pickle, "pickle"));
  } else if (args.size() == 2 && args[0] == "legacy") {
    print_legacy(args[1]);
  } else if (args.size() == 2 && args[0] == "bench") {
    bench(args[1]);
  } else {
    fail("expected tree FILE..., rewrite IN OUT, legacy FILE or bench FILE.");
  }
}

}  // namespace bisque::probe

int main(int argc, char** argv) try {
  bisque::probe::run({argv + 1, argv + argc});
  return 0;
} catch (const std::exception& error) {
  std::cerr << "pickle_probe: " << error.what() << std::endl;
  return 1;
}
