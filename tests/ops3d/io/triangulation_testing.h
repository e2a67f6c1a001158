// Checks that triangles are a triangulation of a polygon.
#pragma once
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <bisque/ops3d/io/ear_clipping.h>

namespace bisque::triangulation_test {

using Polygon2 = std::vector<Point2>;
using Triangles = std::vector<std::array<int32_t, 3>>;

inline double twice_area(const Point2& a, const Point2& b, const Point2& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/// The edges of the triangles without an opposite edge in another triangle must be the polygon's.
inline void expect_boundary_of_polygon(size_t num_corners, const Triangles& triangles) {
  std::map<std::pair<int32_t, int32_t>, int> edges;
  for (const auto& triangle : triangles) {
    for (size_t k = 0; k < 3; ++k) {
      const int32_t from = triangle[k], to = triangle[(k + 1) % 3];
      if (--edges[{to, from}] < 0) edges[{to, from}] = 0, ++edges[{from, to}];
    }
  }
  std::erase_if(edges, [](const auto& edge) { return edge.second == 0; });
  EXPECT_EQ(edges.size(), num_corners);
  for (size_t i = 0; i < num_corners; ++i) {
    const std::pair edge(static_cast<int32_t>(i), static_cast<int32_t>((i + 1) % num_corners));
    EXPECT_EQ(edges[edge], 1) << i;
  }
}

/// Triangles with the polygon's boundary, none of which is inverted, cover it exactly once.
inline void expect_exact_cover(const Polygon2& polygon, const Triangles& triangles, double least_area = 0) {
  ASSERT_EQ(triangles.size(), polygon.size() - 2);
  expect_boundary_of_polygon(polygon.size(), triangles);
  for (const auto& [a, b, c] : triangles) {
    const auto at = [&](int32_t corner) { return polygon[static_cast<size_t>(corner)]; };
    EXPECT_GE(twice_area(at(a), at(b), at(c)), least_area) << a << " " << b << " " << c;
  }
}

inline Polygon2 u_shape() {
  return {{-1, -1}, {1, -1}, {1, 1}, {0.5, 1}, {0.5, -0.5}, {-0.5, -0.5}, {-0.5, 1}, {-1, 1}};
}

inline Polygon2 spiral(int num_corners) {
  Polygon2 polygon;
  const auto add = [&](int i, double radius) {
    const double angle = M_PI / 10 * i;
    polygon.push_back({(radius + angle / 3) * std::cos(angle), (radius + angle / 3) * std::sin(angle)});
  };
  for (int i = 0; i < num_corners / 2; ++i) add(i, 2);
  for (int i = num_corners / 2 - 1; i >= 0; --i) add(i, 1);
  return polygon;
}

inline Polygon2 comb(int num_teeth) {
  Polygon2 polygon{{0, 0}, {static_cast<double>(num_teeth), 0}};
  for (int i = num_teeth - 1; i >= 0; --i) {
    polygon.push_back({i + 0.75, 10});
    polygon.push_back({i + 0.25, 1});
  }
  return polygon;
}

}  // namespace bisque::triangulation_test
