// Takes as text: tables of one row per line, and the files of the Face Cap app.
#pragma once
#include <string>
#include <string_view>

#include <bisque/renderer/takes/take_table.h>

namespace bisque {

/// Reads a text file: parse_face_cap reads `info`, `bs` and `k` lines, parse_csv_take anything else. Text is UTF-8, or
/// UTF-16 with a byte order mark.
TakeTable parse_text_take(std::string_view text, const std::string& where);

/// Reads a header line of names in any order, then one line per row, separated by commas, semicolons or tabs: the files
/// of Live Link Face (Timecode, BlendShapeCount, names), of Audio2Face-3D (timeCode, blendShapes.NAME), any table of
/// names. Lines before the first one with a known name, among the first few, are ignored. The time column is the first
/// one with a time column's name (time_unit_of), preferably timecodes; other such columns are ignored. A count of 0
/// marks a row without values. A truncated last row is dropped, as is a last row with only some of its values. Cells
/// that are not a finite number are missing values. `where` (the path) is the prefix of messages. Error: no header line
/// of names, no row below it.
TakeTable parse_csv_take(std::string_view text, const std::string& where);

/// Reads the text files of Face Cap: a line `bs,NAME,...` and lines `k,time in ms,head position (3),head rotation (3),
/// left eye (2),right eye (2),weights`. Rotations are degrees about +X, +Y and +Z; they become headPitch, headYaw,
/// headRoll and the eyes' pitch and yaw in radians. Error: no `bs` line, no `k` line.
TakeTable parse_face_cap(std::string_view text, const std::string& where);

}  // namespace bisque
