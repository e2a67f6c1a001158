// The CSV files of the Live Link Face app.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// Reads a header line of Timecode, BlendShapeCount and the 61 names of Live Link in any order, then one line a row.
/// Further columns are kept by their names. Fields may be quoted, lines may end in CRLF, a BOM may come first.
/// Rows are placed by Timecode (see place_timecodes); `rate` is the take's, which the file does not name: without it
/// the rate is guessed. `where` (the path) begins the messages.
/// Error, with line and column: a missing, nameless or repeated column, a row of another length, a value that is no
/// finite number, a count that is not that of the columns, a bad timecode, time that goes backwards.
TakeRows parse_live_link_csv(std::string_view text, const std::string& where,
                             const std::optional<FrameRate>& rate = {});

}  // namespace bisque
