// Takes as arrays: NumPy's .npy, and .safetensors.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <bisque/renderer/takes/json_take.h>
#include <bisque/renderer/takes/take_table.h>

namespace bisque {

/// Reads a little-endian .npy file (versions 1 to 3), one row per frame. Columns are found only by name, so it is
/// either a one-dimensional array of a structured dtype of named float32 or float64 fields:
///   numpy.zeros(frames, dtype=[("jawOpen", "<f4"), ...]),
/// or a two-dimensional [frames, names] array of float32 or float64 in C order whose `columns` come from a second file.
/// Values that are not finite are missing. `where` (the path) is the prefix of messages. Error: any other array, a size
/// that does not match the data, names that are missing or not one per column, no row.
TakeTable parse_npy_take(std::span<const std::byte> bytes, const std::string& where,
                         const std::optional<ColumnNames>& columns = {});

/// Reads a .safetensors file with one tensor, "values" or "coefficients", [frames, names] of F32 or F64, whose
/// __metadata__ contains "names" as a JSON list and optionally "fps" ("60", "29.97", "30000/1001"). Missing values and
/// errors as for parse_npy_take.
TakeTable parse_safetensors_take(std::span<const std::byte> bytes, const std::string& where);

}  // namespace bisque
