// Settings of Modules as JSON.
#pragma once
#include <string>
#include <string_view>

#include <bisque/core/registry/config.h>

namespace bisque {

/// The settings of a JSON object: {"shader": "renderer.SoftPhongShader", "rasterizer": {"height": 8}} has the settings
/// "shader" and "rasterizer.height". null is None; an array holds numbers. `where` is the prefix of messages. Errors:
/// no JSON object, an array of anything else.
Config parse_config(std::string_view text, const std::string& where = "settings");

}  // namespace bisque
