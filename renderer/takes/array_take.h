// Takes as arrays: NumPy's .npy, and .safetensors.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <bisque/renderer/takes/json_take.h>
#include <bisque/renderer/takes/take.h>

namespace bisque {

/// Reads a .npy file (versions 1 to 3), little-endian, one row a frame. Columns are never told by position, so it is
/// either a one-dimensional array of a structured dtype of named float32 or float64 fields:
///   numpy.zeros(frames, dtype=[("jawOpen", "<f4"), ...]),
/// or a two-dimensional [frames, names] array of float32 or float64 in C order whose `columns` come from a second file.
/// `rate` is taken in place of that of `columns`; without both it is 30 Hz, and marked as a guess. `where` (the path)
/// begins the messages. Error: any other array, a size that is not that of the data, names that are missing or not as
/// many as the columns, a value that is no finite float32, no row.
TakeRows parse_npy_take(std::span<const std::byte> bytes, const std::string& where,
                        const std::optional<ColumnNames>& columns = {}, const std::optional<FrameRate>& rate = {});

/// Reads a .safetensors file with one tensor, "values" or "coefficients", [frames, names] of F32 or F64, whose
/// __metadata__ holds "names" as a JSON list and, if wanted, "fps" ("60", "29.97", "30000/1001"). Rate and errors as
/// for parse_npy_take.
TakeRows parse_safetensors_take(std::span<const std::byte> bytes, const std::string& where,
                                const std::optional<FrameRate>& rate = {});

}  // namespace bisque
