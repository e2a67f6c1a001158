// Used by zip_test.py and safetensors_index_test.py: reads with our reader, writes with our writer.
#include <cstdint>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <bisque/core/serialization/atomic_file.h>
#include <bisque/core/serialization/safetensors_index.h>
#include <bisque/core/torch_file/zip_reader.h>
#include <bisque/core/torch_file/zip_writer.h>

namespace bisque {
namespace {

using nlohmann::json;

// list FILE, layout FILE (without a look at the data): name, size, checksum and place of every record.
void list(const std::string& path, bool check_crc) {
  const ZipFile file = ZipFile::open(path, {.check_crc = check_crc, .limits = {}});
  json result = json::array();
  for (const ZipEntry& entry : file.entries()) {
    const auto place = reinterpret_cast<uintptr_t>(entry.bytes.data()) % 4096;  // a mapping begins at a page
    result.push_back({entry.name, entry.bytes.size(), entry.crc, place % ZipWriter::kAlignment});
  }
  std::cout << result.dump() << "\n";
}

// copy FROM TO
void copy(const std::string& from, const std::string& to) {
  const ZipFile file = ZipFile::open(from);
  AtomicFile out(to);
  ZipWriter writer([&](std::span<const std::byte> bytes) { out.write(bytes); }, to);
  for (const ZipEntry& entry : file.entries()) writer.add(entry.name, entry.bytes);
  writer.finish();
  out.commit();
}

// stretch FROM TO RECORD SIZE: a copy whose RECORD is SIZE zeros, which take no room on the disk.
void stretch(const std::string& from, const std::string& to, const std::string& record, size_t size) {
  const ZipFile file = ZipFile::open(from);
  const std::vector<std::byte> zeros(size_t{1} << 24);
  std::ofstream out(to, std::ios::binary);
  ZipWriter writer(
      [&](std::span<const std::byte> bytes) {
        if (bytes.data() >= zeros.data() && bytes.data() < zeros.data() + zeros.size()) {
          out.seekp(static_cast<std::streamoff>(bytes.size()), std::ios::cur);
        } else {
          out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        }
      },
      to);
  for (const ZipEntry& entry : file.entries()) {
    if (entry.name != record) {
      writer.add(entry.name, entry.bytes);
      continue;
    }
    std::vector<std::span<const std::byte>> parts(size / zeros.size(), zeros);
    parts.push_back(std::span(zeros).first(size % zeros.size()));
    writer.add(entry.name, parts);
  }
  writer.finish();
}

// split FROM INDEX BYTES: a safetensors file into shards.
void split(const std::string& from, const std::string& index, uint64_t max_shard_bytes) {
  const SafetensorsFile file = SafetensorsFile::open(from);
  write_sharded_safetensors(index, file.tensors(), file.metadata(), max_shard_bytes);
}

// join INDEX TO
void join(const std::string& index, const std::string& to) {
  const ShardedSafetensors sharded = ShardedSafetensors::open(index);
  std::vector<TensorView> tensors;
  for (const SafetensorsFile& shard : sharded.shards()) {
    tensors.insert(tensors.end(), shard.tensors().begin(), shard.tensors().end());
  }
  write_safetensors(to, tensors);
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 2 && (words[0] == "list" || words[0] == "layout")) {
    list(words[1], words[0] == "list");
  } else if (words.size() == 3 && words[0] == "copy") {
    copy(words[1], words[2]);
  } else if (words.size() == 5 && words[0] == "stretch") {
    stretch(words[1], words[2], words[3], std::stoull(words[4]));
  } else if (words.size() == 4 && words[0] == "split") {
    split(words[1], words[2], std::stoull(words[3]));
  } else if (words.size() == 3 && words[0] == "join") {
    join(words[1], words[2]);
  } else {
    std::cerr << "usage: zip_probe list FILE | layout FILE | copy FROM TO | stretch FROM TO RECORD SIZE | "
                 "split FROM INDEX BYTES | join INDEX TO\n";
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace bisque

int main(int argc, char** argv) {
  try {
    return bisque::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
