// Internal. Detects files that a failed download left in place of the data.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace bisque {

/// The number of bytes at the start of a file that check_download() needs.
inline constexpr size_t kDownloadCheckBytes = 4096;

/// Error: the file is an HTML page, a server's XML error, or a Git LFS pointer. `beginning` holds its first bytes. No
/// data format of the project begins like these.
void check_download(std::string_view beginning, const std::string& path);

}  // namespace bisque
