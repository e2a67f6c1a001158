// The readers of this plugin's file formats.
#pragma once
#include <string>

#include <bisque/renderer/models/blendshape_data.h>
#include <bisque/renderer/takes/take_table.h>

namespace acme {

bisque::BlendshapeData read_heightmap(const std::string& path);
bisque::TakeTable read_keys(const std::string& path);

}  // namespace acme
