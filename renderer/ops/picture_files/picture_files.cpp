// Picture files as ops.
#include <bisque/renderer/ops/picture_files/picture_files.h>

#include <cstring>
#include <string>

#include <bisque/renderer/pictures/picture_file.h>

namespace bisque {
namespace {

using op::Tensor;

Tensor pixels_of(const Picture& picture) {
  Tensor pixels = op::empty_on_cpu({picture.height, picture.width, picture.channels}, op::ScalarType::Byte);
  std::memcpy(op::mutable_data<uint8_t>(pixels), picture.pixels.data(), picture.pixels.size());
  return pixels;
}

Tensor load_picture(const std::string& path) { return pixels_of(read_picture(path)); }

Tensor decode_picture_bytes(const Tensor& given, const std::string& name) {
  if (given.dim() != 1 || given.scalar_type() != op::ScalarType::Byte || !given.is_cpu()) {
    op::fail_argument("decode_picture", "bytes", "be uint8 [N] on the CPU", "another tensor");
  }
  const Tensor bytes = op::contiguous(given);
  const auto* from = reinterpret_cast<const std::byte*>(op::data<uint8_t>(bytes));
  return pixels_of(decode_picture({from, static_cast<size_t>(bytes.numel())}, name));
}

void save_picture(const std::string& path, const Tensor& pixels) {
  write_picture(path, op::picture_of("save_picture", pixels));
}

const op::Register load_picture_op({
    .schema = "bisque::load_picture(str path) -> Tensor pixels",
    .any = BISQUE_KERNEL(load_picture),
});
const op::Register decode_picture_op({
    .schema = "bisque::decode_picture(Tensor bytes, str name) -> Tensor pixels",
    .any = BISQUE_KERNEL(decode_picture_bytes),
});
const op::Register save_picture_op({
    .schema = "bisque::save_picture(str path, Tensor pixels) -> ()",
    .any = BISQUE_KERNEL(save_picture),
});

}  // namespace
}  // namespace bisque
