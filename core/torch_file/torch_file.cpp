#include <bisque/core/torch_file/torch_file.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/core/torch_file/legacy_torch_file.h>
#include <bisque/core/torch_file/pickle_reader.h>

namespace bisque {
namespace {

bool is_zip(std::span<const std::byte> bytes) { return text_of(bytes).starts_with("PK\x03\x04"); }

/// The folder of all records, with its slash.
std::string record_folder(const ZipFile& zip) {
  const std::string_view first = zip.entries().empty() ? "" : zip.entries()[0].name;
  return std::string(first.substr(0, first.find('/') + 1));
}

bool is_big_endian(const ZipFile& zip, const std::string& folder) {
  const ZipEntry* order = zip.find(folder + "byteorder");
  if (!order) return false;
  const std::string_view text = text_of(order->bytes);
  if (text != "little" && text != "big") {
    fail(zip.where(), ": expected the record byteorder to be little or big, but got ", quoted_text(text), ".");
  }
  return text == "big";
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Whether a pickle is that of a Module, whose attributes are the same in every version of torch.
bool is_module_pickle(std::string_view pickle) {
  return holds(pickle, "torch.nn.modules") || holds(pickle, "ctorch.nn\n") ||
         (holds(pickle, "_parameters") && holds(pickle, "_buffers") && holds(pickle, "_modules"));
}

/// Error: the archive is a program, not a file of torch.save.
void check_no_program(const ZipFile& zip, const std::string& folder) {
  const auto has = [&](const char* name) { return zip.find(folder + name) != nullptr; };
  if (has("constants.pkl") || has("model.json") || has("attributes.pkl")) {
    fail(zip.where(),
         ": is a TorchScript program (torch.jit.save), which is not supported; save its state in Python instead: "
         "torch.save(torch.jit.load(PATH).state_dict(), NEW_PATH).");
  }
  if (has("archive_format") || has("serialized_exported_program.json")) {
    fail(zip.where(),
         ": is a program of torch.export, which is not supported; save its state in Python instead: "
         "torch.save(torch.export.load(PATH).state_dict, NEW_PATH).");
  }
}

}  // namespace

std::shared_ptr<const TorchFile> TorchFile::open(const std::string& path, const TorchFileOptions& options,
                                                 Mapping mapping) {
  auto opened = std::make_unique<OpenFile>(path);
  const auto mapped = MappedFile::open(*opened, mapping);
  auto file = read(mapped->bytes(), path, mapped, options);
  file->opened_ = std::move(opened);
  return file;
}

std::shared_ptr<const TorchFile> TorchFile::parse(std::span<const std::byte> bytes, const std::string& where,
                                                  std::shared_ptr<const void> owner, const TorchFileOptions& options) {
  return read(bytes, where, std::move(owner), options);
}

std::shared_ptr<TorchFile> TorchFile::read(std::span<const std::byte> bytes, const std::string& where,
                                           std::shared_ptr<const void> owner, const TorchFileOptions& options) {
  std::shared_ptr<TorchFile> file(new TorchFile);
  file->where_ = where;
  file->owner_ = std::move(owner);
  file->begin_ = bytes.data();
  file->num_bytes_ = bytes.size();
  if (is_zip(bytes)) {
    file->read_zip(bytes, options);
  } else if (is_legacy_torch_file(bytes)) {
    file->read_legacy(bytes, options);
  } else {
    fail(where, ": is not a file of torch.save, expected a zip archive or a pickle that begins with its magic number.");
  }
  return file;
}

void TorchFile::check_crc(const Storage& storage, std::span<const std::byte> copy) const {
  if (storage.record) zip_->check_crc(*storage.record, copy);
}

void TorchFile::copy(std::span<const std::byte> bytes, std::byte* to) const {
  const bool is_in_file = bytes.data() >= begin_ && bytes.data() < begin_ + num_bytes_;  // else it was inflated
  if (opened_ && is_in_file) {
    opened_->read(static_cast<uint64_t>(bytes.data() - begin_), {to, bytes.size()});
  } else if (!bytes.empty()) {
    std::memcpy(to, bytes.data(), bytes.size());
  }
}

/// Reads a pickle. A class that is not allowed indicates a whole model if the rest of the pickle does, too.
template <class Read>
void TorchFile::explain_modules(std::span<const std::byte> pickle, const Read& read) const {
  try {
    read();
  } catch (const UnknownGlobal& error) {
    if (!is_module_pickle(text_of(pickle))) throw;
    fail(where_, ": is a whole model (torch.save(model), of the class ", printable(error.name),
         "), which only its own Python code can build; save its state in Python instead: "
         "torch.save(model.state_dict(), NEW_PATH).");
  }
}

void TorchFile::read_zip(std::span<const std::byte> bytes, const TorchFileOptions& options) {
  zip_ = std::make_unique<ZipFile>(ZipFile::parse(bytes, where_, owner_, {.check_crc = false, .limits = options.zip}));
  const std::string folder = record_folder(*zip_);
  owner_ = zip_->owner();
  check_no_program(*zip_, folder);
  const ZipEntry* pickle = zip_->find(folder + "data.pkl");
  if (!pickle) fail(where_, ": has no record data.pkl, expected a file of torch.save.");
  zip_->check_crc(*pickle);
  is_big_endian_ = bisque::is_big_endian(*zip_, folder);
  explain_modules(pickle->bytes,
                  [&] { set_pickle(read_pickle(pickle->bytes, where_ + ": data.pkl", options.pickle)); });
  pickle_bytes_ = pickle->bytes.size();
  std::string name = folder + "data/";
  const size_t length = name.size();
  for (const StorageInfo& info : objects_->storages()) {
    name.resize(length);
    name += info.key;
    const ZipEntry* record = zip_->find(name);
    if (!record) fail(where_, ": has no record data/", printable(info.key), ", which its pickle uses as a storage.");
    add_storage(info, record->bytes, record);
  }
}

void TorchFile::read_legacy(std::span<const std::byte> bytes, const TorchFileOptions& options) {
  LegacyTorchFile file;
  constexpr size_t kSearched = size_t{1} << 20;  // the pickle comes before the data
  explain_modules(bytes.first(std::min(bytes.size(), kSearched)),
                  [&] { file = parse_legacy_torch_file(bytes, where_, options.pickle); });
  set_pickle(std::move(file.pickle));
  pickle_bytes_ = file.pickle_bytes;
  for (const auto& [info, data] : file.storages) add_storage(info, data, nullptr);
}

void TorchFile::set_pickle(Pickle pickle) {
  pickle_ = std::move(pickle);
  objects_ = std::make_unique<TorchPickle>(pickle_, where_);
}

void TorchFile::add_storage(const StorageInfo& info, std::span<const std::byte> bytes, const ZipEntry* record) {
  if (bytes.size() != info.root_bytes()) {
    fail(where_, ": expected the storage ", printable(info.key), " to have ", info.root_bytes(), " bytes, but got ",
         bytes.size(), ".");
  }
  index_.emplace(info.key, storages_.size());
  storages_.push_back({info, bytes, record});
}

}  // namespace bisque
