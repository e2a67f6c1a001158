// Internal. The uris of buffers and pictures in glTF files.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bisque {

inline bool is_data_uri(std::string_view uri) { return uri.starts_with("data:"); }

/// The bytes of a data: uri. `path` is the value with it, the prefix of messages. Error: it is not base64.
std::vector<std::byte> decode_data_uri(std::string_view uri, const std::string& path);

/// The relative file name of a uri, decoded: A%20b.png is A b.png. Empty if the uri is not one, or leads out of the
/// folder.
std::string name_in_folder(const std::string& uri);

/// The uri of a relative file name; the inverse of name_in_folder.
std::string uri_of_name(std::string_view name);

}  // namespace bisque
