#include <bisque/core/checkpoint/save.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <ostream>
#include <span>
#include <string_view>

#include <bisque/core/checkpoint/value_writer.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/core/torch_file/zip_writer.h>

namespace bisque {
namespace {

/// The bytes of a storage, on the CPU.
at::Tensor bytes_of(const TensorWriter::Storage& storage) {
  const at::Tensor view = at::empty({0}, at::TensorOptions(at::kByte).device(storage.storage.device()))
                              .set_(storage.storage, 0, {static_cast<int64_t>(storage.bytes)}, {1});
  return view.to(at::kCPU);
}

/// torch identifies a file's contents by a hash of them; any number is valid.
std::string serialization_id(std::string_view pickle) {
  std::string digits = std::to_string(std::hash<std::string_view>()(pickle));
  return std::string(40 - std::min<size_t>(digits.size(), 40), '0') + digits;
}

void write_archive(const Value& value, ByteSink sink, const std::string& where) {
  ValueWriter writer;
  writer.write(value);
  const std::string pickle = writer.finish();
  ZipWriter zip(std::move(sink), where);
  zip.add("archive/data.pkl", pickle);
  zip.add("archive/.format_version", "1");
  zip.add("archive/.storage_alignment", std::to_string(ZipWriter::kAlignment));
  zip.add("archive/byteorder", "little");
  std::string name = "archive/data/";
  const size_t length = name.size();
  for (const auto& storage : writer.tensors().storages()) {
    name.resize(length);
    name += storage.key;
    const at::Tensor bytes = storage.location == "cpu" ? at::Tensor() : bytes_of(storage);
    const void* data = bytes.defined() ? bytes.const_data_ptr() : storage.storage.data();
    zip.add(name, std::span(static_cast<const std::byte*>(data), storage.bytes));
  }
  zip.add("archive/version", "3\n");
  zip.add("archive/.data/serialization_id", serialization_id(pickle));
  zip.finish();
}

}  // namespace

void save(const Value& value, const std::string& path, const SaveOptions& options) {
  AtomicFile file(path);
  write_archive(
      value, [&](std::span<const std::byte> bytes) { file.write(bytes); }, path);
  file.commit(options.sync);
}

void save(const Value& value, std::ostream& stream) {
  const auto write = [&](std::span<const std::byte> bytes) {
    stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!stream) fail("save: the stream takes no more bytes.");
  };
  write_archive(value, write, "stream");
  if (!stream.flush()) fail("save: the stream cannot be flushed.");
}

std::string save_to_string(const Value& value) {
  std::string text;
  const auto append = [&](std::span<const std::byte> bytes) {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  write_archive(value, append, "buffer");
  return text;
}

}  // namespace bisque
