// Reads any take file.
#pragma once
#include <optional>
#include <string>

#include <bisque/renderer/takes/frame_rate.h>
#include <bisque/renderer/takes/resample.h>
#include <bisque/renderer/takes/take.h>

namespace bisque {

/// Reads a file by its extension: .csv, .packets and .gesichter (Live Link Face), .json, .npy (two-dimensional: with a
/// file NAME.names.json beside it) and .safetensors; see the parser of each. `rate` is the take's rate, whatever the
/// file says of it: times in frames or timecodes are counted in it.
/// Error: an extension that is none of these, contents of another of these formats, the parser's errors.
TakeRows read_take_rows(const std::string& path, const std::optional<FrameRate>& rate = {});

/// The same, resampled to its frame grid, with its source.
Take read_take(const std::string& path, const std::optional<FrameRate>& rate = {});

}  // namespace bisque
