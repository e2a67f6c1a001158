#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

#include <algorithm>
#include <cstring>

#include <bisque/core/error.h>
#include <bisque/core/ops/parallel.h>

namespace bisque::op {
namespace {

constexpr int64_t kCopyGrain = int64_t{1} << 18;

void check_cpu(const char* op_name, const char* name, const Tensor& tensor) {
  if (!tensor.is_cpu()) fail_argument(op_name, name, "be on the CPU", "another device");
}

// Values of a float tensor that has been checked.
std::vector<float> float_values(const Tensor& given) {
  const Tensor tensor = op::contiguous(given);
  std::vector<float> values(static_cast<size_t>(tensor.numel()));
  dispatch_floating_types(tensor, [&](auto zero) {
    const auto* from = data<decltype(zero)>(tensor);
    std::transform(from, from + values.size(), values.begin(), [](auto value) { return static_cast<float>(value); });
  });
  return values;
}

std::vector<float> rows_like(const char* op_name, const char* name, const std::optional<Tensor>& rows, int64_t count,
                             const char* symbols, const Tensor& verts, int64_t width) {
  if (!rows) return {};
  check_cpu(op_name, name, *rows);
  check(op_name, name, *rows).shape({count, width}, symbols).like("verts", verts);
  return float_values(*rows);
}

Colors colors_like(const char* op_name, const char* name, const std::optional<Tensor>& colors, int64_t count,
                   const char* symbols, const Tensor& verts) {
  const bool has_alpha = colors && colors->dim() == 2 && colors->size(1) == 4;
  const int64_t channels = has_alpha ? 4 : 3;
  return {rows_like(op_name, name, colors, count, symbols, verts, channels), static_cast<int32_t>(channels)};
}

std::vector<int32_t> index_values(const char* op_name, const char* name, const Tensor& given, int64_t lowest,
                                  int64_t end) {
  const Tensor tensor = op::contiguous(given);
  const auto* from = data<int64_t>(tensor);
  std::vector<int32_t> indices(static_cast<size_t>(tensor.numel()));
  for (size_t i = 0; i < indices.size(); ++i) {
    if (from[i] < lowest || from[i] >= end) {
      fail(op_name, ": expected ", name, " to lie in [", lowest, ", ", end, "), but got ", from[i], " at [", i / 3,
           ", ", i % 3, "]");
    }
    indices[i] = static_cast<int32_t>(from[i]);
  }
  return indices;
}

Tensor empty_rows(size_t count, int64_t width, ScalarType dtype) {
  const auto size = static_cast<int64_t>(count);
  return width == 0 ? empty_on_cpu({size}, dtype) : empty_on_cpu({size / width, width}, dtype);
}

template <class T>
Tensor converted_indices(std::span<const T> values, int64_t width) {
  Tensor tensor = empty_rows(values.size(), width, ScalarType::Long);
  auto* to = mutable_data<int64_t>(tensor);
  parallel_for(static_cast<int64_t>(values.size()), kCopyGrain, [&](int64_t begin, int64_t end) {
    std::copy(values.begin() + begin, values.begin() + end, to + begin);
  });
  return tensor;
}

}  // namespace

Tensor float_rows(std::span<const float> values, int64_t width) {
  Tensor tensor = empty_rows(values.size(), width, ScalarType::Float);
  if (!values.empty()) std::memcpy(mutable_data<float>(tensor), values.data(), values.size_bytes());
  return tensor;
}

Tensor index_rows(std::span<const int32_t> values, int64_t width) { return converted_indices(values, width); }
Tensor index_rows(std::span<const int64_t> values, int64_t width) { return converted_indices(values, width); }

Tensor byte_row(std::span<const std::byte> bytes) {
  Tensor row = empty_rows(bytes.size(), 0, ScalarType::Byte);
  if (!bytes.empty()) std::memcpy(mutable_data<uint8_t>(row), bytes.data(), bytes.size());
  return row;
}

Tensor color_rows(const Colors& colors) { return float_rows(colors.values, colors.channels); }

Tensor material_rows(const std::vector<Material>& materials) {
  std::vector<float> rows;
  for (const Material& material : materials) {
    for (const auto& color : {material.ambient, material.diffuse, material.specular}) {
      rows.insert(rows.end(), color.begin(), color.end());
    }
    rows.insert(rows.end(), {material.shininess, material.opacity, static_cast<float>(material.illumination),
                             material.metallic, material.roughness});
  }
  return float_rows(rows, 14);
}

Tensor material_textures(const std::vector<Material>& materials) {
  std::vector<int32_t> textures;
  for (const Material& material : materials) textures.push_back(material.texture);
  return index_rows(textures, 0);
}

Tensor texture_rows(const std::vector<Texture>& textures) {
  std::vector<float> rows;
  for (const Texture& texture : textures) {
    rows.insert(rows.end(), {texture.scale[0], texture.scale[1], texture.offset[0], texture.offset[1],
                             static_cast<float>(texture.wrap[0]), static_cast<float>(texture.wrap[1])});
  }
  return float_rows(rows, 6);
}

std::vector<Tensor> contained_pictures(const std::vector<Texture>& textures) {
  std::vector<Tensor> pictures;
  for (const Texture& texture : textures) {
    pictures.push_back(byte_row(texture.picture ? std::span(*texture.picture) : std::span<const std::byte>()));
  }
  return pictures;
}

std::vector<std::string> texture_paths(const std::vector<Texture>& textures) {
  std::vector<std::string> paths;
  for (const Texture& texture : textures) paths.push_back(texture.path);
  return paths;
}

MeshData mesh_of(const char* op_name, const MeshArguments& arguments) {
  check_cpu(op_name, "verts", arguments.verts);
  check_cpu(op_name, "faces", arguments.faces);
  check(op_name, "verts", arguments.verts).shape({kAny, 3}, "[V, 3]").floating();
  check(op_name, "faces", arguments.faces).shape({kAny, 3}, "[F, 3]").dtype(ScalarType::Long);
  const int64_t num_verts = arguments.verts.size(0), num_faces = arguments.faces.size(0);
  if (num_verts > INT32_MAX) fail_argument(op_name, "V", "be at most 2147483647", std::to_string(num_verts));
  MeshData mesh;
  mesh.normals = rows_like(op_name, "normals", arguments.normals, num_verts, "[V, 3]", arguments.verts, 3);
  mesh.colors = colors_like(op_name, "colors", arguments.colors, num_verts, "[V, 3]", arguments.verts);
  mesh.face_colors = colors_like(op_name, "face_colors", arguments.face_colors, num_faces, "[F, 3]", arguments.verts);
  mesh.faces = index_values(op_name, "faces", arguments.faces, 0, num_verts);
  mesh.verts = float_values(arguments.verts);
  return mesh;
}

void set_indexed(const char* op_name, const char* values_name, const std::optional<Tensor>& values,
                 const char* indices_name, const std::optional<Tensor>& indices, int64_t width, const Tensor& verts,
                 std::vector<float>& to_values, std::vector<int32_t>& to_indices, const std::vector<int32_t>& faces) {
  if (!values) {
    if (indices) fail_argument(op_name, indices_name, std::string("be None without ") + values_name, "a tensor");
    return;
  }
  check_cpu(op_name, values_name, *values);
  check(op_name, values_name, *values).like("verts", verts);
  const int64_t count = indices ? kAny : verts.size(0);
  const std::string symbols = std::string("[") + (indices ? "N" : "V") + ", " + std::to_string(width) + "]";
  check(op_name, values_name, *values).shape({count, width}, symbols.c_str());
  to_values = float_values(*values);
  if (!indices) {
    to_indices = faces;
    return;
  }
  check_cpu(op_name, indices_name, *indices);
  check(op_name, indices_name, *indices)
      .shape({static_cast<int64_t>(faces.size() / 3), 3}, "[F, 3]")
      .dtype(ScalarType::Long);
  to_indices = index_values(op_name, indices_name, *indices, -1, values->size(0));
}

int decimal_places_of(const char* op_name, const std::optional<int64_t>& decimal_places) {
  if (!decimal_places) return -1;
  if (*decimal_places < 0) {
    fail_argument(op_name, "decimal_places", "be at least 0", std::to_string(*decimal_places));
  }
  return static_cast<int>(std::min<int64_t>(*decimal_places, 100));
}

}  // namespace bisque::op
