#include <bisque/core/checkpoint/storage_reader.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/CPUAllocator.h>

#include <algorithm>
#include <cstring>

#include <bisque/core/error.h>

namespace bisque {
namespace {

constexpr size_t kPiece = size_t{1} << 20;  // what a thread copies at a time

/// The bytes that have to be turned round in each element: half of a complex one, and 1 where there is nothing to turn.
size_t swapped_bytes(TorchDtype dtype) { return is_complex(dtype) ? item_size(dtype) / 2 : item_size(dtype); }

void copy_piece(const std::byte* from, std::byte* to, size_t size, size_t swapped) {
  std::memcpy(to, from, size);
  if (swapped == 1) return;
  for (size_t i = 0; i < size; i += swapped) std::reverse(to + i, to + i + swapped);
}

}  // namespace

StorageReader::StorageReader(const TorchFile& file, const ReadOptions& options) : file_(file) {
  storages_.reserve(file.storages().size());
  // Bytes that have to be turned round cannot be viewed.
  if (options.mmap && !file.is_big_endian()) {
    view_all(options.check_crc.value_or(false));
  } else {
    read_all(options.check_crc.value_or(true));
  }
  move_all(options.map_location);
}

void StorageReader::read_all(bool check_crc) {
  struct Piece {
    size_t storage, offset, size;
  };
  std::vector<Piece> pieces;
  for (const TorchFile::Storage& storage : file_.storages()) {
    const size_t size = storage.bytes.size(), index = storages_.size();
    storages_.emplace_back(c10::Storage::use_byte_size_t(), size, c10::GetCPUAllocator(), /*resizable=*/true);
    for (size_t at = 0; at < size; at += kPiece) pieces.push_back({index, at, std::min(kPiece, size - at)});
  }
  std::vector<std::byte*> targets;  // mutable_data() is not for several threads
  for (auto& storage : storages_) targets.push_back(static_cast<std::byte*>(storage.mutable_data()));
  const auto count = static_cast<int64_t>(pieces.size());
  at::parallel_for(0, count, /*grain_size=*/std::max<int64_t>(1, count / 64), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto& [index, offset, size] = pieces[static_cast<size_t>(i)];
      const TorchFile::Storage& from = file_.storages()[index];
      const size_t swapped = file_.is_big_endian() ? swapped_bytes(from.info.dtype) : 1;
      copy_piece(from.bytes.data() + offset, targets[index] + offset, size, swapped);
    }
  });
  if (check_crc) {
    const auto files = static_cast<int64_t>(file_.storages().size());
    at::parallel_for(0, files, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) file_.check_crc(file_.storages()[static_cast<size_t>(i)]);
    });
  }
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
      device = map_location(location);
    }
    if (device.is_cpu()) continue;
    const auto bytes = static_cast<int64_t>(storages_[i].nbytes());
    const at::Tensor here = at::empty({0}, at::kByte).set_(storages_[i], 0, {bytes}, {1});
    try {
      storages_[i] = here.to(device).storage();
    } catch (const c10::Error& error) {
      fail(file_.where(), ": its tensors cannot go to ", device.str(), " (", error.what_without_backtrace(),
           "); say where they go by map_location.");
    }
  }
}

}  // namespace bisque
