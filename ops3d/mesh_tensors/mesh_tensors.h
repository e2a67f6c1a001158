// Internal. Meshes of the parsers as tensors, for the ops that load and save files. For the stable ABI.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/ops/glue.h>
#include <bisque/ops3d/io/mesh_data.h>

namespace bisque::op {

/// [N, width] float32, or [N] if width is 0; [0, width] for an empty array.
Tensor float_rows(std::span<const float> values, int64_t width);
/// [N, width] int64, or [N] if width is 0.
Tensor index_rows(std::span<const int32_t> values, int64_t width);
Tensor index_rows(std::span<const int64_t> values, int64_t width);
/// [bytes] uint8.
Tensor byte_row(std::span<const std::byte> bytes);
/// [N, channels] float32; [0, 3] if there are none.
Tensor color_rows(const Colors& colors);

/// [materials, 14] float32, as load_obj describes them.
Tensor material_rows(const std::vector<Material>& materials);
/// [materials] int64, indices into the textures; -1 for none.
Tensor material_textures(const std::vector<Material>& materials);
/// [textures, 6] float32, as load_obj describes them.
Tensor texture_rows(const std::vector<Texture>& textures);
/// The encoded pictures that the file contains; empty for a picture in a file of its own.
std::vector<Tensor> contained_pictures(const std::vector<Texture>& textures);
/// Paths of picture files; empty for a picture that the mesh file contains.
std::vector<std::string> texture_paths(const std::vector<Texture>& textures);

/// Frees an array as soon as it is a tensor, so that a mesh is never twice in memory.
template <class T>
std::vector<T> taken(std::vector<T>& values) {
  return std::exchange(values, {});
}

/// The tensor arguments of an op that saves a mesh; the last three are optional.
struct MeshArguments {
  const Tensor& verts;
  const Tensor& faces;
  const std::optional<Tensor>& normals;
  const std::optional<Tensor>& colors;
  const std::optional<Tensor>& face_colors;
};

/// The mesh of these arguments. Error, with the name of the op: a shape, dtype or device other than documented; a face
/// that refers to no vertex.
MeshData mesh_of(const char* op_name, const MeshArguments& arguments);

/// Sets the values and indices of an attribute of corners, [N, width] and [F, 3] with -1 for none. Without indices, the
/// values are those of the verts, and `faces` their indices. Error: as mesh_of.
void set_indexed(const char* op_name, const char* values_name, const std::optional<Tensor>& values,
                 const char* indices_name, const std::optional<Tensor>& indices, int64_t width, const Tensor& verts,
                 std::vector<float>& to_values, std::vector<int32_t>& to_indices, const std::vector<int32_t>& faces);

/// `decimal_places` of an op as an option of a writer. Error: a negative number.
int decimal_places_of(const char* op_name, const std::optional<int64_t>& decimal_places);

}  // namespace bisque::op
