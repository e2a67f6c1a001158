// Boxes, and other clouds out of clouds: some of them, more of them, fewer points, moved, elsewhere.
#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/batch.h>
#include <bisque/ops3d/structures/pointclouds_parts.h>

namespace bisque {

using data::RaggedSizes;

namespace {

// The tensors of all batches, concatenated; undefined if none has one.
at::Tensor cat_of_all(const char* name, const Pointclouds::TensorList& tensors) {
  for (const at::Tensor& tensor : tensors) {
    if (tensor.defined() != tensors[0].defined()) {
      fail("join_pointclouds_as_batch: expected all clouds or none to have ", name, ", but only some have.");
    }
    if (!tensor.defined()) continue;
    if (tensor.size(1) != tensors[0].size(1)) {
      fail("join_pointclouds_as_batch: expected clouds with the same number of features, but got ", tensors[0].size(1),
           " and ", tensor.size(1), ".");
    }
  }
  return tensors[0].defined() ? at::cat(tensors) : at::Tensor();
}

}  // namespace

template <class Change>
Pointclouds Pointclouds::changed(RaggedSizes sizes, const Change& change) const {
  const auto of = [&](const at::Tensor& packed) { return packed.defined() ? change(packed) : packed; };
  return Pointclouds(std::move(sizes), of(points_packed()), of(normals_packed()), of(features_packed()));
}

Pointclouds Pointclouds::with_points(at::Tensor points_packed) const {
  return Pointclouds(point_sizes(), std::move(points_packed), normals_packed(), features_packed());
}

at::Tensor Pointclouds::get_bounding_boxes() const { return bounding_boxes(points_packed(), point_sizes()); }

at::Tensor Pointclouds::inside_box(const at::Tensor& box) const {
  const bool one_for_all = box.sizes() == at::IntArrayRef{2, 3};
  if (!one_for_all && box.sizes() != at::IntArrayRef{size(), 2, 3}) {
    fail("Pointclouds::inside_box: expected box to have shape [2, 3] or [", size(), ", 2, 3], but got ", box.sizes(),
         ".");
  }
  check_floating_on("Pointclouds::inside_box", "box", box, device());
  if (box.select(-2, 0).gt(box.select(-2, 1)).any().item<bool>()) {
    fail(
        "Pointclouds::inside_box: expected the first corner of box to be the least, but it is greater than the "
        "second.");
  }
  const at::Tensor of_points = one_for_all ? box.unsqueeze(0) : point_sizes().expand(box);
  return points_packed().ge(of_points.select(1, 0)).logical_and_(points_packed().le(of_points.select(1, 1))).all(1);
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> Pointclouds::get_cloud(int64_t index) const {
  const Pointclouds cloud = (*this)[element_index("Pointclouds::get_cloud", index, size())];
  return {cloud.points_packed(), cloud.normals_packed(), cloud.features_packed()};
}

Pointclouds Pointclouds::operator[](int64_t index) const { return (*this)[std::vector<int64_t>{index}]; }

Pointclouds Pointclouds::operator[](const at::Tensor& indices) const {
  return (*this)[element_indices("Pointclouds", indices, size())];
}

Pointclouds Pointclouds::operator[](const std::vector<int64_t>& indices) const {
  const std::vector<int64_t> chosen = element_indices("Pointclouds", indices, size());
  return changed(select_sizes(point_sizes(), chosen),
                 [&](const at::Tensor& packed) { return select_packed(packed, point_sizes(), chosen); });
}

std::vector<Pointclouds> Pointclouds::split(const std::vector<int64_t>& sizes) const {
  std::vector<Pointclouds> parts;
  for (const auto& indices : split_indices("Pointclouds::split", sizes, size())) parts.push_back((*this)[indices]);
  return parts;
}

Pointclouds Pointclouds::extend(int64_t count) const {
  return (*this)[repeated_indices("Pointclouds::extend", size(), count)];
}

Pointclouds Pointclouds::subsample(int64_t max_points, const at::Tensor& random) const {
  return subsample(std::vector<int64_t>(static_cast<size_t>(size()), max_points), random);
}

Pointclouds Pointclouds::subsample(const std::vector<int64_t>& max_points, const at::Tensor& random) const {
  const char* const name = "Pointclouds::subsample";
  if (static_cast<int64_t>(max_points.size()) != size()) {
    fail(name, ": expected max_points of ", size(), " clouds, but got ", max_points.size(), ".");
  }
  if (random.sizes() != at::IntArrayRef{point_sizes().total()}) {
    fail(name, ": expected random to have shape [", point_sizes().total(), "], but got ", random.sizes(), ".");
  }
  check_floating_on(name, "random", random, device());
  if (size() == 0) return *this;
  std::vector<int64_t> sizes;
  TensorList rows;
  int64_t first = 0;
  for (int64_t cloud = 0; cloud < size(); first += point_sizes()[cloud++]) {
    const int64_t most = max_points[static_cast<size_t>(cloud)], size = point_sizes()[cloud];
    if (most < 0) fail(name, ": expected max_points of 0 or more, but got ", most, ".");
    sizes.push_back(std::min(most, size));
    const at::Tensor of_cloud = random.narrow(0, first, size);
    const at::Tensor kept = size <= most ? at::arange(size, at::device(device()).dtype(at::kLong))
                                         : std::get<0>(of_cloud.argsort(/*stable=*/true, 0).narrow(0, 0, most).sort());
    rows.push_back(kept + first);
  }
  const at::Tensor all_rows = at::cat(rows);
  return changed(RaggedSizes(std::move(sizes)),
                 [&](const at::Tensor& packed) { return packed.index_select(0, all_rows); });
}

Pointclouds Pointclouds::clone() const {
  return changed(point_sizes(), [](const at::Tensor& packed) { return packed.clone(); });
}

Pointclouds Pointclouds::detach() const {
  return changed(point_sizes(), [](const at::Tensor& packed) { return packed.detach(); });
}

Pointclouds Pointclouds::to(at::Device device) const {
  if (device == this->device()) return *this;
  return changed(point_sizes(), [&](const at::Tensor& packed) { return packed.to(device); });
}

Pointclouds Pointclouds::to(at::ScalarType dtype) const {
  if (dtype != at::kFloat && dtype != at::kDouble) {
    fail("Pointclouds::to: expected float32 or float64, but got ", dtype, ".");
  }
  return changed(point_sizes(), [&](const at::Tensor& packed) { return packed.to(dtype); });
}

Pointclouds Pointclouds::offset(const at::Tensor& offsets) const {
  return with_points(offset_packed("Pointclouds::offset", points_packed(), offsets));
}

Pointclouds Pointclouds::scale(double scale) const { return with_points(points_packed() * scale); }

Pointclouds Pointclouds::scale(const at::Tensor& scale) const {
  return with_points(scale_packed("Pointclouds::scale", points_packed(), point_sizes(), scale));
}

Pointclouds Pointclouds::update_padded(const at::Tensor& points, const at::Tensor& normals,
                                       const at::Tensor& features) const {
  const at::DimVector expected{size(), point_sizes().longest(), 3};
  if (points.sizes() != expected || points.scalar_type() != dtype() || points.device() != device()) {
    fail("Pointclouds::update_padded: expected points to be ", dtype(), " ", at::IntArrayRef(expected), " on ",
         device(), ", but got ", points.scalar_type(), " ", points.sizes(), " on ", points.device(), ".");
  }
  const Pointclouds given(points, normals, features, num_points_per_cloud());
  return Pointclouds(point_sizes(), given.points_packed(),
                     normals.defined() ? given.normals_packed() : normals_packed(),
                     features.defined() ? given.features_packed() : features_packed());
}

Pointclouds join_pointclouds_as_batch(const std::vector<Pointclouds>& clouds) {
  if (clouds.empty()) return Pointclouds();
  Pointclouds::TensorList points, normals, features;
  std::vector<const RaggedSizes*> sizes;
  for (const Pointclouds& batch : clouds) {
    if (batch.dtype() != clouds[0].dtype() || batch.device() != clouds[0].device()) {
      fail("join_pointclouds_as_batch: expected clouds of one dtype and device, but got ", clouds[0].dtype(), " on ",
           clouds[0].device(), " and ", batch.dtype(), " on ", batch.device(), ".");
    }
    points.push_back(batch.points_packed());
    normals.push_back(batch.normals_packed());
    features.push_back(batch.features_packed());
    sizes.push_back(&batch.point_sizes());
  }
  const at::Tensor all_normals = cat_of_all("normals", normals), all_features = cat_of_all("features", features);
  return Pointclouds(join_sizes(sizes), at::cat(points), all_normals, all_features);
}

Pointclouds join_pointclouds_as_scene(const Pointclouds& clouds) {
  return Pointclouds(RaggedSizes(std::vector<int64_t>{clouds.point_sizes().total()}), clouds.points_packed(),
                     clouds.normals_packed(), clouds.features_packed());
}

Pointclouds join_pointclouds_as_scene(const std::vector<Pointclouds>& clouds) {
  return join_pointclouds_as_scene(join_pointclouds_as_batch(clouds));
}

}  // namespace bisque
