#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cctype>
#include <set>

#include <bisque/core/serialization/text.h>
#include <bisque/renderer/models/eyeballs.h>
#include <bisque/renderer/takes/shape_names.h>

namespace bisque {
namespace {

bool names_side(const std::string& name, Side side) {
  const std::string lower = lower_case(name);
  if (lower.find(side == Side::kLeft ? "left" : "right") != std::string::npos) return true;
  // An L or R without adjacent letters: eyeball_L, L.iris
  const char letter = side == Side::kLeft ? 'l' : 'r';
  for (size_t i = 0; i < lower.size(); ++i) {
    const bool starts = i == 0 || !std::isalpha(static_cast<unsigned char>(lower[i - 1]));
    const bool ends = i + 1 == lower.size() || !std::isalpha(static_cast<unsigned char>(lower[i + 1]));
    if (lower[i] == letter && starts && ends) return true;
  }
  return false;
}

bool names_eyeball(const std::string& name) {
  const std::string lower = lower_case(name);
  for (const char* part : {"sclera", "iris", "pupil", "cornea", "eyeball"}) {
    if (lower.find(part) != std::string::npos) return true;
  }
  return false;
}

// Closed-form least squares: |p|^2 = 2 c.p + k is linear in the center c, and k vanishes if the p have mean zero.
std::array<float, 3> fit_sphere(const BlendshapeData& model, const std::vector<int64_t>& verts) {
  const auto point = [&](int64_t vert) -> Eigen::Vector3d {
    return Eigen::Map<const Eigen::Vector3f>(model.neutral.data() + 3 * vert).cast<double>();
  };
  Eigen::Vector3d mean = Eigen::Vector3d::Zero();
  for (int64_t vert : verts) mean += point(vert);
  mean /= static_cast<double>(verts.size());
  Eigen::Matrix3d a = Eigen::Matrix3d::Zero();
  Eigen::Vector3d b = Eigen::Vector3d::Zero();
  for (int64_t vert : verts) {
    const Eigen::Vector3d p = point(vert) - mean;
    a += 2 * p * p.transpose();
    b += p.squaredNorm() * p;
  }
  // For points in a plane, where many spheres fit, the center is in that plane.
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> axes(a);
  Eigen::Vector3d center = mean;
  for (int axis = 0; axis < 3; ++axis) {
    const Eigen::Vector3d direction = axes.eigenvectors().col(axis);
    const double spread = axes.eigenvalues()[axis];
    if (spread > 1e-10 * axes.eigenvalues()[2]) center += direction.dot(b) / spread * direction;
  }
  return {static_cast<float>(center.x()), static_cast<float>(center.y()), static_cast<float>(center.z())};
}

/// Radians that an eye turns at coefficient 1 of an eyeLook shape; Live Link Face takes contain both, in this ratio.
constexpr float kGazeRadians = 0.61f;

}  // namespace

std::optional<Eyeball> find_eyeball(const BlendshapeData& model, Side side) {
  std::vector<bool> wanted;
  for (const auto& name : model.group_names) wanted.push_back(names_eyeball(name) && names_side(name, side));
  std::set<int64_t> verts;
  for (size_t face = 0; face < model.face_groups.size(); ++face) {
    const int32_t group = model.face_groups[face];
    if (group < 0 || !wanted[group]) continue;
    for (int corner = 0; corner < 3; ++corner) verts.insert(model.faces[3 * face + corner]);
  }
  if (verts.size() < 4) return std::nullopt;
  Eyeball eyeball{{verts.begin(), verts.end()}, {}};
  eyeball.center = fit_sphere(model, eyeball.verts);
  return eyeball;
}

bool is_eye_look(const std::string& shape_name) { return resolve_shape_name(shape_name).key.starts_with("eyeLook"); }

std::vector<float> gaze_of_shapes(const std::vector<std::string>& shape_names, Side side) {
  const bool left = side == Side::kLeft;
  const std::string suffix = left ? "Left" : "Right";
  const float inward = left ? kGazeRadians : -kGazeRadians;  // yaw is positive towards the subject's right
  std::vector<float> gaze(3 * shape_names.size());
  for (size_t shape = 0; shape < shape_names.size(); ++shape) {
    const std::string key = resolve_shape_name(shape_names[shape]).key;
    float* row = gaze.data() + 3 * shape;
    if (key == "eyeLookIn" + suffix) row[0] = inward;
    if (key == "eyeLookOut" + suffix) row[0] = -inward;
    if (key == "eyeLookDown" + suffix) row[1] = kGazeRadians;
    if (key == "eyeLookUp" + suffix) row[1] = -kGazeRadians;
  }
  return gaze;
}

}  // namespace bisque
