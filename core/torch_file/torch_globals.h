// The global names that files of torch may use.
#pragma once
#include <set>
#include <string>

namespace bisque {

/// Full names of Python classes and functions: "collections.OrderedDict".
using GlobalNames = std::set<std::string, std::less<>>;

/// The names that torch.save writes for plain values and tensors: torch's rebuild functions, dtypes, storage types,
/// layouts, quantization schemes, and Python's containers. Each has a fixed meaning here (torch_pickle.h); none is ever
/// run.
const GlobalNames& torch_globals();

}  // namespace bisque
