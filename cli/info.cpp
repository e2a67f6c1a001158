// bisque info: what a model, take, picture or sound holds.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include <bisque/core/error.h>
#include <bisque/core/serialization/formats.h>
#include <bisque/core/serialization/safetensors.h>
#include <bisque/renderer/models/eyeballs.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/pictures/picture_file.h>
#include <bisque/renderer/pictures/wav.h>
#include <bisque/renderer/takes/read_take.h>

#include "cli/commands.h"

namespace bisque::cli {
namespace {

using Json = nlohmann::ordered_json;

Json describe_model(const BlendshapeData& model) {
  Json groups = Json::array();
  for (const auto& name : model.group_names) groups.push_back(name);
  Json correctives = Json::array();
  for (const Corrective& corrective : model.correctives) {
    Json factors = Json::array();
    for (int32_t factor : corrective.factors) factors.push_back(model.shape_names[factor]);
    correctives.push_back({{"shape", model.shape_names[corrective.shape]}, {"factors", factors}});
  }
  Json eyeballs = Json::array();
  if (find_eyeball(model, Side::kLeft)) eyeballs.push_back("left");
  if (find_eyeball(model, Side::kRight)) eyeballs.push_back("right");
  return {{"kind", "model"},
          {"verts", model.num_verts()},
          {"triangles", model.num_faces()},
          {"shapes", model.num_shapes()},
          {"shape_names", model.shape_names},
          {"deltas", model.deltas.size() / 3},
          {"uvs", model.uvs.size() / 2},
          {"groups", groups},
          {"correctives", correctives},
          {"eyeballs", eyeballs},
          {"warnings", model.warnings}};
}

Json describe_take(const Take& take) {
  return {{"kind", "take"},
          {"source", take.source},
          {"frames", take.num_frames},
          {"rate", frame_rate_text(take.rate)},
          {"rate_is_guess", take.rate_is_guess},
          {"seconds", static_cast<double>(take.num_frames) / take.rate.hz()},
          {"rows", take.rows},
          {"filled", take.filled},
          {"names", take.names}};
}

Json describe_tensors(const SafetensorsFile& file) {
  Json tensors = Json::array();
  for (const auto& tensor : file.tensors()) {
    tensors.push_back(
        {{"name", tensor.name}, {"dtype", std::string(dtype_name(tensor.dtype))}, {"shape", tensor.shape}});
  }
  return {{"kind", "tensors"}, {"tensors", tensors}, {"metadata", file.metadata()}};
}

/// A .safetensors file is a model, a take or plain tensors, which its metadata tells.
Json describe_safetensors(const std::string& path) {
  const auto file = SafetensorsFile::open(path);
  const auto format = file.metadata().find("format");
  if (format != file.metadata().end() && format->second == "bisque.blendshapes") {
    return describe_model(read_blendshapes(path));
  }
  return file.metadata().count("names") ? describe_take(read_take(path)) : describe_tensors(file);
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

Json describe(const std::string& path) {
  if (path == "demo" || is_folder(path)) return describe_model(read_blendshapes(path));
  const std::string extension = lower_extension(path);
  const auto is = [&](std::initializer_list<const char*> kinds) {
    return std::find(kinds.begin(), kinds.end(), extension) != kinds.end();
  };
  if (is({".safetensors"})) return describe_safetensors(path);
  if (is({".csv", ".packets", ".gesichter", ".json", ".npy"})) return describe_take(read_take(path));
  if (is({".png", ".jpg", ".jpeg"})) {
    const PictureInfo info = read_picture_info(path);
    return {{"kind", "picture"},     {"format", info.format},     {"width", info.width},
            {"height", info.height}, {"channels", info.channels}, {"bit_depth", info.bit_depth}};
  }
  if (is({".wav"})) {
    const WavInfo info = read_wav_info(path);
    return {{"kind", "sound"},
            {"channels", info.channels},
            {"sample_rate", info.sample_rate},
            {"bit_depth", info.bit_depth},
            {"seconds", info.seconds()}};
  }
  if (is({".glb", ".gltf", ".obj"}) || formats().find(kBlendshapeFormat, extension).has_value()) {
    return describe_model(read_blendshapes(path));
  }
  std::error_code error;
  if (!std::filesystem::exists(path, error)) fail("\"", path, "\" is no file or folder that can be found.");
  fail(path,
       ": is no kind of file that is known; expected a model (.glb, .gltf, .obj, .safetensors, a folder, demo), a take "
       "(.csv, .packets, .gesichter, .json, .npy), a picture (.png, .jpg) or a sound (.wav).");
}

/// A line a field; lists and long texts are wrapped into one line of commas.
void print_plain(const Json& description) {
  for (const auto& [key, value] : description.items()) {
    std::string text;
    if (value.is_array()) {
      for (const auto& item : value)
        text += (text.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : item.dump());
      if (text.empty()) text = "none";
    } else {
      text = value.is_string() ? value.get<std::string>() : value.dump();
    }
    std::printf("%-14s %s\n", key.c_str(), text.c_str());
  }
}

}  // namespace

void add_info(CLI::App& app) {
  struct Options {
    std::string file;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("info", "Tells what a model, take, picture or sound holds.");
  command->add_option("file", options->file, "A file, a folder of OBJ files, or `demo`")->required();
  command->add_flag("--json", options->json, "As JSON");
  command->callback([options] {
    const Json description = describe(options->file);
    if (options->json) {
      std::printf("%s\n", description.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    } else {
      print_plain(description);
    }
  });
}

}  // namespace bisque::cli
