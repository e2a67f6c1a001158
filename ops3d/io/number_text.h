// Internal. Text of numbers, for writers of text files.
#pragma once
#include <cstdint>
#include <string>

namespace bisque {

/// Appends a number: with as few digits as restore the same float, or with `decimal_places` digits after the point if
/// that is not negative. NaN and infinity become "nan", "inf" and "-inf".
void append_number(std::string& text, float value, int decimal_places = -1);
void append_number(std::string& text, int32_t value);

/// A colour from 0 to 1 as 0 to 255; NaN becomes 0.
uint8_t color_as_uint8(float color);

}  // namespace bisque
