#include <bisque/ops3d/io/gltf_extensions.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>

namespace bisque {
namespace {

using nlohmann::json;

// A member of an object; null if there is none.
const json& part_of(const json& o, const char* key) {
  static const json kNothing;
  if (!o.is_object()) return kNothing;
  const auto found = o.find(key);
  return found == o.end() ? kNothing : *found;
}

std::string text_in(const json& o, const char* key) {
  const json& value = part_of(o, key);
  return value.is_string() ? value.get<std::string>() : "";
}

std::optional<int> index_in(const json& o, const char* key) {
  const json& value = part_of(o, key);
  if (!value.is_number()) return std::nullopt;
  const auto number = value.get<double>();
  if (!(number >= 0) || number > INT32_MAX || number != std::floor(number)) return std::nullopt;
  return static_cast<int>(number);
}

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

class VrmReader {
 public:
  explicit VrmReader(const json& root) : nodes_(part_of(root, "nodes")) {
    for (const json& mesh : part_of(root, "meshes")) {
      size_t count = 0;
      for (const json& primitive : part_of(mesh, "primitives")) {
        count = std::max(count, part_of(primitive, "targets").size());
      }
      num_targets_.push_back(static_cast<int>(count));
    }
  }

  void read_version_0(const json& vrm) {
    for (const json& group : part_of(part_of(vrm, "blendShapeMaster"), "blendShapeGroups")) {
      VrmExpression expression{name_of_group(group), {}};
      for (const json& bind : part_of(group, "binds")) add_bind(expression, index_in(bind, "mesh"), bind, 100);
      add(std::move(expression), has_any(group, {"materialValues"}));
    }
    for (const json& bone : part_of(part_of(vrm, "humanoid"), "humanBones")) add_bone(text_in(bone, "bone"), bone);
  }

  void read_version_1(const json& vrm) {
    for (const char* kind : {"preset", "custom"}) {
      const json& expressions = part_of(part_of(vrm, "expressions"), kind);
      if (!expressions.is_object()) continue;
      for (const auto& [name, item] : expressions.items()) {
        VrmExpression expression{name, {}};
        for (const json& bind : part_of(item, "morphTargetBinds")) add_bind(expression, mesh_of_node(bind), bind, 1);
        add(std::move(expression), has_any(item, {"materialColorBinds", "textureTransformBinds"}));
      }
    }
    const json& bones = part_of(part_of(vrm, "humanoid"), "humanBones");
    if (!bones.is_object()) return;
    for (const auto& [name, bone] : bones.items()) add_bone(name, bone);
  }

  GltfVrm finish(const std::string& where, std::vector<std::string>& warnings) {
    if (num_bad_binds_ > 0) {
      warnings.push_back(where + ": " + std::to_string(num_bad_binds_) +
                         " binds of VRM expressions refer to no morph target and are ignored.");
    }
    if (has_materials_) warnings.push_back(where + ": what VRM expressions do to materials is ignored.");
    return std::move(vrm_);
  }

 private:
  static std::string name_of_group(const json& group) {
    std::string name = text_in(group, "name");
    std::string preset = text_in(group, "presetName");
    const bool use_preset = !preset.empty() && preset != "unknown" && (name.empty() || !is_ascii(name));
    return use_preset ? preset : name;
  }

  static bool has_any(const json& o, std::initializer_list<const char*> keys) {
    return std::any_of(keys.begin(), keys.end(), [&](const char* key) {
      const json& list = part_of(o, key);
      return list.is_array() && !list.empty();
    });
  }

  std::optional<int> mesh_of_node(const json& bind) const {
    const std::optional<int> node = index_in(bind, "node");
    if (!node || static_cast<size_t>(*node) >= nodes_.size()) return std::nullopt;
    return index_in(nodes_[static_cast<size_t>(*node)], "mesh");
  }

  int num_targets(int mesh) const {
    return static_cast<size_t>(mesh) < num_targets_.size() ? num_targets_[static_cast<size_t>(mesh)] : 0;
  }

  void add_bind(VrmExpression& expression, std::optional<int> mesh, const json& bind, double full_weight) {
    const std::optional<int> target = index_in(bind, "index");
    const json& weight = part_of(bind, "weight");
    if (!mesh || !target || *target >= num_targets(*mesh) || !(weight.is_number() || weight.is_null())) {
      ++num_bad_binds_;
      return;
    }
    const double share = weight.is_null() ? 1 : weight.get<double>() / full_weight;
    if (share != 0) expression.binds.push_back({*mesh, *target, share});
  }

  void add(VrmExpression expression, bool has_materials) {
    has_materials_ |= has_materials;
    if (!expression.name.empty() && !expression.binds.empty()) vrm_.expressions.push_back(std::move(expression));
  }

  void add_bone(const std::string& name, const json& bone) {
    const std::optional<int> node = index_in(bone, "node");
    if (node && static_cast<size_t>(*node) < nodes_.size()) vrm_.bones.emplace(name, *node);
  }

  const json& nodes_;
  std::vector<int> num_targets_;  // by mesh
  GltfVrm vrm_;
  int64_t num_bad_binds_ = 0;
  bool has_materials_ = false;
};

}  // namespace

GltfVrm read_vrm(const json& root, const std::string& where, std::vector<std::string>& warnings) {
  const json& extensions = part_of(root, "extensions");
  VrmReader reader(root);
  if (const json& vrm = part_of(extensions, "VRMC_vrm"); vrm.is_object()) {
    reader.read_version_1(vrm);
  } else if (const json& old = part_of(extensions, "VRM"); old.is_object()) {
    reader.read_version_0(old);
  }
  return reader.finish(where, warnings);
}

}  // namespace bisque
