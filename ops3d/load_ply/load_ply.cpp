// PLY files as an op. One kernel serves all devices, since there is no tensor argument.
#include <atomic>
#include <bit>
#include <cstring>
#include <string_view>

#include <bisque/core/ops/parallel.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/ops3d/io/ply.h>
#include <bisque/ops3d/io/ply_header.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

namespace bisque {
namespace {

using LoadedPly = std::tuple<op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor, std::vector<std::string>>;

constexpr int64_t kVertBytes = 12;      // x, y and z as float
constexpr int64_t kTriangleBytes = 13;  // the number 3 as a byte, and three corners of 4 bytes
constexpr int64_t kRowGrain = int64_t{1} << 16;

// Whether the file has the most usual form: verts of x, y, z as float, faces of nothing but corners, in this machine's
// byte order.
bool is_plain(const PlyHeader& header) {
  constexpr PlyFormat kNative =
      std::endian::native == std::endian::big ? PlyFormat::kBigEndian : PlyFormat::kLittleEndian;
  if (header.format != kNative || header.elements.size() != 2) return false;
  const PlyElement &verts = header.elements[0], &faces = header.elements[1];
  if (verts.name != "vertex" || verts.properties.size() != 3 || faces.name != "face" || faces.properties.size() != 1) {
    return false;
  }
  constexpr std::string_view kNames[] = {"x", "y", "z"};
  for (size_t k = 0; k < 3; ++k) {
    const PlyProperty& property = verts.properties[k];
    if (property.name != kNames[k] || property.type != PlyType::kFloat32 || property.count_type) return false;
  }
  const PlyProperty& list = faces.properties[0];
  const bool is_list =
      list.count_type && size_of(*list.count_type) == 1 && is_integer(list.type) && size_of(list.type) == 4;
  return is_list && (list.name == "vertex_indices" || list.name == "vertex_index");
}

// The triangles of a plain file go straight into tensors, which takes half the time. None: the file has another form,
// or is malformed, which the parser reports.
std::optional<LoadedPly> load_triangles(std::string_view bytes, const std::string& path) {
  const PlyHeader header = parse_ply_header(bytes, path);
  if (!is_plain(header)) return std::nullopt;
  const int64_t num_verts = header.elements[0].count, num_faces = header.elements[1].count;
  const auto size = static_cast<int64_t>(bytes.size() - header.num_bytes);
  if (num_verts > INT32_MAX || num_faces > size / kTriangleBytes) return std::nullopt;
  if (size != num_verts * kVertBytes + num_faces * kTriangleBytes) return std::nullopt;

  const char* from = bytes.data() + header.num_bytes;
  op::Tensor verts = op::empty_on_cpu({num_verts, 3}, op::ScalarType::Float);
  op::Tensor faces = op::empty_on_cpu({num_faces, 3}, op::ScalarType::Long);
  auto* to = reinterpret_cast<char*>(op::mutable_data<float>(verts));
  op::parallel_for(num_verts, kRowGrain, [&](int64_t begin, int64_t end) {
    std::memcpy(to + begin * kVertBytes, from + begin * kVertBytes, static_cast<size_t>((end - begin) * kVertBytes));
  });
  from += num_verts * kVertBytes;
  auto* corners = op::mutable_data<int64_t>(faces);
  std::atomic<bool> is_bad{false};
  op::parallel_for(num_faces, kRowGrain, [&](int64_t begin, int64_t end) {
    char not_3 = 0;
    uint32_t largest = 0;  // also of negative ones
    for (int64_t f = begin; f < end; ++f) {
      const char* row = from + f * kTriangleBytes;
      uint32_t triangle[3];
      std::memcpy(triangle, row + 1, sizeof(triangle));
      not_3 |= static_cast<char>(*row ^ 3);
      for (int64_t k = 0; k < 3; ++k) {
        largest = std::max(largest, triangle[k]);
        corners[f * 3 + k] = triangle[k];
      }
    }
    if (not_3 != 0 || largest >= num_verts) is_bad = true;
  });
  if (is_bad) return std::nullopt;
  return LoadedPly{verts, faces, op::float_rows({}, 3), op::color_rows({}), op::color_rows({}), {}};
}

LoadedPly load_ply(const std::string& path) {
  const auto file = MappedFile::open(path);
  if (auto loaded = load_triangles(file->text(), path)) return *std::move(loaded);
  const MeshData mesh = parse_ply(file->text(), path);
  return {op::float_rows(mesh.verts, 3), op::index_rows(mesh.faces, 3),    op::float_rows(mesh.normals, 3),
          op::color_rows(mesh.colors),   op::color_rows(mesh.face_colors), mesh.warnings};
}

const op::Register load_ply_op({
    .schema = "bisque::load_ply(str path) -> (Tensor verts, Tensor faces, Tensor normals, Tensor colors,"
              " Tensor face_colors, str[] warnings)",
    .any = BISQUE_KERNEL(load_ply),
});

}  // namespace
}  // namespace bisque
