#include <bisque/core/data/ragged.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>

#include <algorithm>
#include <cstring>

namespace bisque::data {
namespace {

void check_ragged(Column<at::Tensor> samples) {
  if (samples.empty()) fail("pack: expected one sample or more, but got none.");
  const at::Tensor& first = *samples[0];
  for (size_t i = 0; i < samples.size(); ++i) {
    const at::Tensor& each = *samples[i];
    if (!each.defined() || each.dim() == 0) {
      fail("pack: expected tensors of one dimension or more, but that of sample ", i, " has none.");
    }
    if (each.sizes().slice(1) != first.sizes().slice(1)) {
      fail("pack: expected tensors that differ only in their first dimension, but sample ", i, " has ", each.sizes(),
           " and sample 0 ", first.sizes(), ".");
    }
    if (each.scalar_type() != first.scalar_type() || each.device() != first.device()) {
      fail("pack: expected tensors of one dtype and device, but sample ", i, " is ", each.scalar_type(), " on ",
           each.device(), " and sample 0 ", first.scalar_type(), " on ", first.device(), ".");
    }
  }
}

at::Tensor pack_values(Column<at::Tensor> samples, int64_t rows) {
  std::vector<at::Tensor> list;
  list.reserve(samples.size());
  for (const at::Tensor* sample : samples) list.push_back(*sample);
  if (!std::all_of(list.begin(), list.end(), is_plain)) return at::cat(list);
  at::DimVector sizes(list[0].sizes());
  sizes[0] = rows;
  at::Tensor values = empty_batch(sizes, list[0].scalar_type());
  auto* to = static_cast<char*>(values.mutable_data_ptr());
  for (const at::Tensor& each : list) {
    if (each.nbytes() > 0) std::memcpy(to, each.const_data_ptr(), each.nbytes());
    to += each.nbytes();
  }
  return values;
}

/// Adds the number of preceding vertices to the faces of each mesh.
template <class Index>
void offset_faces(const PackedMeshes& meshes) {
  auto* face = meshes.faces_packed.mutable_data_ptr<Index>();
  const int64_t corners = meshes.faces_packed.numel() / std::max<int64_t>(1, meshes.faces_packed.size(0));
  const auto* verts = meshes.num_verts_per_mesh.const_data_ptr<int64_t>();
  const auto* faces = meshes.num_faces_per_mesh.const_data_ptr<int64_t>();
  Index offset = 0;
  for (int64_t mesh = 0; mesh < meshes.num_verts_per_mesh.size(0); ++mesh) {
    for (int64_t i = 0; i < faces[mesh] * corners; ++i) *face++ += offset;
    offset += static_cast<Index>(verts[mesh]);
  }
}

}  // namespace

Packed pack(Column<at::Tensor> samples) {
  check_ragged(samples);
  at::Tensor lengths = empty_batch({static_cast<int64_t>(samples.size())}, at::kLong);
  int64_t rows = 0, *length = lengths.mutable_data_ptr<int64_t>();
  for (const at::Tensor* sample : samples) rows += * length++ = sample->size(0);
  return {pack_values(samples, rows), std::move(lengths)};
}

Packed pack(const std::vector<at::Tensor>& samples) {
  std::vector<const at::Tensor*> column;
  column.reserve(samples.size());
  for (const at::Tensor& sample : samples) column.push_back(&sample);
  return pack(column);
}

std::vector<at::Tensor> Packed::split() const {
  const at::Tensor counts = lengths.cpu();
  return values.split_with_sizes({counts.const_data_ptr<int64_t>(), static_cast<size_t>(counts.numel())});
}

at::Tensor Packed::padded(double padding) const {
  const std::vector<at::Tensor> parts = split();
  int64_t longest = 0;
  for (const at::Tensor& part : parts) longest = std::max(longest, part.size(0));
  at::DimVector sizes{static_cast<int64_t>(parts.size()), longest};
  sizes.append(values.sizes().begin() + 1, values.sizes().end());
  at::Tensor result = at::full(sizes, padding, values.options());
  for (size_t i = 0; i < parts.size(); ++i) {
    result.select(0, static_cast<int64_t>(i)).narrow(0, 0, parts[i].size(0)).copy_(parts[i]);
  }
  return result;
}

Packed Collate<Ragged>::of(Column<Ragged> samples) {
  return pack(internal::column_of(samples, [](const Ragged& sample) -> const at::Tensor& { return sample.values; }));
}

PackedMeshes Collate<MeshSample>::of(Column<MeshSample> samples) {
  const auto part = [&](at::Tensor MeshSample::*member) {
    return pack(
        internal::column_of(samples, [=](const MeshSample& mesh) -> const at::Tensor& { return mesh.*member; }));
  };
  Packed verts = part(&MeshSample::verts), faces = part(&MeshSample::faces);
  PackedMeshes meshes{std::move(verts.values), std::move(faces.values), std::move(verts.lengths),
                      std::move(faces.lengths)};
  const at::ScalarType dtype = meshes.faces_packed.scalar_type();
  if ((dtype != at::kLong && dtype != at::kInt) || !meshes.faces_packed.device().is_cpu()) {
    fail("default_collate: expected faces that are int32 or int64 on the CPU, but got ", dtype, " on ",
         meshes.faces_packed.device(), ".");
  }
  dtype == at::kLong ? offset_faces<int64_t>(meshes) : offset_faces<int32_t>(meshes);
  return meshes;
}

}  // namespace bisque::data
