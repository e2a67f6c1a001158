#include <bisque/ops3d/io/mesh_data.h>

#include <string_view>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

void check_indices(const std::vector<int32_t>& indices, int64_t first, int64_t end, const char* what) {
  for (const int32_t index : indices) {
    if (index < first || index >= end)
      fail("The mesh's ", what, " hold index ", index, ", expected ", first, " to ", end - 1, ".");
  }
}

// An array that is empty, or has `width` values per vertex or face.
void check_length(size_t length, size_t width, int64_t expected, const char* what, const char* item) {
  if (length != 0 && length != width * static_cast<size_t>(expected)) {
    fail("The mesh has ", length / width, " ", what, ", expected ", expected, ", one per ", item, ".");
  }
}

void check_colors(const Colors& colors, int64_t expected, const char* what, const char* item) {
  if (colors.channels != 3 && colors.channels != 4) {
    fail("The mesh's ", what, " have ", colors.channels, " channels, expected 3 or 4.");
  }
  check_length(colors.values.size(), static_cast<size_t>(colors.channels), expected, what, item);
}

}  // namespace

std::string picture_extension(std::span<const std::byte> bytes) {
  const std::string_view text = text_of(bytes);
  if (text.starts_with("\x89PNG")) return ".png";
  if (text.starts_with("\xFF\xD8")) return ".jpg";
  return text.starts_with("RIFF") && text.substr(4).find("WEBP") == 4 ? ".webp" : "";
}

void check_mesh_arrays(const MeshData& mesh) {
  check_indices(mesh.faces, 0, mesh.num_verts(), "faces");
  check_indices(mesh.uv_faces, -1, static_cast<int64_t>(mesh.uvs.size() / 2), "uv_faces");
  check_indices(mesh.face_groups, -1, static_cast<int64_t>(mesh.group_names.size()), "face_groups");
  check_length(mesh.uv_faces.size(), 3, mesh.num_faces(), "uv_faces", "face");
  check_length(mesh.face_groups.size(), 1, mesh.num_faces(), "face_groups", "face");
  check_indices(mesh.normal_faces, -1, static_cast<int64_t>(mesh.normals.size() / 3), "normal_faces");
  check_length(mesh.normal_faces.size(), 3, mesh.num_faces(), "normal_faces", "face");
  if (mesh.normal_faces.empty()) check_length(mesh.normals.size(), 3, mesh.num_verts(), "normals", "vertex");
  check_length(mesh.materials.size(), 1, static_cast<int64_t>(mesh.group_names.size()), "materials", "group");
  for (const Material& material : mesh.materials) {
    check_indices({material.texture}, -1, static_cast<int64_t>(mesh.textures.size()), "materials");
  }
  check_length(mesh.head_weights.size(), 1, mesh.num_verts(), "head weights", "vertex");
  check_colors(mesh.colors, mesh.num_verts(), "colors", "vertex");
  check_colors(mesh.face_colors, mesh.num_faces(), "face colors", "face");
}

}  // namespace bisque
