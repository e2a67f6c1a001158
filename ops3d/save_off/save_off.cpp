// OFF files as an op, of tensors on the CPU.
#include <bisque/ops3d/io/off.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

namespace bisque {
namespace {

using OptionalTensor = std::optional<op::Tensor>;

void save_off(const std::string& path, const op::Tensor& verts, const op::Tensor& faces, const OptionalTensor& normals,
              const OptionalTensor& colors, const OptionalTensor& face_colors,
              const std::optional<int64_t>& decimal_places, bool colors_as_uint8) {
  write_off(path, op::mesh_of("save_off", {verts, faces, normals, colors, face_colors}),
            {.decimal_places = op::decimal_places_of("save_off", decimal_places), .colors_as_uint8 = colors_as_uint8});
}

const op::Register save_off_op({
    .schema = "bisque::save_off(str path, Tensor verts, Tensor faces, Tensor? normals=None, Tensor? colors=None,"
              " Tensor? face_colors=None, int? decimal_places=None, bool colors_as_uint8=False) -> ()",
    .any = BISQUE_KERNEL(save_off),
});

}  // namespace
}  // namespace bisque
