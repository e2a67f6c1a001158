#include <algorithm>
#include <span>
#include <string_view>
#include <unordered_map>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/models/groups.h>

namespace bisque {
namespace {

/// The three entries of each kept face.
Array<int32_t> kept_faces(const Array<int32_t>& faces, const std::vector<int64_t>& kept) {
  std::vector<int32_t> values;
  if (faces.empty()) return values;
  values.reserve(3 * kept.size());
  for (int64_t face : kept) values.insert(values.end(), faces.data() + 3 * face, faces.data() + 3 * face + 3);
  return values;
}

// The first names, for a message.
std::string group_list(const std::vector<std::string>& names) {
  constexpr size_t kMaxNames = 20;
  const auto shown = std::span(names).first(std::min(names.size(), kMaxNames));
  return comma_list(shown) + (names.size() > kMaxNames ? ", ..." : "");
}

}  // namespace

std::vector<std::string> transparent_groups(const BlendshapeData& model) {
  std::vector<std::string> names;
  for (const auto& name : model.group_names) {
    const std::string lower = lower_case(name);
    for (const char* part : {"occlusion", "lacrimal", "tearline", "eyeblend", "eyelash"}) {
      if (lower.find(part) != std::string::npos) {
        names.push_back(name);
        break;
      }
    }
  }
  return names;
}

BlendshapeData without_groups(const BlendshapeData& model, const std::vector<std::string>& names) {
  std::unordered_map<std::string_view, size_t> index;
  for (size_t group = 0; group < model.group_names.size(); ++group) index.emplace(model.group_names[group], group);
  std::vector<bool> hidden(model.group_names.size(), false);
  for (const auto& name : names) {
    const auto found = index.find(name);
    if (found == index.end()) {
      fail("The model has no group ", quoted_text(name), "; it has ",
           index.empty() ? "none" : group_list(model.group_names), ".");
    }
    hidden[found->second] = true;
  }
  if (names.empty()) return model;
  std::vector<int64_t> kept;
  std::vector<int32_t> groups;
  for (int64_t face = 0; face < model.num_faces(); ++face) {
    const int32_t group = model.face_groups[face];
    if (group >= 0 && hidden[group]) continue;
    kept.push_back(face);
    groups.push_back(group);
  }
  BlendshapeData rest = model;
  rest.faces = kept_faces(model.faces, kept);
  rest.uv_faces = kept_faces(model.uv_faces, kept);
  rest.face_groups = groups;
  return rest;
}

}  // namespace bisque
