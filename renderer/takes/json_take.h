// Takes as JSON.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/renderer/takes/take_table.h>

namespace bisque {

/// Reads a list of frames or a table, at the root or inside other objects:
///   [{"time": 0.0, "jawOpen": 0.1, ...}, ...]               one object per frame; a missing name is 0, and a frame
///       without values is lost; `time`, `timestamp`, `timecode` or `frame` (time_unit_of) is its time;
///   [{"time": 0.0, "blendshapes": {"jawOpen": 0.1}}, ...]   nested objects are read too: those whose names say that
///       they hold shapes by the names of their members, others as "OBJECT.MEMBER";
///   [{"faceBlendshapes": [{"categories": [{"categoryName": "jawOpen", "score": 0.1}, ...]}]}, ...]   MediaPipe: the
///       first face of each frame;
///   {"names": [...], "rows": [[...], ...], "fps": 60, "timecodes": ["00:00:00:00.000", ...]}   also with "frames"
///       (numbers) or "times" (seconds), and under the names facsNames, weightMat and exportFps of Audio2Face;
///   {"jawOpen": [0.1, ...], "time": [...]}                  one list per column;
///   {"0.0": {"jawOpen": 0.1}, "0.1": {...}}                 frames by their time or number;
///   one object per frame and line (JSON Lines), or a single object of names and values.
/// fps is 60, "60", 29.97 or [30000, 1001]. NaN and Infinity, as Python writes them, null, and strings that are not
/// numbers are missing values. Other keys are ignored and reported. `where` (the path) is the prefix of messages.
/// Error: any other JSON (see parse_json), lists without one entry per row, no frame.
TakeTable parse_json_take(std::string_view text, const std::string& where);

/// The names of columns that an array file does not contain, and its rate.
struct ColumnNames {
  std::vector<std::string> names;
  std::optional<FrameRate> rate;
};

/// Reads ["jawOpen", ...] or {"names": ["jawOpen", ...], "fps": 60}, the latter's fps as in parse_json_take.
ColumnNames parse_column_names(std::string_view text, const std::string& where);

}  // namespace bisque
