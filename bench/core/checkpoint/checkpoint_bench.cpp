// A state of 256 MiB in 64 tensors, and one of 100,000 tensors of 16 floats, on tmpfs.
#include <ATen/ATen.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include <bisque/core/checkpoint/load.h>
#include <bisque/core/checkpoint/save.h>

#include "harness/bench.h"

namespace bisque::bench {
namespace {

/// A file that is removed with the process; each row has a separate process.
struct TemporaryFile {
  std::string path = "/dev/shm/bisque_bench_" + std::to_string(::getpid()) + ".pt";
  TemporaryFile() = default;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::remove(path.c_str()); }
};

OrderedDict state(int64_t tensors, int64_t elements) {
  OrderedDict result;
  for (int64_t i = 0; i < tensors; ++i) result.set("layer" + std::to_string(i) + ".weight", at::rand({elements}));
  return result;
}

OrderedDict large() { return state(64, 1 << 20); }
OrderedDict small() { return state(100'000, 16); }

std::function<void()> saving(const OrderedDict& tensors, bool sync) {
  const auto file = std::make_shared<TemporaryFile>();
  return [file, value = Value(tensors), sync] { save(value, file->path, {.sync = sync}); };
}

std::function<void()> loading(const OrderedDict& tensors, const ReadOptions& options) {
  const auto file = std::make_shared<TemporaryFile>();
  save(tensors, file->path, {.sync = false});
  return [file, options] { load(file->path, options); };
}

ReadOptions without_crc() {
  ReadOptions options;
  options.check_crc = false;
  return options;
}

ReadOptions mapped() {
  ReadOptions options;
  options.mmap = true;
  return options;
}

const Bench save_large({.name = "save_256m", .work = "save 64 tensors, 256 MiB, without fsync"},
                       [] { return saving(large(), false); });
const Bench save_synced({.name = "save_256m_fsync", .work = "save 64 tensors, 256 MiB, with fsync"},
                        [] { return saving(large(), true); });
const Bench load_large({.name = "load_256m_full", .work = "read 64 tensors, 256 MiB, checksums off on both sides"},
                       [] { return loading(large(), without_crc()); });
const Bench load_checked({.name = "load_256m_full_crc",
                          .work = "read 64 tensors, 256 MiB, with checksums",
                          .note = "the peer checks none"},
                         [] { return loading(large(), {}); });
const Bench load_mapped({.name = "load_256m_mmap", .work = "open 64 tensors, 256 MiB, as views of the file"},
                        [] { return loading(large(), mapped()); });
const Bench save_small({.name = "save_100k_tensors", .work = "save 100,000 tensors of 16 floats, without fsync"},
                       [] { return saving(small(), false); });
const Bench load_small({.name = "load_100k_tensors", .work = "read 100,000 tensors of 16 floats, checksums off"},
                       [] { return loading(small(), without_crc()); });

}  // namespace
}  // namespace bisque::bench
