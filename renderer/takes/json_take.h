// Takes as JSON.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// Reads one of two forms:
///   [{"jawOpen": 0.1, "eyeBlinkLeft": 0}, ...]                   an object a frame, all with the same names;
///   {"names": ["jawOpen", ...], "rows": [[0.1, ...], ...], ...}  with, if wanted, "fps": 60, 29.97 or [30000, 1001],
///       and one of "frames": [0, 1, 2.5, ...] (numbers of frames) and "timecodes": ["00:00:00:00.000", ...].
/// Without frames or timecodes row i is frame i. `rate` is taken in place of "fps"; without both it is guessed from the
/// timecodes, or else 30 Hz, and marked as a guess. `where` (the path) begins the messages.
/// Error: JSON that is not strict (see parse_json), other keys, a frame that lacks a name or has another, rows of
/// another length, a value that is no number of float32's range, times that fall, no row.
TakeRows parse_json_take(std::string_view text, const std::string& where, const std::optional<FrameRate>& rate = {});

/// The names of columns that an array file does not hold itself, and its rate.
struct ColumnNames {
  std::vector<std::string> names;
  std::optional<FrameRate> rate;
};

/// Reads ["jawOpen", ...] or {"names": ["jawOpen", ...], "fps": 60}, the latter's fps as in parse_json_take.
ColumnNames parse_column_names(std::string_view text, const std::string& where);

}  // namespace bisque
