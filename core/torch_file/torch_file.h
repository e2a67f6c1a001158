// A file of torch.save: a pickle, and the bytes of its storages. No libtorch.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/torch_file/pickle.h>
#include <bisque/core/torch_file/torch_pickle.h>
#include <bisque/core/torch_file/zip_reader.h>

namespace bisque {

struct TorchFileOptions {
  PickleOptions pickle;
  ZipLimits zip;
};

/// The zip archives of torch 1.6 and later, and the earlier format. Opening reads only the directory and the pickle;
/// storages are views.
class TorchFile {
 public:
  /// Error: it is missing; it is not a file of torch.save, or one of torch.jit.save; see ZipFile, read_pickle,
  /// TorchPickle and parse_legacy_torch_file; a storage without a record, or with one of another size.
  static std::shared_ptr<const TorchFile> open(const std::string& path, const TorchFileOptions& options = {},
                                               Mapping mapping = Mapping::kReadOnly);
  /// The same for memory, which `owner` or else the caller keeps alive. `where` is the prefix of messages.
  static std::shared_ptr<const TorchFile> parse(std::span<const std::byte> bytes, const std::string& where,
                                                std::shared_ptr<const void> owner = nullptr,
                                                const TorchFileOptions& options = {});

  struct Storage {
    StorageInfo info;  // the whole storage
    std::span<const std::byte> bytes;
    const ZipEntry* record = nullptr;  // null in files of the earlier format, which have no checksums
  };

  const std::string& where() const { return where_; }
  const Pickle& pickle() const { return pickle_; }
  /// The size of the pickle in the file.
  size_t pickle_bytes() const { return pickle_bytes_; }
  const TorchPickle& objects() const { return *objects_; }
  /// In the order of first use.
  const std::vector<Storage>& storages() const { return storages_; }
  /// The index in storages() of a storage that the pickle uses.
  size_t storage_index(std::string_view key) const { return index_.at(key); }
  /// Whether elements of more than one byte are byte-swapped.
  bool is_big_endian() const { return is_big_endian_; }
  /// Error: the checksum of the bytes, or of a copy, is wrong. Thread-safe.
  void check_crc(const Storage& storage) const { check_crc(storage, storage.bytes); }
  void check_crc(const Storage& storage, std::span<const std::byte> copy) const;
  /// Copies bytes of a storage. For a file they are read, which is faster than mapping pages to copy from. Thread-safe.
  /// Error: see OpenFile::read.
  void copy(std::span<const std::byte> bytes, std::byte* to) const;
  /// Keeps the bytes alive.
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  TorchFile() = default;
  static std::shared_ptr<TorchFile> read(std::span<const std::byte> bytes, const std::string& where,
                                         std::shared_ptr<const void> owner, const TorchFileOptions& options);
  void read_zip(std::span<const std::byte> bytes, const TorchFileOptions& options);
  void read_legacy(std::span<const std::byte> bytes, const TorchFileOptions& options);
  template <class Read>
  void explain_modules(std::span<const std::byte> pickle, const Read& read) const;
  void set_pickle(Pickle pickle);
  void add_storage(const StorageInfo& info, std::span<const std::byte> bytes, const ZipEntry* record);

  std::string where_;
  std::shared_ptr<const void> owner_;
  std::unique_ptr<OpenFile> opened_;  // null for memory
  const std::byte* begin_ = nullptr;  // of the file's bytes
  size_t num_bytes_ = 0;
  std::unique_ptr<ZipFile> zip_;
  Pickle pickle_;
  size_t pickle_bytes_ = 0;
  std::unique_ptr<TorchPickle> objects_;
  std::vector<Storage> storages_;
  std::unordered_map<std::string_view, size_t> index_;  // by key
  bool is_big_endian_ = false;
};

}  // namespace bisque
