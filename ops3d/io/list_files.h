// Internal. The files of a folder by extension.
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bisque {

enum class Subfolders { kSkip, kInclude };

/// The files below `folder` with one of these extensions (".obj", in lower case; those of the files may have any case),
/// as sorted relative paths. Hidden files and folders (names that begin with a dot; macOS writes "._x.obj" beside
/// x.obj), folders and special files are not listed. A link to a missing file is listed, so that opening it reports
/// that. Error: `folder` cannot be listed.
std::vector<std::filesystem::path> list_files(const std::string& folder, std::span<const std::string_view> extensions,
                                              Subfolders subfolders);

}  // namespace bisque
