#include <bisque/ops3d/io/gltf_names.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

constexpr double kWeightTolerance = 1e-4;
constexpr size_t kMaxListed = 8;  // names in a message

std::vector<std::string> names_in(const tinygltf::Value& extras) {
  std::vector<std::string> names;
  if (!extras.IsObject()) return names;
  const tinygltf::Value& list = extras.Get("targetNames");
  for (size_t i = 0; list.IsArray() && i < list.ArrayLen(); ++i) {
    names.push_back(list.Get(static_cast<int>(i)).Get<std::string>());
  }
  return names;
}

// The names in the file; empty if there is none.
std::vector<NamedTarget> targets_of(const tinygltf::Mesh& mesh) {
  size_t count = 0;
  std::vector<std::string> names = names_in(mesh.extras);
  for (const tinygltf::Primitive& primitive : mesh.primitives) {
    count = std::max(count, primitive.targets.size());
    if (names.empty()) names = names_in(primitive.extras);
  }
  names.resize(count);
  std::vector<NamedTarget> targets;
  for (std::string& name : names) targets.push_back({std::move(name), {}});
  return targets;
}

std::string listed(const std::vector<std::string>& names) {
  const std::vector<std::string> shown(names.begin(),
                                       names.begin() + static_cast<ptrdiff_t>(std::min(names.size(), kMaxListed)));
  const std::string more =
      names.size() > shown.size() ? " and " + std::to_string(names.size() - shown.size()) + " more" : "";
  return comma_list(shown) + more;
}

class TargetNaming {
 public:
  TargetNaming(const tinygltf::Model& model, const std::string& where, std::vector<std::string>& warnings)
      : where_(where), warnings_(warnings) {
    for (const tinygltf::Mesh& mesh : model.meshes) names_.targets.push_back(targets_of(mesh));
  }

  GltfTargetNames run(const GltfVrm& vrm) {
    const std::vector<std::vector<NamedTarget>> given = names_.targets;
    for (const VrmExpression& expression : vrm.expressions) apply(expression, given);
    for (std::vector<NamedTarget>& targets : names_.targets) {
      for (size_t i = 0; i < targets.size(); ++i) {
        if (targets[i].name.empty()) targets[i].name = "target_" + std::to_string(i);
        taken_.insert(targets[i].name);
      }
    }
    for (size_t mesh = 0; mesh < names_.targets.size(); ++mesh) make_unique(mesh);
    name_mixtures();
    return std::move(names_);
  }

 private:
  NamedTarget& target_of(const VrmBind& bind) {
    return names_.targets[static_cast<size_t>(bind.mesh)][static_cast<size_t>(bind.target)];
  }

  void apply(const VrmExpression& expression, const std::vector<std::vector<NamedTarget>>& given) {
    const auto is_unnamed = [&](const VrmBind& bind) {
      return given[static_cast<size_t>(bind.mesh)][static_cast<size_t>(bind.target)].name.empty();
    };
    if (std::none_of(expression.binds.begin(), expression.binds.end(), is_unnamed)) return;
    std::set<int> meshes;
    const bool is_name = std::all_of(expression.binds.begin(), expression.binds.end(), [&](const VrmBind& bind) {
      const std::string& name = target_of(bind).name;
      return meshes.insert(bind.mesh).second && std::abs(bind.weight - 1) <= kWeightTolerance &&
             (name.empty() || name == expression.name);
    });
    if (is_name) {
      for (const VrmBind& bind : expression.binds) target_of(bind).name = expression.name;
      return;
    }
    for (const VrmBind& bind : expression.binds)
      target_of(bind).shares.push_back({names_.mixtures.size(), bind.weight});
    names_.mixtures.push_back(expression.name);
  }

  // The name with the next suffix that is not used in the file.
  std::string free_name(const std::string& name, std::unordered_map<std::string, int>& next_suffix) const {
    int& suffix = next_suffix.emplace(name, 2).first->second;
    while (taken_.contains(name + "_" + std::to_string(suffix))) ++suffix;
    return name + "_" + std::to_string(suffix++);
  }

  // The same suffixes in each mesh, so the second jawOpen of two meshes is one shape, too.
  void make_unique(size_t mesh) {
    std::unordered_set<std::string> used;
    std::unordered_map<std::string, int> next_suffix;
    std::vector<std::string> renamed;
    for (NamedTarget& target : names_.targets[mesh]) {
      if (used.insert(target.name).second) continue;
      target.name = free_name(target.name, next_suffix);
      renamed.push_back(target.name);
      added_.insert(target.name);
    }
    if (renamed.empty()) return;
    warnings_.push_back(where_ + ": meshes[" + std::to_string(mesh) +
                        "] has several morph targets of one name; the later ones are named " + listed(renamed) + ".");
  }

  void name_mixtures() {
    if (names_.mixtures.empty()) return;
    taken_.merge(added_);
    std::unordered_map<std::string, int> next_suffix;
    for (std::string& name : names_.mixtures) {
      if (taken_.contains(name)) name = free_name(name, next_suffix);
      taken_.insert(name);
    }
    warnings_.push_back(where_ + ": VRM expressions that mix morph targets without names became shapes of their own: " +
                        listed(names_.mixtures) + ".");
  }

  const std::string& where_;
  std::vector<std::string>& warnings_;
  GltfTargetNames names_;
  std::unordered_set<std::string> taken_;
  std::unordered_set<std::string> added_;
};

}  // namespace

GltfTargetNames name_targets(const tinygltf::Model& model, const GltfVrm& vrm, const std::string& where,
                             std::vector<std::string>& warnings) {
  return TargetNaming(model, where, warnings).run(vrm);
}

}  // namespace bisque
