// Reads any take file.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/renderer/takes/frame_rate.h>
#include <bisque/renderer/takes/resample.h>
#include <bisque/renderer/takes/take.h>
#include <bisque/renderer/takes/take_table.h>

namespace bisque {

/// A format of take files. A plugin adds one under its extension:
///
///   plugin.add_format(bisque::kTakeFormat, ".abc", bisque::TakeFormat{.parse = parse_abc});
struct TakeFormat {
  /// Returns the unmodified table of a file; `path` is for messages, and for files beside it.
  std::function<TakeTable(std::string_view text, const std::string& path)> parse = nullptr;
  /// Whether a file with this text may be of this format. None: its files are known by their extension alone.
  bool (*begins)(std::string_view text) = nullptr;
  /// What reports call it; the extension if empty.
  std::string source = "";
};

/// The kind under which formats() holds each TakeFormat.
inline constexpr const char* kTakeFormat = "take";

/// The extensions of all take files: .csv, ..., then those of plugins.
std::vector<std::string> take_extensions();

/// Whether `path` has one of them.
bool is_take_path(const std::string& path);

/// Reads a file by its extension: .csv, .tsv and .txt (tables of names, Face Cap), .packets and .gesichter (Live Link
/// Face), .json and .jsonl, .npy (two-dimensional: with a file NAME.names.json beside it), .safetensors, or one that a
/// plugin has registered; see the parser of each, and order_rows for the repairs. `rate` overrides the file's rate:
/// times in frames or timecodes are counted in it. Error: another extension, contents of another of these formats, the
/// errors of the parser and of order_rows.
TakeRows read_take_rows(const std::string& path, const std::optional<FrameRate>& rate = {});

/// The same, resampled to its frame grid, with its source.
Take read_take(const std::string& path, const std::optional<FrameRate>& rate = {});

/// The same for the text of a file with one of the extensions above; `path` gives the extension and the prefix of
/// messages.
Take parse_take(std::string_view text, const std::string& path, const std::optional<FrameRate>& rate = {});

}  // namespace bisque
