// PLY files as an op, of tensors on the CPU.
#include <bisque/ops3d/io/ply.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

namespace bisque {
namespace {

using OptionalTensor = std::optional<op::Tensor>;

void save_ply(const std::string& path, const op::Tensor& verts, const op::Tensor& faces, const OptionalTensor& normals,
              const OptionalTensor& colors, const OptionalTensor& face_colors, bool binary,
              const std::optional<int64_t>& decimal_places, bool colors_as_uint8) {
  write_ply(path, op::mesh_of("save_ply", {verts, faces, normals, colors, face_colors}),
            {.binary = binary,
             .decimal_places = op::decimal_places_of("save_ply", decimal_places),
             .colors_as_uint8 = colors_as_uint8});
}

const op::Register save_ply_op({
    .schema =
        "bisque::save_ply(str path, Tensor verts, Tensor faces, Tensor? normals=None, Tensor? colors=None,"
        " Tensor? face_colors=None, bool binary=True, int? decimal_places=None, bool colors_as_uint8=False) -> ()",
    .any = BISQUE_KERNEL(save_ply),
});

}  // namespace
}  // namespace bisque
