#include <bisque/ops3d/structures/volumes.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/batch.h>
#include <bisque/ops3d/structures/conversions.h>

namespace bisque {
namespace {

void check_volume(const char* name, const at::Tensor& tensor, int64_t dims, const char* shape,
                  const at::Tensor& densities) {
  if (!tensor.defined() || tensor.dim() != dims) {
    fail("Volumes: expected ", name, " to have shape ", shape, ", but got ",
         tensor.defined() ? tensor.sizes() : at::IntArrayRef(), ".");
  }
  if (tensor.scalar_type() != at::kFloat && tensor.scalar_type() != at::kDouble) {
    fail("Volumes: expected ", name, " to be float32 or float64, but got ", tensor.scalar_type(), ".");
  }
  if (tensor.scalar_type() != densities.scalar_type() || tensor.device() != densities.device()) {
    fail("Volumes: expected all densities and features to have one dtype and device, but got ", densities.scalar_type(),
         " on ", densities.device(), " and ", tensor.scalar_type(), " on ", tensor.device(), ".");
  }
}

void check_list(const char* name, const Volumes::TensorList& list, const Volumes::TensorList& densities) {
  if (list.size() != densities.size()) {
    fail("Volumes: expected ", name, " of ", densities.size(), " volumes, but got ", list.size(), ".");
  }
  for (size_t i = 0; i < list.size(); ++i) {
    check_volume(name, list[i], 4, "[channels, D, H, W]", densities[0]);
    if (list[i].size(0) != list[0].size(0)) {
      fail("Volumes: expected ", name, " with the same number of channels, but got ", list[0].size(0), " and ",
           list[i].size(0), ".");
    }
    if (list[i].sizes().slice(1) != densities[i].sizes().slice(1)) {
      fail("Volumes: expected ", name, " of volume ", i, " to have the size ", densities[i].sizes().slice(1),
           " of its densities, but got ", list[i].sizes().slice(1), ".");
    }
  }
}

void check_padded_features(const at::Tensor& features, const at::Tensor& densities) {
  check_volume("features", features, 5, "[N, channels, D, H, W]", densities);
  if (features.size(0) != densities.size(0) || features.sizes().slice(2) != densities.sizes().slice(2)) {
    fail("Volumes: expected features to have the N, D, H and W of densities ", densities.sizes(), ", but got ",
         features.sizes(), ".");
  }
}

// A number or vector for each volume, [N, 3].
at::Tensor per_volume(const char* name, const at::Tensor& given, double otherwise, const at::Tensor& densities) {
  const int64_t N = densities.size(0);
  if (!given.defined()) return at::full({N, 3}, otherwise, densities.options());
  check_floating_on("Volumes", name, given, densities.device());
  const bool one = given.numel() == 1 && given.dim() <= 2;
  const bool vector = given.dim() == 1 && given.size(0) == 3;
  const bool vectors = given.dim() == 2 && (given.size(0) == N || given.size(0) == 1) && given.size(1) == 3;
  const bool numbers = given.dim() == 2 && given.size(0) == N && given.size(1) == 1;
  const bool is_translation = std::string_view(name) == "volume_translation";
  if (!vector && !vectors && (is_translation || (!one && !numbers))) {
    fail("Volumes: expected ", name, " to have shape ", is_translation ? "" : "[], [1], [N, 1], ",
         "[3], [1, 3] or [N, 3] where N = ", N, ", but got ", given.sizes(), ".");
  }
  return (one ? given.reshape({1, 1}) : given).to(densities.scalar_type()).expand({N, 3});
}

}  // namespace

Volumes::Volumes(const TensorList& densities, const TensorList& features, const VolumesOptions& options) {
  if (densities.empty()) fail("Volumes: expected densities of one volume or more, but got none.");
  check_list("densities", densities, densities);
  if (!features.empty()) check_list("features", features, densities);
  densities_ = list_to_padded(densities);
  if (!features.empty()) features_ = list_to_padded(features);
  for (const at::Tensor& each : densities) grid_sizes_.push_back({each.size(1), each.size(2), each.size(3)});
  set_place(options);
}

Volumes::Volumes(const at::Tensor& densities, const at::Tensor& features, const VolumesOptions& options)
    : densities_(densities), features_(features) {
  if (densities.defined() && densities.dim() == 4) {
    *this = Volumes(TensorList{densities}, features.defined() ? TensorList{features} : TensorList(), options);
    return;
  }
  check_volume("densities", densities, 5, "[N, channels, D, H, W]", densities);
  if (features.defined()) check_padded_features(features, densities);
  grid_sizes_.assign(static_cast<size_t>(size()), {densities.size(2), densities.size(3), densities.size(4)});
  set_place(options);
}

void Volumes::set_place(const VolumesOptions& options) {
  voxel_size_ = per_volume("voxel_size", options.voxel_size, 1, densities_);
  volume_translation_ = per_volume("volume_translation", options.volume_translation, 0, densities_);
  align_corners_ = options.align_corners;
}

Volumes::TensorList Volumes::list_of(const at::Tensor& padded) const {
  if (!padded.defined()) return {};
  std::vector<std::vector<int64_t>> sizes;
  for (const auto& [depth, height, width] : grid_sizes_) sizes.push_back({padded.size(1), depth, height, width});
  return padded_to_list(padded, sizes);
}

Volumes::TensorList Volumes::densities_list() const { return list_of(densities_); }
Volumes::TensorList Volumes::features_list() const { return list_of(features_); }

at::Tensor Volumes::get_grid_sizes() const {
  const at::Tensor sizes = at::empty({size(), 3}, at::kLong);
  auto* to = sizes.mutable_data_ptr<int64_t>();
  for (const GridSize& of_volume : grid_sizes_) to = std::copy(of_volume.begin(), of_volume.end(), to);
  return sizes.to(device());
}

at::Tensor Volumes::half_extents() const {
  const at::Tensor sizes = get_grid_sizes().flip(1).to(dtype());
  return (align_corners_ ? (sizes - 1).clamp_min(1) : sizes) * 0.5 * voxel_size_;
}

at::Tensor Volumes::get_coord_grid(bool world_coordinates) const {
  const at::Tensor sizes = get_grid_sizes();
  TensorList axes;  // z, y, x: [N, size]
  for (int64_t axis = 0; axis < 3; ++axis) {
    const at::Tensor own = sizes.select(1, axis).unsqueeze(1).to(dtype());
    const at::Tensor voxels = at::arange(densities_.size(2 + axis), densities_.options().requires_grad(false));
    axes.push_back(align_corners_ ? (2 * voxels - (own - 1)) / (own - 1).clamp_min(1) : (2 * voxels + 1 - own) / own);
  }
  const at::DimVector grid{size(), densities_.size(2), densities_.size(3), densities_.size(4)};
  const at::Tensor local =
      at::stack({axes[2].unsqueeze(1).unsqueeze(1).expand(grid), axes[1].unsqueeze(1).unsqueeze(3).expand(grid),
                 axes[0].unsqueeze(2).unsqueeze(3).expand(grid)},
                4);
  return world_coordinates ? local_to_world_coords(local) : local;
}

at::Tensor Volumes::for_points(const char* name, const at::Tensor& per_volume, const at::Tensor& points) const {
  if (points.dim() < 2 || points.size(0) != size() || points.size(-1) != 3 || points.scalar_type() != dtype() ||
      points.device() != device()) {
    fail("Volumes::", name, ": expected points to be ", dtype(), " [", size(), ", ..., 3] on ", device(), ", but got ",
         points.scalar_type(), " ", points.sizes(), " on ", points.device(), ".");
  }
  at::DimVector shape(static_cast<size_t>(points.dim()), 1);
  shape.front() = size();
  shape.back() = 3;
  return per_volume.reshape(shape);
}

at::Tensor Volumes::local_to_world_coords(const at::Tensor& points) const {
  const char* const name = "local_to_world_coords";
  return points * for_points(name, half_extents(), points) - for_points(name, volume_translation_, points);
}

at::Tensor Volumes::world_to_local_coords(const at::Tensor& points) const {
  const char* const name = "world_to_local_coords";
  return (points + for_points(name, volume_translation_, points)) / for_points(name, half_extents(), points);
}

at::Tensor Volumes::get_local_to_world_coords_matrix() const {
  const at::Tensor last = at::tensor({0.0, 0.0, 0.0, 1.0}, densities_.options().requires_grad(false));
  return at::cat({at::constant_pad_nd(half_extents().diag_embed(), {0, 1}),
                  at::cat({-volume_translation_, last.narrow(0, 3, 1).expand({size(), 1})}, 1).unsqueeze(1)},
                 1);
}

Volumes Volumes::operator[](int64_t index) const { return (*this)[std::vector<int64_t>{index}]; }

Volumes Volumes::operator[](const at::Tensor& indices) const {
  return (*this)[element_indices("Volumes", indices, size())];
}

Volumes Volumes::operator[](const std::vector<int64_t>& indices) const {
  const std::vector<int64_t> chosen = element_indices("Volumes", indices, size());
  const at::Tensor rows = at::tensor(chosen, at::kLong).to(device());
  Volumes volumes = changed([&](const at::Tensor& tensor) { return tensor.index_select(0, rows); });
  volumes.grid_sizes_.clear();
  for (const int64_t index : chosen) volumes.grid_sizes_.push_back(grid_sizes_[static_cast<size_t>(index)]);
  return volumes;
}

Volumes Volumes::update_padded(const at::Tensor& densities, const at::Tensor& features) const {
  check_volume("densities", densities, 5, "[N, channels, D, H, W]", densities_);
  if (densities.size(0) != size() || densities.sizes().slice(2) != densities_.sizes().slice(2)) {
    fail("Volumes::update_padded: expected densities to have the N, D, H and W of ", densities_.sizes(), ", but got ",
         densities.sizes(), ".");
  }
  if (features.defined()) check_padded_features(features, densities);
  Volumes volumes = *this;
  volumes.densities_ = densities;
  volumes.features_ = features;
  return volumes;
}

template <class Change>
Volumes Volumes::changed(const Change& change) const {
  Volumes volumes = *this;
  for (at::Tensor* tensor :
       {&volumes.densities_, &volumes.features_, &volumes.voxel_size_, &volumes.volume_translation_}) {
    if (tensor->defined()) *tensor = change(*tensor);
  }
  return volumes;
}

Volumes Volumes::clone() const {
  return changed([](const at::Tensor& tensor) { return tensor.clone(); });
}

Volumes Volumes::detach() const {
  return changed([](const at::Tensor& tensor) { return tensor.detach(); });
}

Volumes Volumes::to(at::Device device) const {
  return changed([&](const at::Tensor& tensor) { return tensor.to(device); });
}

Volumes Volumes::to(at::ScalarType dtype) const {
  if (dtype != at::kFloat && dtype != at::kDouble) {
    fail("Volumes::to: expected float32 or float64, but got ", dtype, ".");
  }
  return changed([&](const at::Tensor& tensor) { return tensor.to(dtype); });
}

}  // namespace bisque
