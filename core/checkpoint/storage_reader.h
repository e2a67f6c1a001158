// Internal. The storages of a file as storages of tensors.
#pragma once
#include <c10/core/Storage.h>

#include <string_view>
#include <vector>

#include <bisque/core/checkpoint/load.h>

namespace bisque {

class StorageReader {
 public:
  /// Reads all storages, or none with mmap. Error: a checksum, a location that is not a device.
  StorageReader(const TorchFile& file, const ReadOptions& options);

  /// The storage of a key and its device.
  const c10::Storage& operator[](std::string_view key) const { return storages_[file_.storage_index(key)]; }

 private:
  c10::Device device_for(const MapLocation& map_location, const std::string& location) const;
  void check_devices(const MapLocation& map_location) const;
  void read_all(bool check_crc);
  void view_all(bool check_crc);
  void move_all(const MapLocation& map_location);

  const TorchFile& file_;
  std::vector<c10::Storage> storages_;  // parallel to file.storages()
};

}  // namespace bisque
