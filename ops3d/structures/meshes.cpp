#include <bisque/ops3d/structures/meshes.h>

#include <ATen/ATen.h>

#include <bisque/core/data/ragged.h>
#include <bisque/core/error.h>
#include <bisque/ops3d/structures/meshes_parts.h>

namespace bisque {

using data::RaggedSizes;

namespace {

void check_verts(const at::Tensor& verts, const at::Tensor& first) {
  if (verts.scalar_type() != at::kFloat && verts.scalar_type() != at::kDouble) {
    fail("Meshes: expected verts to be float32 or float64, but got ", verts.scalar_type(), ".");
  }
  if (verts.scalar_type() != first.scalar_type()) {
    fail("Meshes: expected verts of one dtype, but got ", first.scalar_type(), " and ", verts.scalar_type(), ".");
  }
}

void check_device(const char* name, const at::Tensor& tensor, const at::Tensor& first_verts) {
  if (tensor.device() != first_verts.device()) {
    fail("Meshes: expected verts and faces on one device, but got ", name, " on ", tensor.device(), " and verts on ",
         first_verts.device(), ".");
  }
}

void check_pair(const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& first_verts) {
  check_verts(verts, first_verts);
  if (faces.scalar_type() != at::kInt && faces.scalar_type() != at::kLong) {
    fail("Meshes: expected faces to be int32 or int64, but got ", faces.scalar_type(), ".");
  }
  check_device("verts", verts, first_verts);
  check_device("faces", faces, first_verts);
}

// [0] as [0, 3].
at::Tensor rows_of_three(const char* name, const at::Tensor& rows, size_t mesh) {
  if (!rows.defined()) fail("Meshes: expected ", name, " of mesh ", mesh, " to be a tensor, but it is undefined.");
  if (rows.dim() == 1 && rows.size(0) == 0) return rows.view({0, 3});
  if (rows.dim() != 2 || rows.size(1) != 3) {
    fail("Meshes: expected ", name, " of mesh ", mesh, " to have shape [*, 3], but got ", rows.sizes(), ".");
  }
  return rows;
}

void check_padded(const char* name, const at::Tensor& padded) {
  if (!padded.defined() || padded.dim() != 3 || padded.size(2) != 3) {
    fail("Meshes: expected ", name, " to have shape [N, *, 3], but got ",
         padded.defined() ? padded.sizes() : at::IntArrayRef(), ".");
  }
}

void check_normals(const at::Tensor& normals, const at::Tensor& verts) {
  if (normals.sizes() != verts.sizes() || normals.scalar_type() != verts.scalar_type() ||
      normals.device() != verts.device()) {
    fail("Meshes: expected verts_normals to be like their verts, ", verts.scalar_type(), " ", verts.sizes(), " on ",
         verts.device(), ", but got ", normals.scalar_type(), " ", normals.sizes(), " on ", normals.device(), ".");
  }
}

RaggedSizes sizes_of(const Meshes::TensorList& list) {
  std::vector<int64_t> sizes;
  for (const at::Tensor& tensor : list) sizes.push_back(tensor.size(0));
  return RaggedSizes(std::move(sizes));
}

// The number of faces of each mesh before the padding of -1.
RaggedSizes sizes_of_padded_faces(const at::Tensor& faces) {
  const at::Tensor used = faces.ne(-1).all(2).cpu();
  const at::Tensor after_padding = used.slice(1, 1).logical_and(used.slice(1, 0, -1).logical_not()).any(1);
  if (after_padding.any().item<bool>()) {
    fail("Meshes: expected padded faces to have their padding of -1 at the end, but those of mesh ",
         after_padding.nonzero()[0].item<int64_t>(), " have a face after it.");
  }
  return RaggedSizes(used.sum(1));
}

// Removes the rows with a -1.
void remove_padding(at::Tensor& faces, RaggedSizes& sizes) {
  const at::Tensor used = faces.ne(-1).all(1).cpu();
  std::vector<int64_t> counts;
  for (const at::Tensor& of_mesh : sizes.list_of_packed(used)) counts.push_back(of_mesh.sum().item<int64_t>());
  sizes = RaggedSizes(std::move(counts));
  faces = faces.index({used.to(faces.device())});
}

}  // namespace

Meshes::Meshes(std::shared_ptr<const Topology> topology, at::Tensor verts_packed, at::Tensor normals_packed)
    : topology_(std::move(topology)),
      geometry_(std::make_shared<Geometry>(std::move(verts_packed), std::move(normals_packed))) {}

Meshes::Meshes() : Meshes(at::empty({0, 3}, at::kFloat), {}, {}, at::empty({0, 3}, at::kLong), {}) {}

Meshes::Meshes(at::Tensor verts_packed, at::Tensor normals_packed, RaggedSizes num_verts, const at::Tensor& local_faces,
               RaggedSizes num_faces)
    : Meshes(nullptr, std::move(verts_packed), std::move(normals_packed)) {
  at::Tensor faces = num_verts.num_elements() > 1 ? local_faces.clone() : local_faces;
  data::offset_faces_(faces, num_verts, num_faces);
  topology_ = std::make_shared<Topology>(std::move(faces), std::move(num_verts), std::move(num_faces));
}

Meshes::Meshes(const TensorList& verts, const TensorList& faces, const TensorList& verts_normals) : Meshes() {
  if (verts.size() != faces.size()) {
    fail("Meshes: expected as many faces as verts, but got ", faces.size(), " and ", verts.size(), ".");
  }
  if (!verts_normals.empty() && verts_normals.size() != verts.size()) {
    fail("Meshes: expected verts_normals of ", verts.size(), " meshes, but got ", verts_normals.size(), ".");
  }
  if (verts.empty()) return;
  TensorList own_verts, own_faces, own_normals;
  for (size_t i = 0; i < verts.size(); ++i) {
    own_verts.push_back(rows_of_three("verts", verts[i], i));
    own_faces.push_back(rows_of_three("faces", faces[i], i));
    check_pair(own_verts[i], own_faces[i], own_verts[0]);
    own_faces[i] = own_faces[i].to(at::kLong);
    if (verts_normals.empty()) continue;
    own_normals.push_back(rows_of_three("verts_normals", verts_normals[i], i));
    check_normals(own_normals[i], own_verts[i]);
  }
  RaggedSizes num_verts = sizes_of(own_verts), num_faces = sizes_of(own_faces);
  at::Tensor local_faces = data::pack(own_faces).values;
  if (local_faces.numel() > 0 && local_faces.min().item<int64_t>() < 0) remove_padding(local_faces, num_faces);
  data::check_faces("Meshes", local_faces, num_verts, num_faces);
  *this = Meshes(data::pack(own_verts).values, own_normals.empty() ? at::Tensor() : data::pack(own_normals).values,
                 std::move(num_verts), local_faces, std::move(num_faces));
}

Meshes::Meshes(const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& verts_normals) {
  if (verts.defined() && faces.defined() && verts.dim() == 2 && faces.dim() == 2) {
    const TensorList normals = verts_normals.defined() ? TensorList{verts_normals} : TensorList();
    *this = Meshes(TensorList{verts}, TensorList{faces}, normals);
    return;
  }
  check_padded("verts", verts);
  check_padded("faces", faces);
  check_pair(verts, faces, verts);
  if (verts.size(0) != faces.size(0)) {
    fail("Meshes: expected as many faces as verts, but got ", faces.size(0), " and ", verts.size(0), ".");
  }
  if (verts_normals.defined()) check_normals(verts_normals, verts);
  RaggedSizes num_verts(std::vector<int64_t>(static_cast<size_t>(verts.size(0)), verts.size(1)));
  RaggedSizes num_faces = sizes_of_padded_faces(faces);
  const at::Tensor local_faces = num_faces.packed_of_padded(faces.to(at::kLong));
  data::check_faces("Meshes", local_faces, num_verts, num_faces);
  const at::Tensor normals = verts_normals.defined() ? num_verts.packed_of_padded(verts_normals) : verts_normals;
  *this = Meshes(num_verts.packed_of_padded(verts), normals, num_verts, local_faces, std::move(num_faces));
}

Meshes Meshes::of_topology(const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& verts_normals) {
  check_padded("verts", verts);
  if (!faces.defined() || faces.scalar_type() != at::kLong) fail("Meshes: expected faces of a topology to be int64.");
  check_pair(verts, rows_of_three("faces", faces, 0), verts);
  if (verts_normals.defined()) check_normals(verts_normals, verts);
  const int64_t n = verts.size(0);
  const auto sizes = [n](int64_t each) { return RaggedSizes(std::vector<int64_t>(static_cast<size_t>(n), each)); };
  at::Tensor packed = faces;
  if (n != 1) {
    const at::Tensor first = at::arange(n, faces.options()) * verts.size(1);
    packed = (faces.unsqueeze(0) + first.view({-1, 1, 1})).reshape({-1, 3});
  }
  return {std::make_shared<Topology>(std::move(packed), sizes(verts.size(1)), sizes(faces.size(0))),
          verts.reshape({-1, 3}), verts_normals.defined() ? verts_normals.reshape({-1, 3}) : verts_normals};
}

Meshes::Meshes(const data::PackedMeshes& packed) {
  const at::Tensor verts = rows_of_three("verts", packed.verts_packed, 0);
  const at::Tensor faces = rows_of_three("faces", packed.faces_packed, 0).to(at::kLong);
  check_pair(verts, packed.faces_packed, verts);
  RaggedSizes num_verts(packed.num_verts_per_mesh, "Meshes"), num_faces(packed.num_faces_per_mesh, "Meshes");
  if (num_verts.total() != verts.size(0) || num_faces.total() != faces.size(0) ||
      num_verts.num_elements() != num_faces.num_elements()) {
    fail("Meshes: expected num_verts_per_mesh and num_faces_per_mesh to add up to the ", verts.size(0), " verts and ",
         faces.size(0), " faces, but they have ", num_verts.num_elements(), " and ", num_faces.num_elements(),
         " meshes and the sums ", num_verts.total(), " and ", num_faces.total(), ".");
  }
  const at::Tensor local_faces = faces.clone();
  data::offset_faces_(local_faces, num_verts, num_faces, -1);
  data::check_faces("Meshes", local_faces, num_verts, num_faces);
  *this = Meshes(std::make_shared<Topology>(faces, std::move(num_verts), std::move(num_faces)), verts, {});
}

int64_t Meshes::size() const { return topology_->num_verts.num_elements(); }
at::Device Meshes::device() const { return topology_->faces_packed.device(); }
at::ScalarType Meshes::dtype() const { return geometry_->verts_packed.scalar_type(); }
const RaggedSizes& Meshes::vert_sizes() const { return topology_->num_verts; }
const RaggedSizes& Meshes::face_sizes() const { return topology_->num_faces; }

at::Tensor Meshes::valid() const {
  const at::Tensor result = at::empty({size()}, at::kBool);
  for (int64_t i = 0; i < size(); ++i) result.mutable_data_ptr<bool>()[i] = vert_sizes()[i] > 0 && face_sizes()[i] > 0;
  return result.to(device());
}

bool Meshes::isempty() const {
  for (int64_t i = 0; i < size(); ++i) {
    if (vert_sizes()[i] > 0 && face_sizes()[i] > 0) return false;
  }
  return true;
}

bool Meshes::equisized() const { return size() > 0 && vert_sizes().are_equal() && face_sizes().are_equal(); }

const at::Tensor& Meshes::verts_packed() const { return geometry_->verts_packed; }
const at::Tensor& Meshes::faces_packed() const { return topology_->faces_packed; }

Meshes::TensorList Meshes::verts_list() const { return vert_sizes().list_of_packed(verts_packed()); }
Meshes::TensorList Meshes::faces_list() const { return face_sizes().list_of_packed(local_faces_packed()); }

at::Tensor Meshes::verts_padded() const {
  return geometry_->verts_padded.get(verts_packed(), [&] { return vert_sizes().padded_of_packed(verts_packed(), 0); });
}

at::Tensor Meshes::faces_padded() const {
  return topology_->faces_padded.get([&] { return face_sizes().padded_of_packed(local_faces_packed(), -1); });
}

const at::Tensor& Meshes::local_faces_packed() const {
  return topology_->local_faces_packed.get([&] {
    if (size() <= 1) return faces_packed();
    at::Tensor faces = faces_packed().clone();
    data::offset_faces_(faces, vert_sizes(), face_sizes(), -1);
    return faces;
  });
}

at::Tensor Meshes::num_verts_per_mesh() const {
  return topology_->num_verts_per_mesh.get([&] { return vert_sizes().lengths(device()); });
}

at::Tensor Meshes::num_faces_per_mesh() const {
  return topology_->num_faces_per_mesh.get([&] { return face_sizes().lengths(device()); });
}

at::Tensor Meshes::verts_packed_to_mesh_idx() const {
  return topology_->verts_packed_to_mesh_idx.get([&] { return vert_sizes().packed_to_element_idx(device()); });
}

at::Tensor Meshes::faces_packed_to_mesh_idx() const {
  return topology_->faces_packed_to_mesh_idx.get([&] { return face_sizes().packed_to_element_idx(device()); });
}

at::Tensor Meshes::mesh_to_verts_packed_first_idx() const {
  return topology_->mesh_to_verts_packed_first_idx.get([&] { return vert_sizes().first_idx(device()); });
}

at::Tensor Meshes::mesh_to_faces_packed_first_idx() const {
  return topology_->mesh_to_faces_packed_first_idx.get([&] { return face_sizes().first_idx(device()); });
}

at::Tensor Meshes::verts_padded_to_packed_idx() const {
  return topology_->verts_padded_to_packed_idx.get([&] { return vert_sizes().padded_to_packed_idx(device()); });
}

}  // namespace bisque
