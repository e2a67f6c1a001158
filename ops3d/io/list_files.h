// Internal. The files of a folder by extension.
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bisque {

enum class Subfolders { kSkip, kInclude };

/// The files below `folder` that have one of these extensions (".obj", in lower case; the files' may be in any case),
/// as paths relative to it, sorted. Hidden files and folders, whose names begin with a dot, are not listed (macOS
/// writes
/// "._x.obj" beside x.obj), nor are folders and special files. A link to a missing file is listed, so that opening it
/// reports that. Error: `folder` cannot be listed.
std::vector<std::filesystem::path> list_files(const std::string& folder, std::span<const std::string_view> extensions,
                                              Subfolders subfolders);

}  // namespace bisque
