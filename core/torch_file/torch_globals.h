// The names that files of torch may use.
#pragma once
#include <set>
#include <string>

namespace bisque {

/// Full names of Python classes and functions: "collections.OrderedDict".
using GlobalNames = std::set<std::string, std::less<>>;

/// What torch.save writes of plain values and tensors: torch's rebuilders, dtypes, storage types, layouts, quantization
/// schemes, and Python's own containers. Each has a fixed meaning here (torch_pickle.h); none of it is ever run.
const GlobalNames& torch_globals();

}  // namespace bisque
