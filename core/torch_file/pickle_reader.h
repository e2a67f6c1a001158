// Internal. Reads Python's pickles, protocols 0 to 5, as data.
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include <bisque/core/torch_file/pickle.h>

namespace bisque {

/// The pickle that `bytes` are, to the last; they must outlive the result, which views them. `where` begins the
/// messages. Plain values that a protocol spells as calls (set, frozenset, bytes, bytearray, complex) come as these
/// values; OrderedDict, defaultdict and Counter are Calls with dict_items. str of Python 2 (STRING, BINSTRING) is str
/// where it is UTF-8. Nothing is imported or called, and time and memory are linear in the bytes. Error: anything that
/// Python would not read either, a global that is not allowed, a limit of `options`, opcodes that need more than the
/// pickle (EXT1, EXT2, EXT4, NEXT_BUFFER, READONLY_BUFFER) or are of Python 2's classes (INST, OBJ), a key that is set
/// in something else than a dict, an append to something else than a list, a state for something else than an object.
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& where, const PickleOptions& options = {});

/// The same of the pickle that `bytes` begin with; takes its bytes off their front.
Pickle take_pickle(std::span<const std::byte>& bytes, const std::string& where, const PickleOptions& options = {});

}  // namespace bisque
