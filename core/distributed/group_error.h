// Internal. The words of a group's errors.
#pragma once
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace bisque {

/// The reason that gloo or the store gives, as a part of a sentence: its first sentence, without its place in their
/// source.
std::string reason_of(const std::exception& error);

/// "30 s" or "0.5 s".
std::string seconds_text(std::chrono::milliseconds time);

/// "rank 1 of 4" or "ranks 1, 3 of 4"; of many ranks the first ten, and how many more there are.
std::string ranks_text(const std::vector<int64_t>& ranks, int64_t size);

}  // namespace bisque
