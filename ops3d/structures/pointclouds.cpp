#include <bisque/ops3d/structures/pointclouds.h>

#include <ATen/ATen.h>

#include <bisque/core/data/ragged.h>
#include <bisque/core/error.h>
#include <bisque/ops3d/structures/pointclouds_parts.h>

namespace bisque {

using data::RaggedSizes;

namespace {

using CloudList = Pointclouds::TensorList;

constexpr int64_t kAnyColumns = -1;

// What the points, normals or features of a cloud must have in common with the points of the first.
void check_like(const char* name, const at::Tensor& tensor, const at::Tensor& points) {
  if (tensor.scalar_type() != at::kFloat && tensor.scalar_type() != at::kDouble) {
    fail("Pointclouds: expected ", name, " to be float32 or float64, but got ", tensor.scalar_type(), ".");
  }
  if (tensor.scalar_type() != points.scalar_type()) {
    fail("Pointclouds: expected all points, normals and features to have one dtype, but got ", points.scalar_type(),
         " points and ", tensor.scalar_type(), " ", name, ".");
  }
  if (tensor.device() != points.device()) {
    fail("Pointclouds: expected all points, normals and features on one device, but got points on ", points.device(),
         " and ", name, " on ", tensor.device(), ".");
  }
}

// [0] as [0, columns].
CloudList rows_of_clouds(const char* name, const CloudList& list, int64_t columns) {
  CloudList rows;
  if (columns == kAnyColumns) {
    columns = 0;
    for (const at::Tensor& each : list) {
      if (each.defined() && each.dim() == 2) columns = each.size(1);
    }
  }
  for (size_t i = 0; i < list.size(); ++i) {
    at::Tensor each = list[i];
    if (!each.defined()) fail("Pointclouds: expected ", name, " of cloud ", i, " to be a tensor, but it is undefined.");
    if (each.dim() == 1 && each.size(0) == 0) each = each.view({0, 1}).expand({0, columns});
    if (each.dim() != 2 || each.size(1) != columns) {
      fail("Pointclouds: expected ", name, " of cloud ", i, " to have shape [P, ", columns, "], but got ", each.sizes(),
           ".");
    }
    rows.push_back(each);
  }
  return rows;
}

at::Tensor pack_like(const char* name, const CloudList& list, int64_t columns, const CloudList& points) {
  if (list.empty()) return {};
  if (list.size() != points.size()) {
    fail("Pointclouds: expected ", name, " of ", points.size(), " clouds, but got ", list.size(), ".");
  }
  const CloudList rows = rows_of_clouds(name, list, columns);
  for (size_t i = 0; i < rows.size(); ++i) {
    check_like(name, rows[i], points[0]);
    if (rows[i].size(0) != points[i].size(0)) {
      fail("Pointclouds: expected ", name, " of the ", points[i].size(0), " points of cloud ", i, ", but got ",
           rows[i].size(0), ".");
    }
  }
  return data::pack(rows).values;
}

at::Tensor packed_of_padded(const char* name, const at::Tensor& padded, const at::Tensor& points,
                            const RaggedSizes& sizes) {
  if (!padded.defined()) return padded;
  const bool three = std::string_view(name) != "features";
  if (padded.dim() != 3 || (three && padded.size(2) != 3) || padded.sizes().slice(0, 2) != points.sizes().slice(0, 2)) {
    fail("Pointclouds: expected ", name, " to have shape [", points.size(0), ", ", points.size(1), ", ",
         three ? "3" : "C", "], but got ", padded.sizes(), ".");
  }
  check_like(name, padded, points);
  return sizes.packed_of_padded(padded);
}

RaggedSizes sizes_of_padded(const at::Tensor& points, const at::Tensor& lengths) {
  if (!lengths.defined()) {
    return RaggedSizes(std::vector<int64_t>(static_cast<size_t>(points.size(0)), points.size(1)));
  }
  RaggedSizes sizes(lengths, "Pointclouds");
  if (sizes.num_elements() != points.size(0) || sizes.longest() > points.size(1)) {
    fail("Pointclouds: expected lengths to be ", points.size(0), " numbers in [0, ", points.size(1), "], but got ",
         sizes.num_elements(), " up to ", sizes.longest(), ".");
  }
  return sizes;
}

}  // namespace

Pointclouds::Pointclouds(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

Pointclouds::Pointclouds(RaggedSizes sizes, at::Tensor points, at::Tensor normals, at::Tensor features)
    : Pointclouds(
          std::make_shared<Data>(std::move(sizes), std::move(points), std::move(normals), std::move(features))) {}

Pointclouds::Pointclouds() : Pointclouds(RaggedSizes(), at::empty({0, 3}, at::kFloat), {}, {}) {}

Pointclouds::Pointclouds(const TensorList& points, const TensorList& normals, const TensorList& features)
    : Pointclouds() {
  const TensorList rows = rows_of_clouds("points", points, 3);
  const at::Tensor normals_packed = pack_like("normals", normals, 3, rows);
  const at::Tensor features_packed = pack_like("features", features, kAnyColumns, rows);
  if (rows.empty()) return;
  std::vector<int64_t> sizes;
  for (const at::Tensor& cloud : rows) sizes.push_back(cloud.size(0));
  *this =
      Pointclouds(RaggedSizes(std::move(sizes)), pack_like("points", rows, 3, rows), normals_packed, features_packed);
}

Pointclouds::Pointclouds(const at::Tensor& points, const at::Tensor& normals, const at::Tensor& features,
                         const at::Tensor& lengths) {
  if (points.defined() && points.dim() == 2 && !lengths.defined()) {
    const auto one = [](const at::Tensor& rows) { return rows.defined() ? TensorList{rows} : TensorList(); };
    *this = Pointclouds(one(points), one(normals), one(features));
    return;
  }
  if (!points.defined() || points.dim() != 3 || points.size(2) != 3) {
    fail("Pointclouds: expected points to have shape [N, P, 3], but got ",
         points.defined() ? points.sizes() : at::IntArrayRef(), ".");
  }
  const RaggedSizes sizes = sizes_of_padded(points, lengths);
  *this = Pointclouds(sizes, packed_of_padded("points", points, points, sizes),
                      packed_of_padded("normals", normals, points, sizes),
                      packed_of_padded("features", features, points, sizes));
}

int64_t Pointclouds::size() const { return data_->sizes.num_elements(); }
bool Pointclouds::isempty() const { return data_->sizes.total() == 0; }
at::Tensor Pointclouds::valid() const { return num_points_per_cloud().gt(0); }
bool Pointclouds::equisized() const { return size() > 0 && data_->sizes.are_equal(); }
at::Device Pointclouds::device() const { return data_->points_packed.device(); }
at::ScalarType Pointclouds::dtype() const { return data_->points_packed.scalar_type(); }
const RaggedSizes& Pointclouds::point_sizes() const { return data_->sizes; }
bool Pointclouds::has_normals() const { return data_->normals_packed.defined(); }
bool Pointclouds::has_features() const { return data_->features_packed.defined(); }

Pointclouds::TensorList Pointclouds::points_list() const { return data_->list(data_->points_packed); }
Pointclouds::TensorList Pointclouds::normals_list() const { return data_->list(data_->normals_packed); }
Pointclouds::TensorList Pointclouds::features_list() const { return data_->list(data_->features_packed); }
const at::Tensor& Pointclouds::points_packed() const { return data_->points_packed; }
const at::Tensor& Pointclouds::normals_packed() const { return data_->normals_packed; }
const at::Tensor& Pointclouds::features_packed() const { return data_->features_packed; }
at::Tensor Pointclouds::points_padded() const { return data_->padded(data_->points_padded, points_packed()); }
at::Tensor Pointclouds::normals_padded() const { return data_->padded(data_->normals_padded, normals_packed()); }
at::Tensor Pointclouds::features_padded() const { return data_->padded(data_->features_padded, features_packed()); }

at::Tensor Pointclouds::num_points_per_cloud() const {
  return data_->num_points_per_cloud.get([&] { return data_->sizes.lengths(device()); });
}

at::Tensor Pointclouds::packed_to_cloud_idx() const {
  return data_->packed_to_cloud_idx.get([&] { return data_->sizes.packed_to_element_idx(device()); });
}

at::Tensor Pointclouds::cloud_to_packed_first_idx() const {
  return data_->cloud_to_packed_first_idx.get([&] { return data_->sizes.first_idx(device()); });
}

at::Tensor Pointclouds::padded_to_packed_idx() const {
  return data_->padded_to_packed_idx.get([&] { return data_->sizes.padded_to_packed_idx(device()); });
}

}  // namespace bisque
