#include <bisque/ops3d/io/mesh_file.h>

#include <algorithm>
#include <any>

#include <bisque/core/error.h>
#include <bisque/core/serialization/formats.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/near_names.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/gltf.h>
#include <bisque/ops3d/io/gltf_writer.h>
#include <bisque/ops3d/io/obj.h>
#include <bisque/ops3d/io/off.h>
#include <bisque/ops3d/io/ply.h>
#include <bisque/ops3d/io/stl.h>

namespace bisque {
namespace {

constexpr size_t kSniffedBytes = 4096;

// The first word that is no comment of a text.
std::string_view first_word(std::string_view text) {
  text = text.substr(0, kSniffedBytes);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (!text.starts_with('#')) return text.substr(0, text.find_first_of(" \t\r\n"));
    text.remove_prefix(std::min(text.find_first_of("\r\n"), text.size()));
  }
}

bool begins_as_ply(std::string_view bytes) { return bytes.starts_with("ply\n") || bytes.starts_with("ply\r"); }

bool begins_as_glb(std::string_view bytes) { return bytes.starts_with("glTF"); }

bool begins_as_gltf(std::string_view bytes) { return begins_as_glb(bytes) || first_word(bytes).starts_with('{'); }

bool begins_as_off(std::string_view bytes) {
  const std::string_view word = first_word(bytes);
  const size_t at = word.find("OFF");
  return at != std::string_view::npos && word.substr(0, at).find_first_not_of("CNST4n") == std::string_view::npos;
}

bool begins_as_obj(std::string_view bytes) {
  constexpr std::string_view kWords[] = {"v", "vt", "vn", "f", "g", "o", "s", "mtllib", "usemtl"};
  return std::find(std::begin(kWords), std::end(kWords), first_word(bytes)) != std::end(kWords);
}

std::vector<std::pair<std::string, MeshFormat>> built_in_mesh_formats() {
  const MeshFormat gltf{
      .load = [](const std::string& path) { return read_gltf(path).mesh; }, .save = nullptr, .begins = begins_as_gltf};
  return {
      {".glb",
       {.load = gltf.load,
        .save = [](const std::string& path, const MeshData& mesh, const SaveMeshOptions&) { write_glb(path, mesh); },
        .begins = gltf.begins}},
      {".gltf", gltf},
      {".obj",
       {.load = [](const std::string& path) { return read_obj(path); },
        .save =
            [](const std::string& path, const MeshData& mesh, const SaveMeshOptions& options) {
              write_obj(path, mesh, {.decimal_places = options.decimal_places});
            },
        .begins = begins_as_obj}},
      {".off",
       {.load = [](const std::string& path) { return read_off(path); },
        .save =
            [](const std::string& path, const MeshData& mesh, const SaveMeshOptions& options) {
              write_off(path, mesh,
                        {.decimal_places = options.decimal_places, .colors_as_uint8 = options.colors_as_uint8});
            },
        .begins = begins_as_off}},
      {".ply",
       {.load = [](const std::string& path) { return read_ply(path); },
        .save =
            [](const std::string& path, const MeshData& mesh, const SaveMeshOptions& options) {
              write_ply(path, mesh,
                        {.binary = options.binary,
                         .decimal_places = options.decimal_places,
                         .colors_as_uint8 = options.colors_as_uint8});
            },
        .begins = begins_as_ply}},
      {".stl",
       {.load = [](const std::string& path) { return read_stl(path); },
        .save = [](const std::string& path, const MeshData& mesh,
                   const SaveMeshOptions& options) { write_stl(path, mesh, {.binary = options.binary}); },
        .begins = is_stl}},
      {".vrm", gltf},
  };
}

const bool mesh_formats_added = add_formats(kMeshFormat, built_in_mesh_formats());

MeshFormat find_format(const std::string& extension) {
  const std::any format = formats().find(kMeshFormat, extension);
  return format.has_value() ? std::any_cast<const MeshFormat&>(format) : MeshFormat{};
}

// The extension of the first format that the content may be of; empty if there is none.
std::string extension_by_content(std::string_view bytes) {
  for (const std::string& extension : mesh_extensions()) {
    const MeshFormat format = find_format(extension);
    if (format.begins && format.begins(bytes)) return extension;
  }
  return "";
}

}  // namespace

std::vector<std::string> mesh_extensions() { return formats().extensions(kMeshFormat); }

bool is_mesh_path(const std::string& path) { return find_format(lower_extension(path)).load != nullptr; }

MeshData load_mesh(const std::string& path) {
  const std::string extension = lower_extension(path);
  const MeshFormat format = find_format(extension);
  if (format.load && !format.begins) return format.load(path);
  std::string other;  // what the content is, if that is not what the extension says
  {
    const auto file = MappedFile::open(path);
    if (!format.load || !format.begins(file->text())) other = extension_by_content(file->text());
  }
  if (format.load) {
    if (!other.empty()) fail(path, ": is named ", extension, " but begins like a ", other, " file.");
    return format.load(path);
  }
  if (other.empty()) {
    fail(path, ": is not a mesh by its extension or its content, expected one of ", comma_list(mesh_extensions()),
         nearest_note(lower_extension(path), mesh_extensions()), ".");
  }
  return find_format(other).load(path);
}

void save_mesh(const std::string& path, const MeshData& mesh, const SaveMeshOptions& options) {
  const MeshFormat format = find_format(lower_extension(path));
  if (format.save) return format.save(path, mesh, options);
  std::vector<std::string> written;
  for (const std::string& extension : mesh_extensions()) {
    if (find_format(extension).save) written.push_back(extension);
  }
  fail(path, ": has an extension of no mesh that can be written, expected one of ", comma_list(written),
       nearest_note(lower_extension(path), written), ".");
}

}  // namespace bisque
