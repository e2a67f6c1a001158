// The readers of this plugin's file formats.
#pragma once
#include <string>
#include <string_view>

#include <bisque/renderer/models/blendshape_data.h>
#include <bisque/renderer/takes/take_table.h>

namespace acme {

bisque::BlendshapeData read_heightmap(const std::string& path);
bisque::TakeTable parse_keys(std::string_view text, const std::string& path);

}  // namespace acme
