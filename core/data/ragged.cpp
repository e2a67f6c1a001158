#include <bisque/core/data/ragged.h>

#include <ATen/ops/cat.h>

#include <algorithm>
#include <cstring>

#include <bisque/core/data/ragged_sizes.h>

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

std::vector<at::Tensor> Packed::split() const { return RaggedSizes(lengths, "Packed").list_of_packed(values); }

at::Tensor Packed::padded(double padding) const {
  return RaggedSizes(lengths, "Packed").padded_of_packed(values, padding);
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
  const RaggedSizes num_verts(meshes.num_verts_per_mesh), num_faces(meshes.num_faces_per_mesh);
  check_faces("default_collate", meshes.faces_packed, num_verts, num_faces);
  offset_faces_(meshes.faces_packed, num_verts, num_faces);
  return meshes;
}

}  // namespace bisque::data
