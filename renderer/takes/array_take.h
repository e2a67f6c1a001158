// Takes as arrays: NumPy's .npy, and .safetensors.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <bisque/renderer/takes/json_take.h>
#include <bisque/renderer/takes/take_table.h>

namespace bisque {

/// Reads a .npy file (versions 1 to 3), little-endian, one row per frame. Columns are found by name only, so it is
/// either a one-dimensional array of a structured dtype of named float32 or float64 fields:
///   numpy.zeros(frames, dtype=[("jawOpen", "<f4"), ...]),
/// or a two-dimensional [frames, names] array of float32 or float64 in C order whose `columns` come from a second file.
/// Values that are not finite are missing. `where` (the path) begins the messages. Error: any other array, a size that
/// is not that of the data, names that are missing or not as many as the columns, no row.
TakeTable parse_npy_take(std::span<const std::byte> bytes, const std::string& where,
                         const std::optional<ColumnNames>& columns = {});

/// Reads a .safetensors file with one tensor, "values" or "coefficients", [frames, names] of F32 or F64, whose
/// __metadata__ holds "names" as a JSON list and, if wanted, "fps" ("60", "29.97", "30000/1001"). Missing values and
/// errors as for parse_npy_take.
TakeTable parse_safetensors_take(std::span<const std::byte> bytes, const std::string& where);

}  // namespace bisque
