// libFuzzer target: any bytes as a zip archive. The content must survive a round trip through the writer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/torch_file/zip_reader.h>
#include <bisque/core/torch_file/zip_writer.h>

namespace {

void copy_and_compare(const bisque::ZipFile& file) {
  std::vector<std::byte> copy;
  bisque::ZipWriter writer(
      [&](std::span<const std::byte> bytes) { copy.insert(copy.end(), bytes.begin(), bytes.end()); }, "copy");
  for (const bisque::ZipEntry& entry : file.entries()) writer.add(entry.name, entry.bytes);
  writer.finish();
  const auto again = bisque::ZipFile::parse(copy, "copy");
  if (again.entries().size() != file.entries().size()) std::abort();
  for (const bisque::ZipEntry& entry : file.entries()) {
    const auto bytes = again.at(entry.name).bytes;
    if (!std::equal(bytes.begin(), bytes.end(), entry.bytes.begin(), entry.bytes.end())) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bisque::ZipOptions options;
  options.check_crc = false;  // a fuzzer finds no checksums
  bisque::ZipFile file;
  try {
    file = bisque::ZipFile::parse({reinterpret_cast<const std::byte*>(data), size}, "fuzz", nullptr, options);
    for (const bisque::ZipEntry& entry : file.entries()) file.check_crc(entry);
  } catch (const bisque::Error&) {
    // The expected outcome of malformed input.
  }
  copy_and_compare(file);  // outside of the try: nothing of it may fail
  return 0;
}
