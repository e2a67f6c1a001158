// STL files as an op. One kernel serves all devices, since there is no tensor argument.
#include <bisque/ops3d/io/stl.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

namespace bisque {
namespace {

std::tuple<op::Tensor, op::Tensor, std::vector<std::string>> load_stl(const std::string& path, bool merge_verts) {
  const MeshData mesh = read_stl(path, {.merge_verts = merge_verts});
  return {op::float_rows(mesh.verts, 3), op::index_rows(mesh.faces, 3), mesh.warnings};
}

const op::Register load_stl_op({
    .schema = "bisque::load_stl(str path, bool merge_verts=True) -> (Tensor verts, Tensor faces, str[] warnings)",
    .any = BISQUE_KERNEL(load_stl),
});

}  // namespace
}  // namespace bisque
