#include <algorithm>

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
  std::vector<bool> hidden(model.group_names.size(), false);
  for (const auto& name : names) {
    const auto found = std::find(model.group_names.begin(), model.group_names.end(), name);
    if (found == model.group_names.end()) {
      std::string known;
      for (const auto& group : model.group_names) known += (known.empty() ? "" : ", ") + group;
      fail("The model has no group \"", name, "\"; ", known.empty() ? "it has none." : "it has " + known + ".");
    }
    hidden[found - model.group_names.begin()] = true;
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
