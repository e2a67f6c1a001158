// Internal. Reads Python's pickles, protocols 0 to 5, as data.
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include <bisque/core/torch_file/pickle.h>

namespace bisque {

/// Reads the pickle in `bytes`, all of them; the result views them. `where` is the prefix of messages. Plain values
/// that a protocol encodes as calls (set, frozenset, bytes, bytearray, complex) are returned as these values;
/// OrderedDict, defaultdict and Counter are Calls with dict_items. str of Python 2 (STRING, BINSTRING) is str if it is
/// UTF-8. Nothing is imported or called, and time and memory are linear in the bytes. Error: anything that Python would
/// not read either, a global that is not allowed, a limit of `options`, opcodes that need more than the pickle (EXT1,
/// EXT2, EXT4, NEXT_BUFFER, READONLY_BUFFER) or use classes of Python 2 (INST, OBJ), setting a key in anything but a
/// dict, appending to anything but a list, a state for anything but an object.
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& where, const PickleOptions& options = {});

/// The same for the pickle at the start of `bytes`, which it removes from `bytes`.
Pickle take_pickle(std::span<const std::byte>& bytes, const std::string& where, const PickleOptions& options = {});

}  // namespace bisque
