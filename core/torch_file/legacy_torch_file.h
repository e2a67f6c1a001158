// Internal. The format of torch.save before torch 1.6 (and of _use_new_zipfile_serialization=False): pickles, then
// storages.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <bisque/core/torch_file/pickle.h>
#include <bisque/core/torch_file/torch_pickle.h>

namespace bisque {

/// A checked file. Its data are little-endian whatever machine wrote them, and may lie at any address.
struct LegacyTorchFile {
  struct Storage {
    StorageInfo info;
    std::span<const std::byte> bytes;
  };

  Pickle pickle;
  size_t pickle_bytes = 0;            // that it takes in the file
  std::vector<Storage> storages;      // by their place in the file
  bool written_little_endian = true;  // the byte order of the machine that wrote it
};

/// Whether the bytes begin as such a file does.
bool is_legacy_torch_file(std::span<const std::byte> bytes);

/// The whole file; the result views `bytes`, which must outlive it. `where` begins the messages. Error: another format,
/// a storage without data or data without a storage, sizes that disagree, bytes after the end.
LegacyTorchFile parse_legacy_torch_file(std::span<const std::byte> bytes, const std::string& where,
                                        const PickleOptions& options = {});

}  // namespace bisque
