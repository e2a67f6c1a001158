#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/mtl.h>
#include <bisque/ops3d/io/number_text.h>
#include <bisque/ops3d/io/obj.h>
#include <bisque/ops3d/io/row_file.h>

namespace bisque {
namespace {

class ObjWriter {
 public:
  ObjWriter(const std::string& path, const MeshData& mesh, const WriteObjOptions& options)
      : file_(path), mesh_(mesh), options_(options) {}

  // `material_file` is empty if the mesh has no materials.
  AtomicFile& write(const std::string& material_file) {
    text_ = "# bisque\n";
    if (!material_file.empty()) text_ += "mtllib " + material_file + "\n";
    for (size_t v = 0; v < static_cast<size_t>(mesh_.num_verts()); ++v) {
      add_floats("v", &mesh_.verts[v * 3], 3);
      if (!mesh_.colors.empty()) {
        add_values(&mesh_.colors.values[v * static_cast<size_t>(mesh_.colors.channels)], 3);  // OBJ has no alpha
      }
      end_line();
    }
    add_rows("vt", mesh_.uvs, 2);
    add_rows("vn", mesh_.normals, 3);
    for (size_t f = 0; f < static_cast<size_t>(mesh_.num_faces()); ++f) add_face(f);
    return file_.end_rows();
  }

 private:
  void add_values(const float* values, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      text_ += ' ';
      append_number(text_, values[i], options_.decimal_places);
    }
  }

  void add_floats(const char* keyword, const float* values, size_t count) {
    text_ += keyword;
    add_values(values, count);
  }

  void add_rows(const char* keyword, const std::vector<float>& values, size_t width) {
    for (size_t i = 0; i < values.size(); i += width) {
      add_floats(keyword, &values[i], width);
      end_line();
    }
  }

  void add_face(size_t face) {
    if (!mesh_.face_groups.empty() && (face == 0 || mesh_.face_groups[face] != mesh_.face_groups[face - 1])) {
      add_group(mesh_.face_groups[face]);
    }
    text_ += 'f';
    for (size_t k = 0; k < 3; ++k) add_corner(face * 3 + k);
    end_line();
  }

  // Names of materials, or of groups if the mesh has no materials.
  void add_group(int32_t group) {
    const char* keyword = mesh_.materials.empty() ? "g" : "usemtl";
    text_ += std::string(keyword) + (group < 0 ? "" : " " + mesh_.group_names[static_cast<size_t>(group)]) + "\n";
  }

  // v, v/vt, v//vn or v/vt/vn.
  void add_corner(size_t corner) {
    text_ += ' ';
    append_number(text_, mesh_.faces[corner] + 1);
    const int32_t uv = mesh_.uv_faces.empty() ? -1 : mesh_.uv_faces[corner];
    const int32_t normal = normal_of(corner);
    if (uv < 0 && normal < 0) return;
    text_ += '/';
    if (uv >= 0) append_number(text_, uv + 1);
    if (normal < 0) return;
    text_ += '/';
    append_number(text_, normal + 1);
  }

  int32_t normal_of(size_t corner) const {
    if (mesh_.normals.empty()) return -1;
    return mesh_.normal_faces.empty() ? mesh_.faces[corner] : mesh_.normal_faces[corner];
  }

  void end_line() {
    text_ += '\n';
    file_.end_row();
  }

  RowFile file_;
  std::string& text_ = file_.bytes();
  const MeshData& mesh_;
  const WriteObjOptions& options_;
};

// A line break in a name would begin another statement.
void check_name(const std::string& name, const std::string& path) {
  if (name.find_first_of("\r\n") != std::string::npos) fail(path, ": a name of the mesh has a line break.");
}

// The pictures that the mesh contains, as files beside the OBJ file: NAME_0.png, ...
class PictureFiles {
 public:
  PictureFiles(const std::string& path, std::vector<Texture>& textures) : path_(path) {
    for (Texture& texture : textures) {
      if (texture.picture) texture.path = name_of(*texture.picture);
    }
  }

  void finish() {
    for (const auto& file : files_) file->finish();
  }

  void commit() {
    for (const auto& file : files_) file->commit();
  }

 private:
  std::string name_of(const std::vector<std::byte>& picture) {
    std::string& name = names_[&picture];
    if (!name.empty()) return name;
    name = path_.stem().string() + "_" + std::to_string(files_.size()) + picture_extension(picture);
    files_.push_back(std::make_unique<AtomicFile>(std::filesystem::path(path_).replace_filename(name).string()));
    files_.back()->write(picture);
    return name;
  }

  std::filesystem::path path_;
  std::map<const void*, std::string> names_;
  std::vector<std::unique_ptr<AtomicFile>> files_;
};

}  // namespace

void write_obj(const std::string& path, const MeshData& mesh, const WriteObjOptions& options) {
  check_mesh_arrays(mesh);
  for (const std::string& name : mesh.group_names) check_name(name, path);
  for (const Texture& texture : mesh.textures) check_name(texture.path, path);
  ObjWriter writer(path, mesh, options);
  if (mesh.materials.empty()) {
    writer.write("").commit();
    return;
  }
  std::vector<Texture> textures = mesh.textures;
  PictureFiles pictures(path, textures);
  const std::filesystem::path material_path = std::filesystem::path(path).replace_extension(".mtl");
  AtomicFile materials(material_path.string());
  materials.write(mtl_text(mesh.materials, textures));
  AtomicFile& file = writer.write(material_path.filename().string());
  file.finish();
  materials.finish();
  pictures.finish();
  pictures.commit();
  materials.commit();
  file.commit();
}

}  // namespace bisque
