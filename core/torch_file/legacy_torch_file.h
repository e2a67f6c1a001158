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

/// A checked file. Its data are little-endian on every machine, and may be unaligned.
struct LegacyTorchFile {
  struct Storage {
    StorageInfo info;
    std::span<const std::byte> bytes;
  };

  Pickle pickle;
  size_t pickle_bytes = 0;            // size of the pickle in the file
  std::vector<Storage> storages;      // in file order
  bool written_little_endian = true;  // the byte order of the machine that wrote it
};

/// Whether the bytes begin like such a file.
bool is_legacy_torch_file(std::span<const std::byte> bytes);

/// Parses the whole file; the result views `bytes`, which must outlive it. `where` is the prefix of messages. Error:
/// another format, a storage without data or data without a storage, sizes that disagree, bytes after the end.
LegacyTorchFile parse_legacy_torch_file(std::span<const std::byte> bytes, const std::string& where,
                                        const PickleOptions& options = {});

}  // namespace bisque
