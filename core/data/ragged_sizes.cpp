#include <bisque/core/data/ragged_sizes.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/repeat_interleave.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include <bisque/core/error.h>

namespace bisque::data {
namespace {

std::vector<int64_t> sizes_of(const at::Tensor& lengths, const char* name) {
  if (lengths.dim() != 1 || !at::isIntegralType(lengths.scalar_type(), /*includeBool=*/false)) {
    fail(name, ": expected lengths to be integers [N], but got ", lengths.scalar_type(), " ", lengths.sizes(), ".");
  }
  const at::Tensor on_host = lengths.to(at::kCPU, at::kLong).contiguous();
  const auto* data = on_host.const_data_ptr<int64_t>();
  std::vector<int64_t> sizes(data, data + on_host.numel());
  for (const int64_t size : sizes) {
    if (size < 0) fail(name, ": expected lengths of 0 or more, but got ", size, ".");
  }
  return sizes;
}

at::Tensor index_tensor(const std::vector<int64_t>& values, at::Device device) {
  const at::Tensor result = at::empty({static_cast<int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), result.mutable_data_ptr<int64_t>());
  return result.to(device);
}

at::DimVector sizes_with(std::initializer_list<int64_t> first, at::IntArrayRef rest) {
  at::DimVector sizes(first);
  sizes.append(rest.begin(), rest.end());
  return sizes;
}

constexpr int64_t kNone = -1;

int64_t first_bad_mesh_on_cpu(const at::Tensor& faces, const RaggedSizes& num_verts, const RaggedSizes& num_faces) {
  int64_t mesh = 0;
  for (const at::Tensor& own : num_faces.list_of_packed(faces)) {
    if (own.numel() > 0) {
      const auto [least, greatest] = own.aminmax();
      if (least.item<int64_t>() < 0 || greatest.item<int64_t>() >= num_verts[mesh]) return mesh;
    }
    ++mesh;
  }
  return kNone;
}

// Waits for the device once if all is well.
int64_t first_bad_mesh(const at::Tensor& faces, const RaggedSizes& num_verts, const RaggedSizes& num_faces) {
  const at::Tensor bounds = num_faces.expand(num_verts.lengths(faces.device())).unsqueeze(1);
  const at::Tensor bad = faces.lt(0).logical_or_(faces.ge(bounds));
  if (!bad.any().item<bool>()) return kNone;
  const int64_t face = bad.nonzero()[0][0].item<int64_t>();
  return num_faces.packed_to_element_idx(at::kCPU)[face].item<int64_t>();
}

}  // namespace

RaggedSizes::RaggedSizes(std::vector<int64_t> sizes) : sizes_(std::move(sizes)) {
  for (const int64_t size : sizes_) {
    total_ += size;
    longest_ = std::max(longest_, size);
  }
}

RaggedSizes::RaggedSizes(const at::Tensor& lengths, const char* name) : RaggedSizes(sizes_of(lengths, name)) {}

at::Tensor RaggedSizes::lengths(at::Device device) const { return index_tensor(sizes_, device); }

at::Tensor RaggedSizes::first_idx(at::Device device) const {
  std::vector<int64_t> first(sizes_.size());
  std::exclusive_scan(sizes_.begin(), sizes_.end(), first.begin(), int64_t{0});
  return index_tensor(first, device);
}

at::Tensor RaggedSizes::packed_to_element_idx(at::Device device) const {
  return expand(at::arange(num_elements(), at::device(device).dtype(at::kLong)));
}

at::Tensor RaggedSizes::padded_to_packed_idx(at::Device device) const {
  const at::Tensor row = at::arange(total_, at::device(device).dtype(at::kLong));
  if (are_equal()) return row;
  std::vector<int64_t> gaps(sizes_.size());  // the padding before each element
  int64_t gap = 0;
  for (size_t i = 0; i < sizes_.size(); ++i) {
    gaps[i] = gap;
    gap += longest_ - sizes_[i];
  }
  return row + expand(index_tensor(gaps, device));
}

at::Tensor RaggedSizes::expand(const at::Tensor& values) const {
  return at::repeat_interleave(values, lengths(values.device()), /*dim=*/0, /*output_size=*/total_);
}

std::vector<at::Tensor> RaggedSizes::list_of_packed(const at::Tensor& packed) const {
  if (sizes_.empty()) return {};
  return packed.split_with_sizes(sizes_);
}

at::Tensor RaggedSizes::padded_of_packed(const at::Tensor& packed, double padding) const {
  const at::IntArrayRef row = packed.sizes().slice(1);
  const at::DimVector sizes = sizes_with({num_elements(), longest_}, row);
  if (are_equal()) return packed.reshape(sizes);
  return at::full(sizes_with({num_elements() * longest_}, row), padding, packed.options())
      .index_copy(0, padded_to_packed_idx(packed.device()), packed)
      .view(sizes);
}

at::Tensor RaggedSizes::packed_of_padded(const at::Tensor& padded) const {
  const at::Tensor rows = padded.narrow(1, 0, longest_);
  const at::Tensor flat = rows.reshape(sizes_with({num_elements() * longest_}, padded.sizes().slice(2)));
  return are_equal() ? flat : flat.index_select(0, padded_to_packed_idx(padded.device()));
}

void offset_faces_(at::Tensor faces, const RaggedSizes& num_verts, const RaggedSizes& num_faces, int64_t sign) {
  if (num_verts.num_elements() <= 1) return;
  if (!faces.is_cpu()) {
    const at::Tensor offsets = num_faces.expand(num_verts.first_idx(faces.device()).to(faces.scalar_type()));
    faces.add_(offsets.unsqueeze(1), sign);
    return;
  }
  int64_t offset = 0, mesh = 0;
  for (const at::Tensor& of_mesh : num_faces.list_of_packed(faces)) {
    if (of_mesh.numel() > 0) of_mesh.add_(sign * offset);
    offset += num_verts[mesh++];
  }
}

void check_faces(const char* name, const at::Tensor& faces, const RaggedSizes& num_verts,
                 const RaggedSizes& num_faces) {
  const int64_t mesh =
      faces.is_cpu() ? first_bad_mesh_on_cpu(faces, num_verts, num_faces) : first_bad_mesh(faces, num_verts, num_faces);
  if (mesh == kNone) return;
  const at::Tensor own = num_faces.list_of_packed(faces)[static_cast<size_t>(mesh)].to(at::kCPU, at::kLong);
  const int64_t face = own.lt(0).logical_or_(own.ge(num_verts[mesh])).nonzero()[0][0].item<int64_t>();
  const at::Tensor corners = own[face].contiguous();
  fail(name, ": expected faces of mesh ", mesh, " to be indices of its ", num_verts[mesh], " verts, but one is ",
       at::IntArrayRef(corners.const_data_ptr<int64_t>(), static_cast<size_t>(corners.numel())), ".");
}

}  // namespace bisque::data
