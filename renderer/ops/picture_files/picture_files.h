// Internal. Pictures as tensors, for ops. For the stable ABI.
#pragma once
#include <bisque/core/ops/glue.h>
#include <bisque/renderer/pictures/picture.h>

namespace bisque::op {

/// The picture of pixels [H, W, 3] or [H, W, 4] uint8 on the CPU. Error, with the name of the op: any other tensor.
inline Picture picture_of(const char* op_name, const Tensor& given) {
  const bool has_channels = given.dim() == 3 && (given.size(2) == 3 || given.size(2) == 4);
  if (!has_channels || given.scalar_type() != ScalarType::Byte || !given.is_cpu()) {
    fail_argument(op_name, "pixels", "be uint8 [H, W, 3] or [H, W, 4] on the CPU", "another tensor");
  }
  const Tensor pixels = op::contiguous(given);
  const auto* from = data<uint8_t>(pixels);
  return {pixels.size(1), pixels.size(0), static_cast<int>(pixels.size(2)), {from, from + pixels.numel()}};
}

}  // namespace bisque::op
