#include <bisque/core/data/codec.h>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/Layout.h>

#include <bisque/core/data/batch_memory.h>
#include <bisque/core/data/shared_blocks.h>

namespace bisque::data {
namespace {

enum class Kind : uint8_t { kUndefined, kWritten, kShared };

}  // namespace

void Encoder::put_bytes(const void* data, size_t size) {
  const auto* first = static_cast<const std::byte*>(data);
  bytes_.insert(bytes_.end(), first, first + size);
}

void Encoder::put_text(const std::string& text) {
  put(static_cast<uint64_t>(text.size()));
  put_bytes(text.data(), text.size());
}

void Encoder::put_tensor(const at::Tensor& tensor) {
  if (!tensor.defined()) return put(Kind::kUndefined);
  if (!tensor.device().is_cpu() || tensor.layout() != at::kStrided || tensor.is_quantized()) {
    fail("DataLoader: a worker process can send dense tensors on the CPU only, but got one that is ", tensor.layout(),
         " on ", tensor.device(), ".");
  }
  const at::NoGradGuard no_grad;
  put_values(tensor.is_conj() || tensor.is_neg() ? tensor.resolve_conj().resolve_neg() : tensor);
}

void Encoder::put_values(const at::Tensor& tensor) {
  at::Tensor values = tensor;
  auto found = blocks_ ? blocks_->find(values.const_data_ptr()) : std::nullopt;
  if (!found && !values.is_contiguous()) values = values.contiguous();
  if (!found && blocks_ && values.nbytes() >= SharedBlocks::kLeast) {
    values = blocks_->empty(tensor.sizes(), tensor.scalar_type()).copy_(values);
    found = blocks_->find(values.const_data_ptr());
  }
  put(found ? Kind::kShared : Kind::kWritten);
  put(values.scalar_type());
  put(static_cast<uint64_t>(values.dim()));
  put_bytes(values.sizes().data(), values.sizes().size() * sizeof(int64_t));
  if (!found) return put_bytes(values.const_data_ptr(), values.nbytes());
  put_bytes(values.strides().data(), values.strides().size() * sizeof(int64_t));
  put(*found);
  used_.push_back(found->block);
  blocks_->lend(found->block);
}

const std::byte* Decoder::take(size_t size) {
  if (size > left_) fail("DataLoader: a message of a worker ends too early.");
  left_ -= size;
  return std::exchange(data_, data_ + size);
}

std::string Decoder::get_text() {
  const auto size = get<uint64_t>();
  return {reinterpret_cast<const char*>(take(size)), size};
}

at::Tensor Decoder::get_tensor() {
  const Kind kind = get<Kind>();
  if (kind == Kind::kUndefined) return {};
  const auto dtype = get<at::ScalarType>();
  const auto dims = get<uint64_t>();
  at::DimVector sizes(dims), strides(dims);
  std::memcpy(sizes.data(), take(dims * sizeof(int64_t)), dims * sizeof(int64_t));
  if (kind == Kind::kWritten) {
    at::Tensor tensor = at::empty(sizes, at::TensorOptions(dtype));
    const std::byte* values = take(tensor.nbytes());
    if (tensor.nbytes() > 0) std::memcpy(tensor.mutable_data_ptr(), values, tensor.nbytes());
    return tensor;
  }
  std::memcpy(strides.data(), take(dims * sizeof(int64_t)), dims * sizeof(int64_t));
  const auto at = get<BlockReference>();
  const HeldBlock block = find_(at.block);
  if (at.offset > block.size) fail("DataLoader: a message of a worker refers to memory that does not exist.");
  return at::from_blob(
      block.data + at.offset, sizes, strides, [hold = block.hold](void*) {}, at::TensorOptions(dtype));
}

}  // namespace bisque::data
