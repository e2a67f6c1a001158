// A pickle as JSON that Python can also make from its objects (pickle_trees.py), and a rewritten pickle.
#pragma once
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <bisque/core/torch_file/torch_pickle.h>

namespace bisque::probe {

using Json = nlohmann::ordered_json;

std::string hex(std::string_view bytes);
/// Values that hold themselves are "...".
Json tree(const Pickle& pickle, const TorchPickle& torch);
std::string rewritten(const Pickle& pickle, const TorchPickle& torch);

}  // namespace bisque::probe
