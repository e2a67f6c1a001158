// iou_box3d, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/core/error.h>
#include <bisque/core/ops/each.h>
#include <bisque/ops3d/iou_box3d/iou_box3d_polyhedron.h>

#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

namespace bisque {

/// What is wrong with a box.
enum BoxFault : int64_t { kNoFault, kNotFinite, kNotCoplanar, kNotConvex, kNoArea };

/// The least area of a face, in units of the square of the box's size.
constexpr double kLeastBoxArea = 1e-8;

/// A box whose corners are relative to their mean, so that coordinates far from the origin cost no precision.
struct CenteredBox {
  box3d::Vector center, corners[8];
  double size;      // the largest of its extents along the axes
  double greatest;  // the largest coordinate
  double radius;

  template <class T>
  BISQUE_HOST_DEVICE explicit CenteredBox(const T* box) : center{0, 0, 0}, size(0), greatest(0), radius(0) {
    for (int i = 0; i < 8; ++i) corners[i] = {double(box[3 * i]), double(box[3 * i + 1]), double(box[3 * i + 2])};
    for (const auto& corner : corners) center = center + corner * 0.125;
    for (int axis = 0; axis < 3; ++axis) {
      double low = box[axis], high = low;
      for (int i = 1; i < 8; ++i) {
        const double value = box[3 * i + axis];
        low = value < low ? value : low;
        high = value > high ? value : high;
      }
      size = high - low > size ? high - low : size;
      greatest = std::fmax(greatest, std::fmax(std::fabs(low), std::fabs(high)));
    }
    for (auto& corner : corners) {
      corner = corner - center;
      radius = std::fmax(radius, std::sqrt(dot(corner, corner)));
    }
  }
};

/// The plane of a face, best fit to its corners, and whether it is one: `allowed` is how far corners may be off.
BISQUE_HOST_DEVICE inline BoxFault fit_plane(const CenteredBox& box, int face, double allowed, double least_area,
                                             box3d::Plane& plane) {
  using namespace box3d;
  Vector q[4];
  for (int k = 0; k < 4; ++k) q[k] = box.corners[corner_of_face(face, k)];
  const Vector normal = cross(q[2] - q[0], q[3] - q[1]);
  const double length = std::sqrt(dot(normal, normal));
  if (!(length / 2 > least_area)) return kNoArea;
  plane = {normal * (1 / length), 0, 0};
  plane.offset = dot(plane.normal, (q[0] + q[1] + q[2] + q[3]) * 0.25);
  if (plane.offset < 0) plane = {plane.normal * -1, -plane.offset, 0};  // the normal points away from the center
  for (const Vector& corner : q) {
    if (!(std::fabs(plane.height(corner)) <= allowed)) return kNotCoplanar;
  }
  for (const Vector& corner : box.corners) plane.tolerance = std::fmax(plane.tolerance, plane.height(corner));
  return plane.tolerance <= allowed ? kNoFault : kNotConvex;
}

/// Fills in what the pairs need of a box; `planes` may be null. Coordinates are rounded, by `rounding` of their value.
template <class T>
BISQUE_HOST_DEVICE inline BoxFault describe_box(const T* corners, double eps, double* info, double* planes) {
  const CenteredBox box(corners);
  for (int i = 0; i < 24; ++i) {
    if (!(std::fabs(corners[i]) <= std::numeric_limits<T>::max())) return kNotFinite;
  }
  const double volume = box3d::Polyhedron(box.corners).volume();
  if (!(box.radius * box.radius * box.radius <= std::numeric_limits<double>::max())) return kNotFinite;
  const double rounding = 8 * double(std::numeric_limits<T>::epsilon()) * box.greatest;
  const double least_area = kLeastBoxArea * box.size * box.size;
  for (int face = 0; face < 6; ++face) {
    box3d::Plane plane{};
    const BoxFault fault = fit_plane(box, face, eps * box.size + rounding, least_area, plane);
    if (fault != kNoFault) return fault;
    if (planes) plane.store(planes + 5 * face);
  }
  info[0] = box.center.x, info[1] = box.center.y, info[2] = box.center.z;
  info[3] = box.radius, info[4] = volume;
  return volume > 0 ? kNoFault : kNoArea;
}

/// Box i of boxes1, or box i - N of boxes2.
template <class P>
BISQUE_HOST_DEVICE inline void describe_box_of(const P& p, int64_t i) {
  const int64_t j = i - p.N;
  p.faults[i] = j < 0 ? describe_box(p.boxes1 + 24 * i, p.eps, p.infos1 + 5 * i, nullptr)
                      : describe_box(p.boxes2 + 24 * j, p.eps, p.infos2 + 5 * j, p.planes + 30 * j);
}

/// The volume of a box that lies inside another one.
template <class T>
BISQUE_HOST_DEVICE inline double volume_inside(const T* box, const double* info, const double* other_info,
                                               const double* other_planes) {
  using namespace box3d;
  const Vector way = Vector{other_info[0], other_info[1], other_info[2]} - Vector{info[0], info[1], info[2]};
  const double reach = info[3] + other_info[3];
  if (dot(way, way) > reach * reach) return 0;
  Polyhedron body(CenteredBox(box).corners);
  for (int face = 0; face < 6 && body.num_edges > 0; ++face) {
    Plane plane = Plane::load(other_planes + 5 * face);
    plane.offset += dot(plane.normal, way);
    body.cut(plane);
  }
  const double volume = body.volume(), most = std::fmin(info[4], other_info[4]);
  return volume < most ? volume : most;
}

template <class P>
BISQUE_HOST_DEVICE inline void iou_of_pair(const P& p, int64_t i, int64_t j) {
  using T = typename P::Float;
  const double *info1 = p.infos1 + 5 * i, *info2 = p.infos2 + 5 * j;
  const double volume = volume_inside(p.boxes1 + 24 * i, info1, info2, p.planes + 30 * j);
  p.vol[i * p.M + j] = static_cast<T>(volume);
  p.iou[i * p.M + j] = static_cast<T>(volume / (info1[4] + (info2[4] - volume)));
}

/// Raises the first fault of a box. On CUDA it waits for the stream.
template <class P, class On>
void raise_box_fault(const P& p, const On& on) {
  const int64_t *faults = p.faults, count = p.N + p.M;
  std::vector<int64_t> on_host;
  if constexpr (std::is_same_v<On, OnCuda>) {
    on_host.resize(static_cast<size_t>(count));
    if (count == 0 || !fetch(on, on_host.data(), p.faults, count)) return;  // Op reports that CUDA failed
    faults = on_host.data();
  }
  for (int64_t i = 0; i < count; ++i) {
    const char* name = i < p.N ? "boxes1" : "boxes2";
    const int64_t box = i < p.N ? i : i - p.N;
    if (faults[i] == kNotFinite) {
      fail("iou_box3d: expected the coordinates of ", name, " to be finite, but those of box ", box, " are not");
    } else if (faults[i] == kNotCoplanar) {
      fail("iou_box3d: expected the corners of each face of ", name, " to be coplanar within eps = ", p.eps,
           " of the box's size, but those of box ", box, " are not");
    } else if (faults[i] == kNotConvex) {
      fail("iou_box3d: expected ", name, " to be convex within eps = ", p.eps,
           " of their size, with the corners in order, but box ", box, " is not");
    } else if (faults[i] == kNoArea) {
      fail("iou_box3d: expected each face of ", name, " to have an area, but box ", box, " is flat");
    }
  }
}

template <class T>
struct IouBox3d {
  using Float = T;

  const T* boxes1;  // [N, 8, 3]
  const T* boxes2;  // [M, 8, 3]
  double eps;
  T* vol;           // [N, M]
  T* iou;           // [N, M]
  double* infos1;   // [N, 5] from here on scratch: center, radius, volume
  double* infos2;   // [M, 5]
  double* planes;   // [M, 6, 5] of boxes2: normal, offset, tolerance
  int64_t* faults;  // [N + M]
  int64_t N, M;

  template <class On>
  void run(const On& on) const {
    each<describe_box_of<IouBox3d>, 64>(on, *this, N + M);
    raise_box_fault(*this, on);
    each<iou_of_pair<IouBox3d>, 64>(on, *this, N, M);
  }
};

}  // namespace bisque
