#include <bisque/ops3d/io/polygon_mesh.h>

#include <numeric>

#include <bisque/tests/ops3d/io/triangulation_testing.h>

namespace bisque {
namespace {

using namespace triangulation_test;
using Ints = std::vector<int32_t>;

PolygonMesh polygons(const Ints& sizes, const Ints& corners) {
  PolygonMesh mesh;
  mesh.corner_verts = corners;
  mesh.polygon_sizes = sizes;
  return mesh;
}

// One polygon whose corners are all verts, each placed by `place`.
template <class Place>
PolygonMesh one_polygon(const Polygon2& polygon, const Place& place) {
  PolygonMesh mesh;
  for (const Point2& corner : polygon) {
    for (const double value : place(corner)) mesh.verts.push_back(static_cast<float>(value));
  }
  mesh.corner_verts.resize(polygon.size());
  std::iota(mesh.corner_verts.begin(), mesh.corner_verts.end(), 0);
  mesh.polygon_sizes = {static_cast<int32_t>(polygon.size())};
  return mesh;
}

Triangles triangles_of(const MeshData& mesh) {
  Triangles triangles;
  for (size_t i = 0; i < mesh.faces.size(); i += 3) {
    triangles.push_back({mesh.faces[i], mesh.faces[i + 1], mesh.faces[i + 2]});
  }
  return triangles;
}

template <class Place>
Triangles split(const Polygon2& polygon, const Place& place) {
  const MeshData mesh = triangulate(one_polygon(polygon, place), "f");
  EXPECT_TRUE(mesh.warnings.empty());
  return triangles_of(mesh);
}

Triangles fan(size_t size) {
  Triangles triangles;
  for (size_t i = 2; i < size; ++i) triangles.push_back({0, static_cast<int32_t>(i - 1), static_cast<int32_t>(i)});
  return triangles;
}

using Place = std::array<double, 3> (*)(Point2);
const std::vector<Place> kPlaces{
    [](Point2 p) {
      return std::array{p.x, p.y, 0.0};
    },
    [](Point2 p) {
      return std::array{0.0, p.x, p.y};
    },
    [](Point2 p) {
      return std::array{p.x, -7.0, p.y};
    },  // seen from behind
    [](Point2 p) {
      return std::array{p.x, p.y, 100 + p.x + p.y};
    },  // tilted, away from the origin
    [](Point2 p) {
      return std::array{1e-20 * p.x, 1e-20 * p.y, 0.0};
    },
    [](Point2 p) {
      return std::array{1e18 * p.x, 1e18 * p.y, 1e18};
    },
    [](Point2 p) {
      return std::array{p.x, p.y, 0.1 * p.x * p.x};
    },  // not flat
};

TEST(Triangulate, ConvexPolygonsAreFansWhereverTheyLie) {
  for (const int size : {3, 4, 5, 50}) {
    Polygon2 polygon;
    for (int i = 0; i < size; ++i) polygon.push_back({std::cos(2 * M_PI * i / size), std::sin(2 * M_PI * i / size)});
    for (const Place place : kPlaces) EXPECT_EQ(split(polygon, place), fan(polygon.size())) << size;
  }
}

TEST(Triangulate, ConcavePolygonsAreCoveredExactlyWhereverTheyLie) {
  for (const Place place : kPlaces) {
    expect_exact_cover(u_shape(), split(u_shape(), place), 1e-9);
    expect_exact_cover(spiral(100), split(spiral(100), place));
  }
}

TEST(Triangulate, FansThatCoverAConcavePolygonAreKept) {
  const Polygon2 arrow{{0, 0}, {1, -1}, {3, 0}, {1, 1}};
  EXPECT_EQ(split(arrow, kPlaces[0]), fan(4));
  const Polygon2 dart{{1, 0}, {0, -1}, {3, 0}, {0, 1}};  // its first corner is the concave one
  EXPECT_EQ(split(dart, kPlaces[0]), fan(4));
  const Polygon2 turned{{0, -1}, {3, 0}, {0, 1}, {1, 0}};
  EXPECT_NE(split(turned, kPlaces[0]), fan(4));
  expect_exact_cover(turned, split(turned, kPlaces[0]), 1e-9);
}

TEST(Triangulate, FoldedQuadsAreFans) {
  // Bent along a diagonal; seen from above, its second corner is slightly inside it.
  PolygonMesh mesh = polygons({4}, {0, 1, 2, 3});
  mesh.verts = {0, 0, 0, 0.26F, 0, 0.012F, 0.54F, -0.012F, 0, 0.29F, 0.2F, 0.012F};
  EXPECT_EQ(triangles_of(triangulate(mesh, "f")), fan(4));
}

TEST(Triangulate, DegeneratePolygonsAreFans) {
  EXPECT_EQ(split({{0, 0}, {1, 0}, {1, 1}, {1, 1}}, kPlaces[0]), fan(4));
  EXPECT_EQ(split({{0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}}, kPlaces[0]), fan(5));
  EXPECT_EQ(split({{0, 0}, {1, 0}, {2, 0}, {3, 0}}, kPlaces[0]), fan(4));
}

TEST(Triangulate, UvsAndGroupsFollowTheTriangles) {
  PolygonMesh mesh = one_polygon(u_shape(), kPlaces[0]);
  mesh.corner_verts.insert(mesh.corner_verts.end(), {0, 1, 2});
  mesh.polygon_sizes = {8, 3};
  mesh.uvs.resize(2 * 20);
  for (int32_t i = 0; i < 11; ++i) mesh.corner_uvs.push_back(i == 5 ? -1 : 19 - i);
  mesh.group_names = {"a", "b"};
  mesh.polygon_groups = {1, 0};
  const MeshData result = triangulate(mesh, "f");
  ASSERT_EQ(result.faces.size(), 21U);
  ASSERT_EQ(result.uv_faces.size(), 21U);
  for (size_t i = 0; i < 18; ++i) EXPECT_EQ(result.uv_faces[i], result.faces[i] == 5 ? -1 : 19 - result.faces[i]);
  EXPECT_EQ(Ints(result.uv_faces.end() - 3, result.uv_faces.end()), (Ints{11, 10, 9}));
  EXPECT_EQ(result.face_groups, (Ints{1, 1, 1, 1, 1, 1, 0}));
  EXPECT_EQ(result.polygon_sizes, (Ints{8, 3}));
}

TEST(Triangulate, PolygonsOfTooManyCornersAreFansWithAWarning) {
  PolygonMesh mesh = one_polygon(u_shape(), kPlaces[0]);
  const Ints corners = mesh.corner_verts;
  while (mesh.corner_verts.size() <= (size_t{1} << 17)) {
    mesh.corner_verts.insert(mesh.corner_verts.end(), corners.begin(), corners.end());
  }
  const auto size = static_cast<int32_t>(mesh.corner_verts.size());
  mesh.corner_verts.insert(mesh.corner_verts.begin(), corners.begin(), corners.end());
  mesh.polygon_sizes = {8, size};
  const MeshData result = triangulate(mesh, "f.obj");
  EXPECT_EQ(result.num_faces(), 6 + size - 2);
  EXPECT_EQ(result.warnings,
            (std::vector<std::string>{"f.obj: concave faces with too many corners are split as fans, so that triangles "
                                      "of them overlap (1, the first is face 2)."}));
}

TEST(FindOtherPolygon, PolygonsAreASet) {
  const PolygonMesh reference = polygons({4, 3, 5}, {0, 1, 2, 3, 7, 2, 4, 5, 6, 5, 9, 8});
  EXPECT_EQ(find_other_polygon(reference, reference), -1);
  EXPECT_EQ(find_other_polygon(polygons({3, 5, 4}, {2, 4, 7, 9, 8, 5, 6, 5, 3, 0, 1, 2}), reference), -1);
  EXPECT_EQ(find_other_polygon(polygons({3, 5, 4}, {2, 4, 7, 9, 8, 5, 6, 5, 3, 2, 1, 0}), reference), 2);  // reversed
  EXPECT_EQ(find_other_polygon(polygons({3, 5, 4}, {2, 4, 6, 9, 8, 5, 6, 5, 3, 2, 1, 0}), reference), 0);
  EXPECT_EQ(find_other_polygon(polygons({3, 4, 5}, {0, 1, 2, 3, 7, 2, 4, 5, 6, 5, 9, 8}), reference), 0);
  // As many of each.
  const PolygonMesh twice = polygons({3, 3, 3}, {0, 1, 2, 1, 2, 0, 3, 4, 5});
  EXPECT_EQ(find_other_polygon(polygons({3, 3, 3}, {3, 4, 5, 1, 2, 0, 2, 0, 1}), twice), -1);
  EXPECT_EQ(find_other_polygon(polygons({3, 3, 3}, {0, 1, 2, 3, 4, 5, 4, 5, 3}), twice), 2);
}

TEST(FindOtherPolygon, RotationsOfRepeatedCornersAreEqual) {
  const Ints corners{1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0};
  const PolygonMesh reference = polygons({11}, corners);
  for (size_t i = 0; i < corners.size(); ++i) {
    Ints rotated(corners.begin() + static_cast<std::ptrdiff_t>(i), corners.end());
    rotated.insert(rotated.end(), corners.begin(), corners.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(find_other_polygon(polygons({11}, rotated), reference), -1) << i;
  }
}

}  // namespace
}  // namespace bisque
