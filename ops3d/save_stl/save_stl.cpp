// STL files as an op, of tensors on the CPU.
#include <bisque/ops3d/io/stl.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

namespace bisque {
namespace {

void save_stl(const std::string& path, const op::Tensor& verts, const op::Tensor& faces, bool binary) {
  write_stl(path, op::mesh_of("save_stl", {verts, faces, {}, {}, {}}), {.binary = binary});
}

const op::Register save_stl_op({
    .schema = "bisque::save_stl(str path, Tensor verts, Tensor faces, bool binary=True) -> ()",
    .any = BISQUE_KERNEL(save_stl),
});

}  // namespace
}  // namespace bisque
