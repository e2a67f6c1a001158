// The results of the parity program, case by case.
#pragma once
#include <functional>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace bisque::parity {

using Json = nlohmann::ordered_json;
/// Each gives what its namesake in a tests/core/nn/parity_*.py gives.
using Cases = std::map<std::string, std::function<Json()>>;

Cases tree_cases();
Cases state_cases();
Cases hook_cases();

}  // namespace bisque::parity
