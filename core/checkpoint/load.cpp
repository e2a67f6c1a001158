#include <bisque/core/checkpoint/load.h>

#include <istream>
#include <iterator>

#include <bisque/core/checkpoint/value_reader.h>
#include <bisque/core/error.h>
#include <bisque/core/plugin/needed_plugins.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/torch_file/torch_file.h>

namespace bisque {
namespace {

TorchFileOptions file_options(const ReadOptions& options) {
  TorchFileOptions result = options.limits;
  for (const auto& entry : options.constructors) result.pickle.allowed.insert(entry.first);
  return result;
}

Value read(const TorchFile& file, const std::string& where, const ReadOptions& options) {
  Value value = ValueReader(file, options).read();
  warn_of_missing_plugins(needed_plugins(value), where);
  return value;
}

Value load_bytes(std::span<const std::byte> bytes, const std::string& where, std::shared_ptr<const void> owner,
                 const ReadOptions& options) {
  const auto file = TorchFile::parse(bytes, where, std::move(owner), file_options(options));
  return read(*file, where, options);
}

}  // namespace

Value load(const std::string& path, const ReadOptions& options) {
  const Mapping mapping = options.mmap ? Mapping::kCopyOnWrite : Mapping::kReadOnly;
  const auto file = TorchFile::open(path, file_options(options), mapping);
  return read(*file, path, options);
}

Value load(std::istream& stream, const ReadOptions& options) {
  auto bytes = std::make_shared<std::string>(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  if (stream.bad()) fail("load: the stream cannot be read.");
  return load_bytes(std::as_bytes(std::span(*bytes)), "stream", bytes, options);
}

Value load(std::span<const std::byte> bytes, const ReadOptions& options) {
  return load_bytes(bytes, "buffer", nullptr, options);
}

}  // namespace bisque
