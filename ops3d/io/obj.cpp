#include <bisque/ops3d/io/obj.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <istream>
#include <span>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/mtl.h>
#include <bisque/ops3d/io/obj_lines.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#define TINYOBJLOADER_IMPLEMENTATION
#include <tiny_obj_loader.h>
#pragma GCC diagnostic pop

namespace bisque {
namespace {

// Names in order of appearance, and the name of each polygon.
class Groups {
 public:
  void select(const std::string& name) {
    current_ = index_.emplace(name, static_cast<int32_t>(names_.size())).first->second;
    if (static_cast<size_t>(current_) == names_.size()) names_.push_back(name);
  }
  void select_none() { current_ = -1; }
  void add_polygon() { polygon_groups_.push_back(current_); }
  bool empty() const { return names_.empty(); }
  void move_to(PolygonMesh& mesh) {
    mesh.group_names = std::move(names_);
    mesh.polygon_groups = std::move(polygon_groups_);
  }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, int32_t> index_;
  std::vector<int32_t> polygon_groups_;
  int32_t current_ = -1;
};

class ObjBuilder {
 public:
  ObjBuilder(std::string_view text, const std::string& where) : lines_(text, where), where_(where) {}

  PolygonMesh build() {
    tinyobj::callback_t callbacks;
    callbacks.vertex_cb = [](void* self, float x, float y, float z, float) {
      of(self).add_values(of(self).mesh_.verts, {x, y, z});
      of(self).add_color();
    };
    callbacks.texcoord_cb = [](void* self, float u, float v, float) {
      of(self).add_values(of(self).mesh_.uvs, {u, v});
    };
    callbacks.normal_cb = [](void* self, float x, float y, float z) {
      of(self).add_values(of(self).mesh_.normals, {x, y, z});
    };
    callbacks.index_cb = [](void* self, tinyobj::index_t* corners, int count) {
      of(self).add_face({corners, static_cast<size_t>(count)});
    };
    callbacks.usemtl_cb = [](void* self, const char* name, int) { of(self).materials_.select(clean_name(name)); };
    callbacks.object_cb = [](void* self, const char* name) { of(self).groups_.select(clean_name(name)); };
    callbacks.group_cb = [](void* self, const char** names, int count) { of(self).select_group(names, count); };

    std::istream stream(&lines_);
    stream.exceptions(std::ios::badbit);  // lets an Error of a line pass through the stream
    tinyobj::LoadObjWithCallback(stream, callbacks, this);
    return finish();
  }

  const ObjLines& lines() const { return lines_; }
  /// The colours of the verts; after build().
  Colors& colors() { return colors_; }
  /// Whether the groups are materials.
  bool has_materials() const { return has_materials_; }

 private:
  // An index into a list that the file may still extend, checked at the end.
  struct Largest {
    int32_t index = -1;
    int64_t line = 0;
  };

  static ObjBuilder& of(void* self) { return *static_cast<ObjBuilder*>(self); }

  static std::string clean_name(std::string_view name) {
    const size_t first = name.find_first_not_of(" \t");
    if (first == std::string_view::npos) return "";
    return utf8_or_latin1(name.substr(first, name.find_last_not_of(" \t") - first + 1));
  }

  void select_group(const char** names, int count) {
    std::string name;
    for (int i = 0; i < count; ++i) name += (i > 0 ? " " : "") + clean_name(names[i]);
    if (count > 0)
      groups_.select(name);
    else
      groups_.select_none();
  }

  void add_values(std::vector<float>& list, std::initializer_list<float> values) {
    for (const float value : values) {
      if (!std::isfinite(value)) fail(where_, ": line ", lines_.line(), ": has a number beyond the range of float.");
      list.push_back(value);
    }
  }

  // From an OBJ index: positive from 1, or negative relative to the end of the list so far; 0 for none.
  int32_t resolve(int index, size_t count, Largest& largest, const char* what) {
    if (index == 0) return -1;
    if (index < 0) {
      const int64_t at = static_cast<int64_t>(count) + index;
      if (at < 0) {
        fail(where_, ": line ", lines_.line(), ": refers to ", what, " ", index, ", but only ", count, " precede it.");
      }
      return static_cast<int32_t>(at);
    }
    if (index - 1 > largest.index) largest = {index - 1, lines_.line()};
    return index - 1;
  }

  void add_face(std::span<const tinyobj::index_t> corners) {
    if (corners.size() < 3) return;  // counted by lines_
    for (const tinyobj::index_t& corner : corners) {
      mesh_.corner_verts.push_back(resolve(corner.vertex_index, mesh_.verts.size() / 3, largest_vert_, "vertex"));
      add_index(resolve(corner.texcoord_index, mesh_.uvs.size() / 2, largest_uv_, "texture coordinate"),
                mesh_.corner_uvs);
      add_index(resolve(corner.normal_index, mesh_.normals.size() / 3, largest_normal_, "normal"),
                mesh_.corner_normals);
    }
    mesh_.polygon_sizes.push_back(static_cast<int32_t>(corners.size()));
    materials_.add_polygon();
    groups_.add_polygon();
  }

  // A uv or normal of the last corner. Corners before the first that has one get their entries then.
  void add_index(int32_t index, std::vector<int32_t>& corners) const {
    if (index < 0 && corners.empty()) return;
    corners.resize(mesh_.corner_verts.size() - 1, -1);
    corners.push_back(index);
  }

  // That of the last vertex.
  void add_color() {
    const std::vector<float>& color = lines_.color();
    if (color.empty()) return;
    if (colors_.empty()) colors_.channels = static_cast<int32_t>(color.size());
    if (color.size() == static_cast<size_t>(colors_.channels)) {
      colors_.values.insert(colors_.values.end(), color.begin(), color.end());
    }
  }

  void finish_colors() {
    if (colors_.empty()) return;
    if (colors_.values.size() != mesh_.verts.size() / 3 * static_cast<size_t>(colors_.channels)) {
      mesh_.warnings.push_back(where_ + ": ignores the colours of verts, which not all of them have.");
      colors_ = {};
      return;
    }
    const bool is_255 =
        std::any_of(colors_.values.begin(), colors_.values.end(), [](float value) { return value > 1; });
    for (float& value : colors_.values) value = is_255 ? value / 255 : value;
  }

  void check_largest(const Largest& largest, size_t count, const char* what) const {
    if (largest.index >= 0 && static_cast<size_t>(largest.index) >= count) {
      fail(where_, ": line ", largest.line, ": refers to ", what, " ", int64_t{largest.index} + 1,
           ", but the file has ", count, ".");
    }
  }

  PolygonMesh finish() {
    if (mesh_.verts.empty()) fail(where_, ": has no verts, expected an OBJ file with v and f lines.");
    if (mesh_.polygon_sizes.empty()) {
      fail(where_, ": has no faces of 3 or more corners, expected an OBJ file with v and f lines.");
    }
    if (mesh_.verts.size() / 3 > INT32_MAX) fail(where_, ": has more than 2^31 - 1 verts.");
    check_largest(largest_vert_, mesh_.verts.size() / 3, "vertex");
    check_largest(largest_uv_, mesh_.uvs.size() / 2, "texture coordinate");
    check_largest(largest_normal_, mesh_.normals.size() / 3, "normal");
    mesh_.corner_uvs.resize(mesh_.uvs.empty() ? 0 : mesh_.corner_verts.size(), -1);
    mesh_.corner_normals.resize(mesh_.normals.empty() ? 0 : mesh_.corner_verts.size(), -1);
    finish_colors();
    has_materials_ = !materials_.empty();
    Groups& groups = has_materials_ ? materials_ : groups_;
    if (!groups.empty()) groups.move_to(mesh_);
    warn_of_skipped_lines();
    return std::move(mesh_);
  }

  void warn_of_skipped_lines() {
    const auto warn = [&](const std::string& what, const SkippedLines& lines) {
      mesh_.warnings.push_back(where_ + ": skips " + what + " (" + std::to_string(lines.count) +
                               ", the first is line " + std::to_string(lines.first_line) + ").");
    };
    if (lines_.small_faces().count > 0) warn("faces of fewer than 3 corners", lines_.small_faces());
    for (const SkippedLines& lines : lines_.other_lines()) {
      const std::string keyword = lines.keyword.empty() ? "other" : quoted_text(lines.keyword);
      warn(keyword + " lines, as only v, vt, vn, f and groups are read", lines);
    }
  }

  ObjLines lines_;
  const std::string& where_;
  PolygonMesh mesh_;
  Groups materials_;
  bool has_materials_ = false;
  Groups groups_;
  Largest largest_vert_;
  Largest largest_uv_;
  Largest largest_normal_;
  Colors colors_;
};

// The material files that a path's mtllib lines name; a name may contain spaces. Missing ones are warned of.
std::vector<std::string> find_material_files(const ObjLines& lines, const std::string& path,
                                             std::vector<std::string>& warnings) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::vector<std::string> files;
  const auto add_if_there = [&](const std::string& name) {
    std::error_code error;
    const bool is_there = std::filesystem::exists(folder / name, error);
    if (is_there) files.push_back((folder / name).string());
    return is_there;
  };
  const auto warn = [&](const std::string& name) {
    warnings.push_back(path + ": the material file " + quoted_text(name) + " that it names is missing.");
  };
  for (const std::string& names : lines.material_files()) {
    if (add_if_there(names)) continue;
    std::vector<std::string> missing;
    std::istringstream words(names);
    size_t count = 0;
    for (std::string word; words >> word; ++count) {
      if (!add_if_there(word)) missing.push_back(word);
    }
    if (missing.size() == count) missing = {names};
    for (const std::string& name : missing) warn(name);
  }
  return files;
}

// The materials of the groups. A material file that cannot be read is skipped with a warning, since the mesh is whole
// without it.
void add_materials(const std::vector<std::string>& files, PolygonMesh& mesh, const std::string& path) {
  std::unordered_map<std::string, Material> materials;
  for (const std::string& file : files) {
    try {
      MtlFile content = parse_mtl(MappedFile::open(file)->text(), file);
      for (Material& material : content.materials) {
        if (material.texture >= 0) {
          Texture& texture = content.textures[static_cast<size_t>(material.texture)];
          const auto found = std::find(mesh.textures.begin(), mesh.textures.end(), texture);
          material.texture = static_cast<int32_t>(found - mesh.textures.begin());
          if (found == mesh.textures.end()) mesh.textures.push_back(texture);
        }
        materials.emplace(material.name, material);
      }
      mesh.warnings.insert(mesh.warnings.end(), content.warnings.begin(), content.warnings.end());
    } catch (const Error& error) {
      mesh.warnings.push_back(std::string("ignores materials: ") + error.what());
    }
  }
  if (materials.empty()) return;
  for (const std::string& name : mesh.group_names) {
    const auto found = materials.find(name);
    if (found == materials.end()) {
      mesh.warnings.push_back(path + ": the material " + quoted_text(name) + " is in none of its material files.");
    }
    mesh.materials.push_back(found == materials.end() ? Material{.name = name} : found->second);
  }
}

PolygonMesh build_with_materials(ObjBuilder& builder, const std::string& path) {
  PolygonMesh mesh = builder.build();
  const std::vector<std::string> files = find_material_files(builder.lines(), path, mesh.warnings);
  if (builder.has_materials()) add_materials(files, mesh, path);
  return mesh;
}

MeshData triangles_of(ObjBuilder& builder, PolygonMesh polygons, const std::string& where) {
  MeshData mesh = triangulate(std::move(polygons), where);
  mesh.colors = std::move(builder.colors());
  return mesh;
}

}  // namespace

PolygonMesh read_obj_polygons(const std::string& path) {
  const auto file = MappedFile::open(path);
  ObjBuilder builder(file->text(), path);
  return build_with_materials(builder, path);
}

MeshData read_obj(const std::string& path) {
  const auto file = MappedFile::open(path);
  ObjBuilder builder(file->text(), path);
  return triangles_of(builder, build_with_materials(builder, path), path);
}

MeshData parse_obj(std::string_view text, const std::string& where) {
  ObjBuilder builder(text, where);
  return triangles_of(builder, builder.build(), where);
}

}  // namespace bisque
