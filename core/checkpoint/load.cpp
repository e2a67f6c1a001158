#include <bisque/core/checkpoint/load.h>

#include <istream>
#include <iterator>

#include <bisque/core/checkpoint/value_reader.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>

namespace bisque {
namespace {

Value load_bytes(std::span<const std::byte> bytes, const std::string& where, std::shared_ptr<const void> owner,
                 const ReadOptions& options) {
  TorchFileOptions limits = options.limits;
  for (const auto& entry : options.constructors) limits.pickle.allowed.insert(entry.first);
  const auto file = TorchFile::parse(bytes, where, std::move(owner), limits);
  return ValueReader(*file, options).read();
}

}  // namespace

Value load(const std::string& path, const ReadOptions& options) {
  const auto file = MappedFile::open(path, options.mmap ? Mapping::kCopyOnWrite : Mapping::kReadOnly);
  return load_bytes(file->bytes(), path, file, options);
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
