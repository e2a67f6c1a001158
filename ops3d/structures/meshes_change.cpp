// Other meshes out of meshes: some of them, more of them, moved, elsewhere.
#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/batch.h>
#include <bisque/ops3d/structures/meshes_parts.h>

namespace bisque {

using data::RaggedSizes;

namespace {

// The faces at `indices`, with the verts that they use renumbered in their order.
std::pair<at::Tensor, at::Tensor> part_of_mesh(const at::Tensor& verts, const at::Tensor& faces,
                                               const at::Tensor& indices) {
  const at::Tensor rows = at::tensor(element_indices("Meshes::submeshes", indices, faces.size(0)), at::kLong);
  const at::Tensor chosen = faces.index_select(0, rows.to(faces.device()));
  const auto [used, renumbered] = at::_unique(chosen, /*sorted=*/true, /*return_inverse=*/true);
  return {verts.index_select(0, used), renumbered};
}

}  // namespace

Meshes Meshes::with_verts(at::Tensor verts_packed, at::Tensor normals_packed) const {
  return Meshes(topology_, std::move(verts_packed), std::move(normals_packed));
}

std::pair<at::Tensor, at::Tensor> Meshes::get_mesh_verts_faces(int64_t index) const {
  const auto mesh = static_cast<size_t>(element_index("Meshes::get_mesh_verts_faces", index, size()));
  return {verts_list()[mesh], faces_list()[mesh]};
}

Meshes Meshes::operator[](int64_t index) const { return (*this)[std::vector<int64_t>{index}]; }

Meshes Meshes::operator[](const at::Tensor& indices) const {
  return (*this)[element_indices("Meshes", indices, size())];
}

Meshes Meshes::operator[](const std::vector<int64_t>& indices) const {
  const std::vector<int64_t> chosen = element_indices("Meshes", indices, size());
  return Meshes(select_packed(verts_packed(), vert_sizes(), chosen),
                select_packed(geometry_->assigned_normals, vert_sizes(), chosen), select_sizes(vert_sizes(), chosen),
                select_packed(local_faces_packed(), face_sizes(), chosen), select_sizes(face_sizes(), chosen));
}

std::vector<Meshes> Meshes::split(const std::vector<int64_t>& sizes) const {
  std::vector<Meshes> parts;
  for (const auto& indices : split_indices("Meshes::split", sizes, size())) parts.push_back((*this)[indices]);
  return parts;
}

Meshes Meshes::extend(int64_t count) const { return (*this)[repeated_indices("Meshes::extend", size(), count)]; }

Meshes Meshes::submeshes(const std::vector<TensorList>& face_indices) const {
  if (static_cast<int64_t>(face_indices.size()) != size()) {
    fail("Meshes::submeshes: expected face_indices of ", size(), " meshes, but got ", face_indices.size(), ".");
  }
  const TensorList all_verts = verts_list(), all_faces = faces_list();
  TensorList verts, faces;
  for (size_t mesh = 0; mesh < face_indices.size(); ++mesh) {
    for (const at::Tensor& indices : face_indices[mesh]) {
      const auto [part_verts, part_faces] = part_of_mesh(all_verts[mesh], all_faces[mesh], indices);
      verts.push_back(part_verts);
      faces.push_back(part_faces);
    }
  }
  return verts.empty() ? (*this)[std::vector<int64_t>{}] : Meshes(verts, faces);
}

Meshes Meshes::clone() const {
  const at::Tensor& normals = geometry_->assigned_normals;
  const auto topology = std::make_shared<Topology>(faces_packed().clone(), vert_sizes(), face_sizes());
  return Meshes(topology, verts_packed().clone(), normals.defined() ? normals.clone() : normals);
}

Meshes Meshes::detach() const {
  const at::Tensor& normals = geometry_->assigned_normals;
  return with_verts(verts_packed().detach(), normals.defined() ? normals.detach() : normals);
}

Meshes Meshes::to(at::Device device) const {
  if (device == this->device()) return *this;
  const at::Tensor& normals = geometry_->assigned_normals;
  const auto topology = std::make_shared<Topology>(faces_packed().to(device), vert_sizes(), face_sizes());
  return Meshes(topology, verts_packed().to(device), normals.defined() ? normals.to(device) : normals);
}

Meshes Meshes::to(at::ScalarType dtype) const {
  if (dtype != at::kFloat && dtype != at::kDouble) {
    fail("Meshes::to: expected float32 or float64, but got ", dtype, ".");
  }
  const at::Tensor& normals = geometry_->assigned_normals;
  return with_verts(verts_packed().to(dtype), normals.defined() ? normals.to(dtype) : normals);
}

Meshes Meshes::offset_verts(const at::Tensor& offsets) const {
  const bool all_alike = offsets.sizes() == at::IntArrayRef{3};
  return with_verts(offset_packed("Meshes::offset_verts", verts_packed(), offsets),
                    all_alike ? geometry_->assigned_normals : at::Tensor());
}

Meshes Meshes::scale_verts(double scale) const { return with_verts(verts_packed() * scale); }

Meshes Meshes::scale_verts(const at::Tensor& scale) const {
  return with_verts(scale_packed("Meshes::scale_verts", verts_packed(), vert_sizes(), scale));
}

Meshes Meshes::update_padded(const at::Tensor& verts_padded) const {
  const at::DimVector expected{size(), vert_sizes().longest(), 3};
  if (verts_padded.sizes() != expected || verts_padded.scalar_type() != dtype() || verts_padded.device() != device()) {
    fail("Meshes::update_padded: expected verts_padded to be ", dtype(), " ", at::IntArrayRef(expected), " on ",
         device(), ", but got ", verts_padded.scalar_type(), " ", verts_padded.sizes(), " on ", verts_padded.device(),
         ".");
  }
  return with_verts(vert_sizes().packed_of_padded(verts_padded));
}

Meshes join_meshes_as_batch(const std::vector<Meshes>& meshes) {
  Meshes::TensorList verts, normals, faces;
  std::vector<const RaggedSizes*> vert_sizes, face_sizes;
  for (const Meshes& batch : meshes) {
    if (batch.dtype() != meshes[0].dtype() || batch.device() != meshes[0].device()) {
      fail("join_meshes_as_batch: expected meshes of one dtype and device, but got ", meshes[0].dtype(), " on ",
           meshes[0].device(), " and ", batch.dtype(), " on ", batch.device(), ".");
    }
    verts.push_back(batch.verts_packed());
    faces.push_back(batch.local_faces_packed());
    if (batch.has_verts_normals()) normals.push_back(batch.verts_normals_packed());
    vert_sizes.push_back(&batch.vert_sizes());
    face_sizes.push_back(&batch.face_sizes());
  }
  if (meshes.empty()) return Meshes();
  const bool all_have_normals = normals.size() == meshes.size();
  return Meshes(at::cat(verts), all_have_normals ? at::cat(normals) : at::Tensor(), join_sizes(vert_sizes),
                at::cat(faces), join_sizes(face_sizes));
}

Meshes join_meshes_as_scene(const Meshes& meshes) {
  const auto one = [](int64_t size) { return RaggedSizes(std::vector<int64_t>{size}); };
  return Meshes(meshes.verts_packed(), meshes.geometry_->assigned_normals, one(meshes.vert_sizes().total()),
                meshes.faces_packed(), one(meshes.face_sizes().total()));
}

Meshes join_meshes_as_scene(const std::vector<Meshes>& meshes) {
  return join_meshes_as_scene(join_meshes_as_batch(meshes));
}

}  // namespace bisque
