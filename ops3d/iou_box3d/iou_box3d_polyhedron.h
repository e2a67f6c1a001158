// A convex polyhedron that planes cut, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <cmath>
#include <cstdint>

#include <bisque/core/ops/host_device.h>

namespace bisque::box3d {

struct Vector {
  double x, y, z;
};
BISQUE_HOST_DEVICE inline Vector operator+(Vector a, Vector b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
BISQUE_HOST_DEVICE inline Vector operator-(Vector a, Vector b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
BISQUE_HOST_DEVICE inline Vector operator*(Vector a, double s) { return {a.x * s, a.y * s, a.z * s}; }
BISQUE_HOST_DEVICE inline double dot(Vector a, Vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
BISQUE_HOST_DEVICE inline Vector cross(Vector a, Vector b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

/// The corners of a face of a box, counter-clockwise seen from outside.
BISQUE_HOST_DEVICE inline int corner_of_face(int face, int k) {
  const int8_t corners[6][4] = {{0, 3, 2, 1}, {4, 5, 6, 7}, {0, 1, 5, 4}, {2, 3, 7, 6}, {0, 4, 7, 3}, {1, 2, 6, 5}};
  return corners[face][k];
}

/// Points x with normal . x = offset. What is above by no more than the tolerance counts as below.
struct Plane {
  Vector normal;
  double offset, tolerance;

  BISQUE_HOST_DEVICE double height(Vector point) const { return dot(normal, point) - offset; }
  BISQUE_HOST_DEVICE void store(double* to) const {
    to[0] = normal.x, to[1] = normal.y, to[2] = normal.z, to[3] = offset, to[4] = tolerance;
  }
  BISQUE_HOST_DEVICE static Plane load(const double* from) { return {{from[0], from[1], from[2]}, from[3], from[4]}; }
};

/// A polyhedron as the directed edges of its faces, in no order. Each edge is in two faces, in opposite directions.
/// A cut decides once for each point on which side it is, so that the surface stays closed, and the volume right within
/// rounding, even where faces are coplanar with the plane.
struct Polyhedron {
  // Of six faces that six planes cut: 8 points and at most 6 + 7 + ... + 11 new ones, no more than 12 faces at a time
  // and thus 60 directed edges.
  static constexpr int kMaxPoints = 64, kMaxEdges = 96, kMaxFaces = 12, kMaxCrossings = 32;

  struct Point {
    Vector at;
    double height;  // over the plane that cuts
  };
  struct Edge {
    uint8_t face, from, to;
  };
  /// Where an edge leaves or enters the part below a plane.
  struct Crossing {
    uint8_t face, point;
  };

  Point points[kMaxPoints];
  Edge edges[kMaxEdges];
  int num_points, num_edges, num_faces;

  BISQUE_HOST_DEVICE explicit Polyhedron(const Vector (&corners)[8]) : num_points(8), num_edges(0), num_faces(6) {
    for (int i = 0; i < 8; ++i) points[i] = {corners[i], 0};
    for (int face = 0; face < 6; ++face) {
      for (int k = 0; k < 4; ++k) add_edge(face, corner_of_face(face, k), corner_of_face(face, (k + 1) % 4));
    }
  }

  BISQUE_HOST_DEVICE void add_edge(int face, int from, int to) {
    edges[num_edges++] = {static_cast<uint8_t>(face), static_cast<uint8_t>(from), static_cast<uint8_t>(to)};
  }

  /// Removes what is above the plane.
  BISQUE_HOST_DEVICE void cut(const Plane& plane) {
    for (int i = 0; i < num_points; ++i) points[i].height = plane.height(points[i].at);
    const double tolerance = plane.tolerance;
    int kept = 0, leaving = 0;
    for (int i = 0; i < num_edges; ++i) {
      const bool from_above = points[edges[i].from].height > tolerance,
                 to_above = points[edges[i].to].height > tolerance;
      kept += !from_above || !to_above;
      leaving += !from_above && to_above;
    }
    // A convex polyhedron always has room. One that rounding made less than convex is not cut when it has none.
    const bool has_room = num_points + leaving <= kMaxPoints && kept + 2 * leaving <= kMaxEdges &&
                          leaving <= kMaxCrossings && num_faces < kMaxFaces;
    if ((kept == num_edges && leaving == 0) || !has_room) return;
    Crossing exits[kMaxCrossings], entries[kMaxCrossings];
    clip_edges(tolerance, exits, entries);
    close_faces(leaving, exits, entries);
  }

  /// Keeps the parts of edges that are below.
  BISQUE_HOST_DEVICE void clip_edges(double tolerance, Crossing* exits, Crossing* entries) {
    uint8_t inner[kMaxCrossings], outer[kMaxCrossings];  // ends of the edges of the new points
    const int first_new = num_points, before = num_edges;
    int num_exits = 0, num_entries = 0;
    num_edges = 0;
    for (int i = 0; i < before; ++i) {
      const Edge edge = edges[i];
      const bool from_above = points[edge.from].height > tolerance, to_above = points[edge.to].height > tolerance;
      if (from_above && to_above) continue;
      if (!from_above && !to_above) {
        add_edge(edge.face, edge.from, edge.to);
        continue;
      }
      const uint8_t in = from_above ? edge.to : edge.from, out = from_above ? edge.from : edge.to;
      int crossing = first_new;
      while (crossing < num_points && (inner[crossing - first_new] != in || outer[crossing - first_new] != out)) {
        ++crossing;
      }
      if (crossing == num_points) {
        inner[crossing - first_new] = in, outer[crossing - first_new] = out;
        points[num_points++].at = between(points[in], points[out]);
      }
      if (from_above) {
        add_edge(edge.face, crossing, edge.to);
        entries[num_entries++] = {edge.face, static_cast<uint8_t>(crossing)};
      } else {
        add_edge(edge.face, edge.from, crossing);
        exits[num_exits++] = {edge.face, static_cast<uint8_t>(crossing)};
      }
    }
  }

  BISQUE_HOST_DEVICE static Vector between(const Point& in, const Point& out) {
    const double depth = in.height < 0 ? -in.height : 0;  // one within the tolerance is on the plane
    return in.at + (out.at - in.at) * (depth / (depth + out.height));
  }

  /// Joins where each face was left and entered, and makes a new face of these edges, reversed.
  BISQUE_HOST_DEVICE void close_faces(int count, const Crossing* exits, Crossing* entries) {
    for (int i = 0; i < count; ++i) {
      int j = 0;
      while (entries[j].face != exits[i].face) ++j;
      add_edge(exits[i].face, exits[i].point, entries[j].point);
      add_edge(num_faces, entries[j].point, exits[i].point);
      entries[j].face = kMaxFaces;  // used
    }
    ++num_faces;
  }

  /// By the divergence theorem: a face is a fan of triangles around one of its points.
  BISQUE_HOST_DEVICE double volume() const {
    if (num_edges == 0) return 0;
    int8_t center[kMaxFaces];
    for (auto& point : center) point = -1;
    const Vector origin = points[edges[0].from].at;
    double sum = 0;
    for (int i = 0; i < num_edges; ++i) {
      const Edge& edge = edges[i];
      if (center[edge.face] < 0) center[edge.face] = static_cast<int8_t>(edge.from);
      const Vector from = points[edge.from].at - origin, to = points[edge.to].at - origin;
      sum += dot(points[center[edge.face]].at - origin, cross(from, to));
    }
    return std::fabs(sum) / 6;
  }
};

}  // namespace bisque::box3d
