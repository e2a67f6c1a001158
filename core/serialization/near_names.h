// The names that a mistyped one may stand for.
#pragma once
#include <string>
#include <vector>

namespace bisque {

/// Up to three of `names` that differ from `name` by few edits (an exchange of neighbours is one, the case of letters
/// none), or that contain it; the nearest first. Names like acme.blur and acme::blur are also compared by their last
/// parts.
std::vector<std::string> near_names(const std::string& name, const std::vector<std::string>& names);

/// " (nearest: a, b)", or "" if none is near.
std::string nearest_note(const std::string& name, const std::vector<std::string>& names);

/// The end of a message: "expected one of: a, b, c (nearest: a).", or the nearest alone where the names are many.
std::string expected_names(const std::string& name, const std::vector<std::string>& names);

}  // namespace bisque
