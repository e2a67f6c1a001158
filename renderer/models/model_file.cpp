#include <bisque/renderer/models/model_file.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_map>
#include <utility>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/json.h>
#include <bisque/core/serialization/safetensors.h>
#include <bisque/renderer/models/model_check.h>
#include <bisque/renderer/models/model_materials.h>

namespace bisque {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "bisque.blendshapes";
constexpr const char* kVersion = "1";

// Reading

std::string metadata(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  return found == file.metadata().end() ? "" : found->second;
}

std::vector<std::string> read_names(const SafetensorsFile& file, const std::string& key) {
  const json list = parse_json(metadata(file, key), file.where() + ": " + key);
  const auto is_string = [](const json& name) { return name.is_string(); };
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_string)) {
    fail(file.where(), ": ", key, " is not a JSON list of strings.");
  }
  return list.get<std::vector<std::string>>();
}

std::vector<Corrective> read_correctives(const SafetensorsFile& file, const std::vector<std::string>& shape_names) {
  std::unordered_map<std::string, int32_t> index;
  for (const std::string& name : shape_names) index.emplace(name, static_cast<int32_t>(index.size()));
  const auto shape_of = [&](const json& name) {
    const auto found = name.is_string() ? index.find(name.get<std::string>()) : index.end();
    if (found == index.end())
      fail(file.where(), ": correctives refer to ", name.dump(), ", which is not a shape of the model.");
    return found->second;
  };
  const json list = parse_json(metadata(file, "correctives"), file.where() + ": correctives");
  std::vector<Corrective> correctives;
  for (const json& item : list) {
    if (!list.is_array() || !item.is_object() || item.size() != 2 || !item.contains("shape") ||
        !item.contains("factors") || !item["factors"].is_array()) {
      fail(file.where(), ": correctives are not a JSON list of {\"shape\": name, \"factors\": [names]}.");
    }
    Corrective corrective{shape_of(item["shape"]), {}};
    for (const json& factor : item["factors"]) corrective.factors.push_back(shape_of(factor));
    correctives.push_back(std::move(corrective));
  }
  return correctives;
}

// The nonzero deltas of every vertex and shape.
void set_dense_deltas(BlendshapeData& model, const Array<float>& dense) {
  const size_t num_shapes = model.shape_names.size();
  std::vector<int64_t> vert_first{0};
  std::vector<int32_t> delta_shape;
  std::vector<float> deltas;
  const auto num_verts = static_cast<size_t>(model.num_verts());
  for (size_t v = 0; v < num_verts; ++v) {
    for (size_t s = 0; s < num_shapes; ++s) {
      const float* delta = dense.data() + (v * num_shapes + s) * 3;
      if (delta[0] != 0 || delta[1] != 0 || delta[2] != 0) delta_shape.push_back(static_cast<int32_t>(s));
    }
    vert_first.push_back(static_cast<int64_t>(delta_shape.size()));
  }
  if (delta_shape.size() == num_verts * num_shapes) {
    model.deltas = dense;
  } else {
    for (size_t i = 0; i < dense.size(); i += 3) {
      const float* delta = dense.data() + i;
      if (delta[0] != 0 || delta[1] != 0 || delta[2] != 0) deltas.insert(deltas.end(), delta, delta + 3);
    }
    model.deltas = std::move(deltas);
  }
  model.vert_offsets = std::move(vert_first);
  model.delta_shape = std::move(delta_shape);
}

void check_tensor_names(const SafetensorsFile& file) {
  static constexpr std::array kNames{"neutral",  "faces",       "vert_first",   "delta_shape",  "deltas",    "uvs",
                                     "uv_faces", "face_groups", "normal_verts", "head_weights", "head_joint"};
  for (const TensorView& tensor : file.tensors()) {
    if (is_picture_name(tensor.name)) continue;  // read_materials checks that textures refer to them
    if (std::find(kNames.begin(), kNames.end(), tensor.name) == kNames.end()) {
      fail(file.where(), ": tensor \"", tensor.name, "\" is not part of a model.");
    }
  }
  for (const auto& [name, other] : {std::pair("uv_faces", "uvs"), std::pair("delta_shape", "vert_first"),
                                    std::pair("head_joint", "head_weights")}) {
    if (file.find(name) != nullptr && file.find(other) == nullptr) {
      fail(file.where(), ": tensor \"", name, "\" is present without \"", other, "\".");
    }
  }
}

BlendshapeData read(const SafetensorsFile& file) {
  if (metadata(file, "format") != kFormat) {
    fail(file.where(), ": is not a model (its __metadata__ has no \"format\": \"", kFormat, "\").");
  }
  if (metadata(file, "version") != kVersion) {
    fail(file.where(), ": is a model of version \"", metadata(file, "version"), "\", expected ", kVersion, ".");
  }
  check_tensor_names(file);
  using Shape = std::vector<int64_t>;
  BlendshapeData model;
  model.shape_names = read_names(file, "shape_names");
  model.group_names = read_names(file, "group_names");
  model.correctives = read_correctives(file, model.shape_names);
  read_materials(file, model);
  model.neutral = file.array<float>("neutral", Shape{kAnySize, 3});
  model.faces = file.array<int32_t>("faces", Shape{kAnySize, 3});
  if (file.find("uvs") != nullptr) {
    model.uvs = file.array<float>("uvs", Shape{kAnySize, 2});
    model.uv_faces = file.array<int32_t>("uv_faces", Shape{model.num_faces(), 3});
  }
  if (file.find("face_groups") != nullptr) {
    model.face_groups = file.array<int32_t>("face_groups", Shape{model.num_faces()});
  }
  if (file.find("normal_verts") != nullptr) {
    model.normal_verts = file.array<int32_t>("normal_verts", Shape{model.num_verts()});
  }
  if (file.find("head_weights") != nullptr) {
    model.head_weights = file.array<float>("head_weights", Shape{model.num_verts()});
    const Array<float> joint = file.array<float>("head_joint", Shape{3});
    std::copy(joint.begin(), joint.end(), model.head_joint.begin());
  }
  if (file.find("vert_first") != nullptr) {
    model.vert_offsets = file.array<int64_t>("vert_first", Shape{model.num_verts() + 1});
    model.delta_shape = file.array<int32_t>("delta_shape", Shape{kAnySize});
    model.deltas = file.array<float>("deltas", Shape{static_cast<int64_t>(model.delta_shape.size()), 3});
  } else {
    set_dense_deltas(model, file.array<float>("deltas", Shape{model.num_verts(), model.num_shapes(), 3}));
  }
  check_model(model, file.where());
  return model;
}

// Writing

template <class T>
std::span<const T> span_of(const Array<T>& array) {
  return {array.data(), array.size()};
}

std::vector<float> dense_deltas(const BlendshapeData& model) {
  const auto num_shapes = static_cast<size_t>(model.num_shapes());
  std::vector<float> dense(static_cast<size_t>(model.num_verts()) * num_shapes * 3);
  for (size_t v = 0; v + 1 < model.vert_offsets.size(); ++v) {
    for (auto i = static_cast<size_t>(model.vert_offsets[v]); i < static_cast<size_t>(model.vert_offsets[v + 1]); ++i) {
      const size_t to = v * num_shapes + static_cast<size_t>(model.delta_shape[i]);
      std::copy_n(model.deltas.data() + i * 3, 3, dense.data() + to * 3);
    }
  }
  return dense;
}

std::map<std::string, std::string> make_metadata(const BlendshapeData& model, const std::string& path) {
  json correctives = json::array();
  for (const Corrective& corrective : model.correctives) {
    json factors = json::array();
    for (const int32_t factor : corrective.factors) factors.push_back(model.shape_names[static_cast<size_t>(factor)]);
    correctives.push_back({{"shape", model.shape_names[static_cast<size_t>(corrective.shape)]}, {"factors", factors}});
  }
  try {
    std::map<std::string, std::string> entries{{"format", kFormat},
                                               {"version", kVersion},
                                               {"shape_names", json(model.shape_names).dump()},
                                               {"group_names", json(model.group_names).dump()},
                                               {"correctives", correctives.dump()}};
    add_material_metadata(model, entries);
    return entries;
  } catch (const json::exception&) {
    fail(path, ": a name of the model is not UTF-8.");
  }
}

}  // namespace

void write_model(const std::string& path, const BlendshapeData& model) {
  check_model(model, path);
  const int64_t num_verts = model.num_verts();
  const int64_t num_faces = model.num_faces();
  const auto num_deltas = static_cast<int64_t>(model.delta_shape.size());
  std::vector<TensorView> tensors{
      tensor_view("neutral", {num_verts, 3}, span_of(model.neutral)),
      tensor_view("faces", {num_faces, 3}, span_of(model.faces)),
  };
  std::vector<float> dense;
  const size_t sparse_bytes =
      model.vert_offsets.size() * sizeof(int64_t) + model.delta_shape.size() * (sizeof(int32_t) + 3 * sizeof(float));
  const size_t dense_bytes = static_cast<size_t>(num_verts * model.num_shapes()) * 3 * sizeof(float);
  if (dense_bytes < sparse_bytes) {
    dense = dense_deltas(model);
    tensors.push_back(tensor_view("deltas", {num_verts, model.num_shapes(), 3}, std::span<const float>(dense)));
  } else {
    tensors.push_back(tensor_view("vert_first", {num_verts + 1}, span_of(model.vert_offsets)));
    tensors.push_back(tensor_view("delta_shape", {num_deltas}, span_of(model.delta_shape)));
    tensors.push_back(tensor_view("deltas", {num_deltas, 3}, span_of(model.deltas)));
  }
  if (!model.uvs.empty()) {
    tensors.push_back(tensor_view("uvs", {static_cast<int64_t>(model.uvs.size() / 2), 2}, span_of(model.uvs)));
    tensors.push_back(tensor_view("uv_faces", {num_faces, 3}, span_of(model.uv_faces)));
  }
  if (!model.face_groups.empty())
    tensors.push_back(tensor_view("face_groups", {num_faces}, span_of(model.face_groups)));
  if (!model.normal_verts.empty())
    tensors.push_back(tensor_view("normal_verts", {num_verts}, span_of(model.normal_verts)));
  if (!model.head_weights.empty()) {
    tensors.push_back(tensor_view("head_weights", {num_verts}, span_of(model.head_weights)));
    tensors.push_back(tensor_view("head_joint", {3}, std::span<const float>(model.head_joint)));
  }
  add_pictures(model, tensors);
  write_safetensors(path, tensors, make_metadata(model, path));
}

BlendshapeData read_model(const std::string& path) { return read(SafetensorsFile::open(path)); }

BlendshapeData read_model(const SafetensorsFile& file) { return read(file); }

BlendshapeData parse_model(std::span<const std::byte> bytes, const std::string& where) {
  return read(SafetensorsFile::parse(bytes, where));
}

}  // namespace bisque
