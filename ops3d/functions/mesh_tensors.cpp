#include <bisque/ops3d/functions/mesh_tensors.h>

#include <ATen/ATen.h>

#include <bisque/core/error.h>

namespace bisque {
namespace {

template <class T>
at::Tensor rows_of(const std::vector<T>& values, int64_t width, at::ScalarType dtype) {
  const auto from = at::from_blob(const_cast<T*>(values.data()), {static_cast<int64_t>(values.size()) / width, width},
                                  at::TensorOptions(c10::CppTypeToScalarType<T>::value));
  return from.to(dtype, /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor float_rows_or_none(const std::vector<float>& values, int64_t width) {
  return values.empty() ? at::Tensor() : rows_of(values, width, at::kFloat);
}

at::Tensor index_rows_or_none(const std::vector<int32_t>& values) {
  return values.empty() ? at::Tensor() : rows_of(values, 3, at::kLong);
}

template <class T>
std::vector<T> values_of(const at::Tensor& tensor, const char* name, int64_t min_width, int64_t max_width) {
  if (!tensor.defined()) return {};
  if (tensor.dim() != 2 || tensor.size(1) < min_width || tensor.size(1) > max_width) {
    fail("to_mesh_data: expected ", name, " to have ", min_width, min_width == max_width ? "" : " or 4",
         " columns, but got shape ", tensor.sizes());
  }
  const at::Tensor values = tensor.detach().to(at::kCPU, c10::CppTypeToScalarType<T>::value).contiguous();
  const T* data = values.const_data_ptr<T>();
  return {data, data + values.numel()};
}

// Checked before they become 32 bits.
std::vector<int32_t> indices_of(const at::Tensor& tensor, const char* name, int64_t lowest, int64_t end) {
  const std::vector<int64_t> values = values_of<int64_t>(tensor, name, 3, 3);
  for (const int64_t value : values) {
    if (value < lowest || value >= end) {
      fail("to_mesh_data: expected ", name, " to lie in [", lowest, ", ", end, "), but got ", value);
    }
  }
  return {values.begin(), values.end()};
}

Colors colors_of(const at::Tensor& tensor, const char* name) {
  Colors colors{values_of<float>(tensor, name, 3, 4), 3};
  if (tensor.defined()) colors.channels = static_cast<int32_t>(tensor.size(1));
  return colors;
}

}  // namespace

MeshTensors to_tensors(const MeshData& mesh) {
  return {.verts = rows_of(mesh.verts, 3, at::kFloat),
          .faces = rows_of(mesh.faces, 3, at::kLong),
          .normals = float_rows_or_none(mesh.normals, 3),
          .colors = float_rows_or_none(mesh.colors.values, mesh.colors.channels),
          .face_colors = float_rows_or_none(mesh.face_colors.values, mesh.face_colors.channels),
          .uvs = float_rows_or_none(mesh.uvs, 2),
          .uv_faces = index_rows_or_none(mesh.uv_faces),
          .normal_faces = index_rows_or_none(mesh.normal_faces)};
}

MeshData to_mesh_data(const MeshTensors& tensors) {
  MeshData mesh;
  mesh.verts = values_of<float>(tensors.verts, "verts", 3, 3);
  mesh.faces = indices_of(tensors.faces, "faces", 0, mesh.num_verts());
  mesh.normals = values_of<float>(tensors.normals, "normals", 3, 3);
  mesh.colors = colors_of(tensors.colors, "colors");
  mesh.face_colors = colors_of(tensors.face_colors, "face_colors");
  mesh.uvs = values_of<float>(tensors.uvs, "uvs", 2, 2);
  mesh.uv_faces = indices_of(tensors.uv_faces, "uv_faces", -1, static_cast<int64_t>(mesh.uvs.size() / 2));
  mesh.normal_faces =
      indices_of(tensors.normal_faces, "normal_faces", -1, static_cast<int64_t>(mesh.normals.size() / 3));
  check_mesh_arrays(mesh);
  return mesh;
}

}  // namespace bisque
