#include <bisque/ops3d/io/gltf_head.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

enum class Letter { kUpper, kLower, kDigit, kOther };

Letter kind_of(char c) {
  if (c >= 'A' && c <= 'Z') return Letter::kUpper;
  if (c >= 'a' && c <= 'z') return Letter::kLower;
  return c >= '0' && c <= '9' ? Letter::kDigit : Letter::kOther;
}

// The words of a name in lower case, without numbers: HeadTop_End is head, top, end.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  Letter previous = Letter::kOther;
  for (const char c : name) {
    const Letter kind = kind_of(c);
    const bool is_letter = kind == Letter::kUpper || kind == Letter::kLower;
    const bool continues = previous == kind || (previous == Letter::kUpper && kind == Letter::kLower);
    if (is_letter && !continues) words.emplace_back();
    if (is_letter) words.back() += lower_case(c);
    previous = kind;
  }
  return words;
}

// Words that mark a node as a joint without identifying it.
constexpr std::array<std::string_view, 11> kJointWords{"joint", "jnt", "jt",   "bone", "bn", "bind",
                                                       "def",   "org", "skin", "m",    "c"};

bool is_joint_word(std::string_view word) {
  return std::find(kJointWords.begin(), kJointWords.end(), word) != kJointWords.end();
}

// The number of words besides "head", which must be the last meaningful one; -1 for other names.
int words_beside_head(const std::string& name) {
  if (name == "頭") return 0;  // MikuMikuDance
  std::vector<std::string> words = words_of(name);
  while (!words.empty() && is_joint_word(words.back())) words.pop_back();
  return words.empty() || words.back() != "head" ? -1 : static_cast<int>(words.size()) - 1;
}

// The node, if it exists and has a transform in the scene; else -1.
int placed_node(const GltfScene& scene, int node) {
  const bool is_placed =
      node >= 0 && static_cast<size_t>(node) < scene.is_placed.size() && scene.is_placed[static_cast<size_t>(node)];
  return is_placed ? node : -1;
}

int placed_bone(const GltfDocument& document, const GltfScene& scene, const std::string& name) {
  const auto bone = document.vrm.bones.find(name);
  return bone == document.vrm.bones.end() ? -1 : placed_node(scene, bone->second);
}

}  // namespace

int find_head_joint(const tinygltf::Model& model, const GltfDocument& document, const GltfScene& scene) {
  if (const int bone = placed_bone(document, scene, "head"); bone >= 0) return bone;
  std::set<int> skins;
  for (const GltfInstance& instance : scene.instances) skins.insert(instance.skin);
  std::vector<bool> is_seen(scene.is_placed.size());
  int head = -1;
  int fewest = 0;
  for (const int skin : skins) {
    if (skin < 0 || static_cast<size_t>(skin) >= document.skins.size()) continue;
    for (const int joint : document.skins[static_cast<size_t>(skin)].joints) {
      if (placed_node(scene, joint) < 0 || is_seen[static_cast<size_t>(joint)]) continue;
      is_seen[static_cast<size_t>(joint)] = true;
      const int others = words_beside_head(model.nodes[static_cast<size_t>(joint)].name);
      if (others < 0 || (head >= 0 && others >= fewest)) continue;
      head = joint;
      fewest = others;
    }
  }
  return head;
}

bool faces_backwards(const GltfDocument& document, const GltfScene& scene) {
  static constexpr std::string_view kLeft = "left";
  static constexpr size_t kX = 12;  // index of x in a transform
  int balance = 0;
  for (const auto& [name, node] : document.vrm.bones) {
    if (!name.starts_with(kLeft) || placed_node(scene, node) < 0) continue;
    const int other = placed_bone(document, scene, "right" + name.substr(kLeft.size()));
    if (other < 0) continue;
    const double left = scene.transforms[static_cast<size_t>(node)][kX];
    const double right = scene.transforms[static_cast<size_t>(other)][kX];
    balance += left < right ? -1 : left > right ? 1 : 0;
  }
  return balance < 0;
}

}  // namespace bisque
