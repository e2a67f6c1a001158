#include <bisque/core/checkpoint/storage_reader.h>

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <span>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/ops/parallel.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

constexpr size_t kPiece = size_t{1} << 20;  // bytes that a thread copies at a time
constexpr size_t kLarge = size_t{4} << 20;  // holds at least one of the large pages of 2 MiB

/// The number of bytes to swap in each element: half of a complex one, and 1 if there is nothing to swap.
size_t swapped_bytes(TorchDtype dtype) { return is_complex(dtype) ? item_size(dtype) / 2 : item_size(dtype); }

void swap_bytes(std::span<std::byte> bytes, size_t swapped) {
  for (size_t i = 0; i < bytes.size(); i += swapped) std::reverse(bytes.data() + i, bytes.data() + i + swapped);
}

/// The first write to memory costs as much as the copy, page by page; large pages halve the cost.
void wish_large_pages(std::span<std::byte> memory) {
  if (memory.size() < kLarge) return;
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const uintptr_t before = reinterpret_cast<uintptr_t>(memory.data()) % page;
  (void)::madvise(memory.data() - before, memory.size() + before, MADV_HUGEPAGE);
}

/// Whether there is such a CUDA device; for other devices only a copy can tell.
bool is_available(c10::Device device) {
  if (!device.is_cuda()) return true;
  const int count = at::hasCUDA() ? at::detail::getCUDAHooks().getNumGPUs() : 0;
  return device.has_index() ? device.index() < count : count > 0;
}

/// Processes each item in several threads. Error: that of the first item with one.
template <class T, class F>
void parallel_each(const std::vector<T>& items, const F& work) {
  const auto count = static_cast<int64_t>(items.size());
  std::vector<std::exception_ptr> errors(items.size());  // exceptions must not leave a thread of the pool
  op::parallel_for(count, std::max<int64_t>(1, count / 64), [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      try {
        work(items[i]);
      } catch (...) {
        errors[i] = std::current_exception();
        return;
      }
    }
  });
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace

StorageReader::StorageReader(const TorchFile& file, const ReadOptions& options) : file_(file) {
  storages_.reserve(file.storages().size());
  check_devices(options.map_location);
  // Bytes to be swapped cannot be viewed.
  if (options.mmap && !file.is_big_endian()) {
    view_all(options.check_crc.value_or(false));
  } else {
    read_all(options.check_crc.value_or(true));
  }
  move_all(options.map_location);
}

c10::Device StorageReader::device_for(const MapLocation& map_location, const std::string& location) const {
  try {
    return map_location(location);
  } catch (const Error& error) {
    fail(file_.where(), ": ", error.what());
  }
}

void StorageReader::check_devices(const MapLocation& map_location) const {
  std::string location;
  for (const TorchFile::Storage& storage : file_.storages()) {
    if (storage.info.location == location) continue;
    location = storage.info.location;
    const c10::Device device = device_for(map_location, location);
    if (is_available(device)) continue;
    fail(file_.where(), ": its tensors are on ", printable(location), ", and ", device.str(),
         " is not available here; load them on the CPU by map_location, as in {.map_location = \"cpu\"}.");
  }
}

void StorageReader::read_all(bool check_crc) {
  struct Piece {
    size_t storage, offset, size;
  };
  std::vector<Piece> pieces;
  std::vector<std::span<std::byte>> copies;  // mutable_data() is not thread-safe
  for (const TorchFile::Storage& storage : file_.storages()) {
    const size_t size = storage.bytes.size(), index = storages_.size();
    auto& made =
        storages_.emplace_back(c10::Storage::use_byte_size_t(), size, c10::GetCPUAllocator(), /*resizable=*/true);
    copies.emplace_back(static_cast<std::byte*>(made.mutable_data()), size);
    wish_large_pages(copies.back());
    for (size_t at = 0; at < size; at += kPiece) pieces.push_back({index, at, std::min(kPiece, size - at)});
  }
  parallel_each(pieces, [&](const Piece& piece) {
    const auto [index, offset, size] = piece;
    file_.copy(file_.storages()[index].bytes.subspan(offset, size), copies[index].data() + offset);
  });
  if (!check_crc && !file_.is_big_endian()) return;
  parallel_each(file_.storages(), [&](const TorchFile::Storage& storage) {
    const auto copy = copies[static_cast<size_t>(&storage - file_.storages().data())];
    if (check_crc) file_.check_crc(storage, copy);
    if (file_.is_big_endian()) swap_bytes(copy, swapped_bytes(storage.info.dtype));
  });
}

void StorageReader::view_all(bool check_crc) {
  for (const TorchFile::Storage& storage : file_.storages()) {
    if (check_crc) file_.check_crc(storage);
    auto* keep = new std::shared_ptr<const void>(file_.owner());
    auto* data = const_cast<std::byte*>(storage.bytes.data());  // the mapping is private to this process, and writable
    storages_.emplace_back(c10::Storage::use_byte_size_t(), storage.bytes.size(),
                           at::DataPtr(
                               data, keep, [](void* held) { delete static_cast<std::shared_ptr<const void>*>(held); },
                               c10::Device(c10::kCPU)),
                           /*allocator=*/nullptr, /*resizable=*/false);
  }
}

void StorageReader::move_all(const MapLocation& map_location) {
  std::string location;
  c10::Device device(c10::kCPU);
  for (size_t i = 0; i < storages_.size(); ++i) {
    const StorageInfo& info = file_.storages()[i].info;
    if (i == 0 || info.location != location) {
      location = info.location;
      device = device_for(map_location, location);
    }
    if (device.is_cpu()) continue;
    const auto bytes = static_cast<int64_t>(storages_[i].nbytes());
    const at::Tensor here = at::empty({0}, at::kByte).set_(storages_[i], 0, {bytes}, {1});
    try {
      storages_[i] = here.to(device).storage();
    } catch (const c10::Error& error) {
      fail(file_.where(), ": its tensors cannot go to ", device.str(), " (", first_line(error.what_without_backtrace()),
           "); load them elsewhere by map_location, as in {.map_location = \"cpu\"}.");
    }
  }
}

}  // namespace bisque
