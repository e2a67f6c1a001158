#include <bisque/ops3d/io/obj.h>

#include <cmath>
#include <filesystem>
#include <istream>
#include <span>
#include <unordered_map>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/obj_lines.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#define TINYOBJLOADER_IMPLEMENTATION
#include <tiny_obj_loader.h>
#pragma GCC diagnostic pop

namespace bisque {
namespace {

// Names in order of appearance, and the one that each face got.
class Groups {
 public:
  void select(const std::string& name) {
    current_ = index_.emplace(name, static_cast<int32_t>(names_.size())).first->second;
    if (static_cast<size_t>(current_) == names_.size()) names_.push_back(name);
  }
  void select_none() { current_ = -1; }
  void add_faces(size_t count) { face_groups_.insert(face_groups_.end(), count, current_); }
  bool empty() const { return names_.empty(); }
  void move_to(MeshData& mesh) {
    mesh.group_names = std::move(names_);
    mesh.face_groups = std::move(face_groups_);
  }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, int32_t> index_;
  std::vector<int32_t> face_groups_;
  int32_t current_ = -1;
};

class ObjBuilder {
 public:
  ObjBuilder(std::string_view text, const std::string& where) : lines_(text, where), where_(where) {}

  MeshData build() {
    tinyobj::callback_t callbacks;
    callbacks.vertex_cb = [](void* self, float x, float y, float z, float) {
      of(self).add_values(of(self).mesh_.verts, {x, y, z});
    };
    callbacks.texcoord_cb = [](void* self, float u, float v, float) {
      of(self).add_values(of(self).mesh_.uvs, {u, v});
    };
    callbacks.index_cb = [](void* self, tinyobj::index_t* corners, int count) {
      of(self).add_face({corners, static_cast<size_t>(count)});
    };
    callbacks.usemtl_cb = [](void* self, const char* name, int) { of(self).materials_.select(clean_name(name)); };
    callbacks.object_cb = [](void* self, const char* name) { of(self).groups_.select(clean_name(name)); };
    callbacks.group_cb = [](void* self, const char** names, int count) { of(self).select_group(names, count); };

    std::istream stream(&lines_);
    stream.exceptions(std::ios::badbit);  // so that an Error of a line passes through the stream
    tinyobj::LoadObjWithCallback(stream, callbacks, this);
    return finish();
  }

  const ObjLines& lines() const { return lines_; }

 private:
  // An index into a list that the file may still add to, checked at its end.
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

  // From an OBJ index: from 1 up, or from -1 down relative to the end of the list so far; 0 for none.
  int32_t resolve(int index, size_t count, Largest& largest, const char* what) {
    if (index == 0) return -1;
    if (index < 0) {
      const int64_t at = static_cast<int64_t>(count) + index;
      if (at < 0) {
        fail(where_, ": line ", lines_.line(), ": refers to ", what, " ", index, ", but only ", count,
             " stand before it.");
      }
      return static_cast<int32_t>(at);
    }
    if (index - 1 > largest.index) largest = {index - 1, lines_.line()};
    return index - 1;
  }

  void add_face(std::span<const tinyobj::index_t> corners) {
    corner_verts_.clear();
    corner_uvs_.clear();
    for (const tinyobj::index_t& corner : corners) {
      corner_verts_.push_back(resolve(corner.vertex_index, mesh_.verts.size() / 3, largest_vert_, "vertex"));
      corner_uvs_.push_back(resolve(corner.texcoord_index, mesh_.uvs.size() / 2, largest_uv_, "texture coordinate"));
    }
    for (size_t i = 2; i < corners.size(); ++i) {
      mesh_.faces.insert(mesh_.faces.end(), {corner_verts_[0], corner_verts_[i - 1], corner_verts_[i]});
      mesh_.uv_faces.insert(mesh_.uv_faces.end(), {corner_uvs_[0], corner_uvs_[i - 1], corner_uvs_[i]});
    }
    mesh_.polygon_sizes.push_back(static_cast<int32_t>(corners.size()));
    materials_.add_faces(corners.size() - 2);
    groups_.add_faces(corners.size() - 2);
  }

  void check_largest(const Largest& largest, size_t count, const char* what) const {
    if (largest.index >= 0 && static_cast<size_t>(largest.index) >= count) {
      fail(where_, ": line ", largest.line, ": refers to ", what, " ", int64_t{largest.index} + 1,
           ", but the file has ", count, ".");
    }
  }

  MeshData finish() {
    if (mesh_.verts.empty()) fail(where_, ": has no verts, expected an OBJ file with v and f lines.");
    if (mesh_.faces.empty()) fail(where_, ": has no faces, expected an OBJ file with v and f lines.");
    if (mesh_.num_verts() > INT32_MAX) fail(where_, ": has more than 2^31 - 1 verts.");
    check_largest(largest_vert_, mesh_.verts.size() / 3, "vertex");
    check_largest(largest_uv_, mesh_.uvs.size() / 2, "texture coordinate");
    if (mesh_.uvs.empty()) mesh_.uv_faces.clear();
    if (mesh_.polygon_sizes.size() == mesh_.faces.size() / 3) mesh_.polygon_sizes.clear();
    Groups& groups = materials_.empty() ? groups_ : materials_;
    if (!groups.empty()) groups.move_to(mesh_);
    if (!lines_.other_keyword().empty()) {
      mesh_.warnings.push_back(where_ + ": line " + std::to_string(lines_.other_line()) + ": \"" +
                               lines_.other_keyword() + "\" is left aside, as only v, vt, f and groups are read.");
    }
    return std::move(mesh_);
  }

  ObjLines lines_;
  const std::string& where_;
  MeshData mesh_;
  Groups materials_;
  Groups groups_;
  Largest largest_vert_;
  Largest largest_uv_;
  std::vector<int32_t> corner_verts_;  // of the face at hand
  std::vector<int32_t> corner_uvs_;
};

}  // namespace

MeshData read_obj(const std::string& path) {
  const auto file = MappedFile::open(path);
  ObjBuilder builder(file->text(), path);
  MeshData mesh = builder.build();
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  for (const std::string& name : builder.lines().material_files()) {
    std::error_code error;
    if (!std::filesystem::exists(folder / name, error)) {
      mesh.warnings.push_back(path + ": the material file \"" + name + "\" that it names is missing.");
    }
  }
  return mesh;
}

MeshData parse_obj(std::string_view text, const std::string& where) { return ObjBuilder(text, where).build(); }

}  // namespace bisque
