// bisque info: shows the content of a model, take, file of tensors, picture or sound.
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/formats.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/safetensors.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/mesh_file.h>
#include <bisque/renderer/models/eyeballs.h>
#include <bisque/renderer/models/model_file.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/pictures/picture_file.h>
#include <bisque/renderer/pictures/wav.h>
#include <bisque/renderer/takes/large_values.h>
#include <bisque/renderer/takes/read_take.h>

#include "cli/commands.h"
#include "cli/sha256.h"
#include "cli/tensor_file.h"
#include "cli/tensor_pieces.h"

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
  std::vector<std::string> notes = take.notes;
  if (std::string note = large_values_note(take, known_shape_columns(take)); !note.empty()) {
    notes.push_back(std::move(note));
  }
  return {{"kind", "take"},
          {"source", take.source},
          {"frames", take.num_frames},
          {"rate", frame_rate_text(take.rate)},
          {"rate_is_guess", take.rate_is_guess},
          {"seconds", static_cast<double>(take.num_frames) / take.rate.hz()},
          {"rows", take.rows},
          {"filled", take.filled},
          {"notes", notes},
          {"names", take.names}};
}

/// Sums read the whole file; null if the tensors expand to more than the limit.
Json sum_of(const at::Tensor& tensor, ByteBudget& budget) {
  if (!budget.take(tensor)) return nullptr;
  Sha256 sum;
  sum.add(tensor);
  return sum.digest();
}

Json describe_tensors(const TensorFile& file, bool with_sums) {
  Json tensors = Json::array(), values = Json::object();
  ByteBudget budget(file.num_bytes);
  for (const NamedTensor& entry : file.tensors) {
    for (const auto& [part, dense] : parts_of(entry.tensor)) {
      Json described = {{"name", entry.name + part},
                        {"dtype", dtype_name(dense.scalar_type()).substr(std::strlen("torch."))},
                        {"shape", dense.sizes().vec()},
                        {"stride", dense.strides().vec()},
                        {"device", entry.device}};
      if (with_sums && !dense.is_meta()) described["sha256"] = sum_of(dense, budget);
      tensors.push_back(std::move(described));
    }
  }
  // Names are unique, so they need not be searched among the earlier ones, which would take quadratic time.
  auto& members = values.get_ref<Json::object_t&>();
  for (const NamedValue& entry : file.values) members.emplace_back(entry.name, to_json(entry.value));
  return {{"kind", "tensors"}, {"tensors", std::move(tensors)}, {"values", std::move(values)}};
}

/// A .safetensors file is a model, a take or plain tensors, depending on its metadata.
Json describe_safetensors(const std::string& path, bool with_sums) {
  const auto mapped = MappedFile::open(path, Mapping::kCopyOnWrite);
  const auto file = SafetensorsFile::parse(mapped->bytes(), path, mapped);
  const auto format = file.metadata().find("format");
  if (format != file.metadata().end() && format->second == "bisque.blendshapes") {
    return describe_model(read_model(file));
  }
  return file.metadata().count("names") ? describe_take(parse_take(mapped->text(), path))
                                        : describe_tensors(read_tensor_file(file), with_sums);
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

Json describe(const std::string& path, bool with_sums) {
  if (path == "demo" || is_folder(path)) return describe_model(read_blendshapes(path));
  const std::string extension = lower_extension(path);
  const auto is = [&](std::initializer_list<const char*> kinds) {
    return std::find(kinds.begin(), kinds.end(), extension) != kinds.end();
  };
  if (is({".safetensors"})) return describe_safetensors(path, with_sums);
  if (is_torch_file(path) || is_safetensors(path)) return describe_tensors(read_tensor_file(path), with_sums);
  if (is_take_path(path)) return describe_take(read_take(path));
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
  if (is_mesh_path(path) || formats().find(kBlendshapeFormat, extension).has_value()) {
    return describe_model(read_blendshapes(path));
  }
  std::error_code error;
  if (!std::filesystem::exists(path, error)) fail("\"", path, "\" is not an existing file or folder.");
  fail(path, ": has an unknown file type; expected a model (", comma_list(mesh_extensions()),
       ", .safetensors, a folder, demo), a take (", comma_list(take_extensions()),
       "), tensors (.pt, .pth, .bin, .ckpt, .safetensors), a picture "
       "(.png, .jpg) or a sound (.wav).");
}

std::string text_of_json(const Json& json) {
  return json.is_string() ? escaped(json.get_ref<const std::string&>()) : escaped(json_text(json));
}

/// One line per field; lists and long texts become one line with commas.
void print_plain(const Json& description) {
  for (const auto& [key, value] : description.items()) {
    std::string text;
    if (value.is_array()) {
      // Tensors and notes get one line each.
      const bool has_lines = key == "notes" || (!value.empty() && value[0].is_object());
      const char* separator = has_lines ? "\n               " : ", ";
      for (const auto& item : value) text += (text.empty() ? "" : separator) + text_of_json(item);
      if (text.empty()) text = "none";
    } else {
      text = text_of_json(value);
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
  CLI::App* command =
      app.add_subcommand("info", "Shows the content of a model, take, file of tensors, picture or sound.");
  command->add_option("file", options->file, "A file, a folder of OBJ files, or `demo`")->required();
  command->add_flag("--json", options->json, "As JSON");
  command->callback([options] {
    const Json description = describe(options->file, /*with_sums=*/options->json);
    if (options->json) {
      std::printf("%s\n", json_text(description, 2).c_str());
    } else {
      print_plain(description);
    }
  });
}

}  // namespace bisque::cli
