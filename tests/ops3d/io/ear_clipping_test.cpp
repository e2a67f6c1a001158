#include <bisque/ops3d/io/ear_clipping.h>

#include <random>

#include <bisque/tests/ops3d/io/triangulation_testing.h>

namespace bisque {
namespace {

using namespace triangulation_test;

constexpr int64_t kManySteps = int64_t{1} << 40;

Triangles clip(const Polygon2& polygon, int64_t steps = kManySteps) {
  Triangles triangles;
  EXPECT_TRUE(clip_ears(polygon, steps, triangles));
  return triangles;
}

TEST(EarClipping, CoversConcavePolygonsExactly) {
  expect_exact_cover(u_shape(), clip(u_shape()), 1e-9);
  expect_exact_cover({{0, 0}, {1, 1}, {2, 0}, {1, 3}}, clip({{0, 0}, {1, 1}, {2, 0}, {1, 3}}), 1e-9);
  for (const int size : {20, 100, 1000}) {
    expect_exact_cover(spiral(size), clip(spiral(size)), 1e-9);
    expect_exact_cover(comb(size), clip(comb(size)), 1e-9);
  }
}

TEST(EarClipping, CoversRandomStarsExactly) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> radius(0.05, 1);
  for (int round = 0; round < 200; ++round) {
    Polygon2 star;
    const int size = 4 + round;
    for (int i = 0; i < size; ++i) {
      const double angle = 2 * M_PI * i / size, r = radius(random);
      star.push_back({r * std::cos(angle), r * std::sin(angle)});
    }
    expect_exact_cover(star, clip(star));
  }
}

TEST(EarClipping, CornersOnALineMakeNoFlatTriangles) {
  // A square with three more corners on each side, and a notch.
  Polygon2 polygon;
  for (int i = 0; i < 4; ++i) polygon.push_back({i * 1.0, 0});
  for (int i = 0; i < 4; ++i) polygon.push_back({4, i * 1.0});
  for (int i = 4; i > 0; --i) polygon.push_back({i * 1.0, 4});
  polygon.insert(polygon.end(), {{0, 4}, {0, 3}, {2, 2}, {0, 1}});
  expect_exact_cover(polygon, clip(polygon), 1e-9);
}

TEST(EarClipping, HolesMayBeReachedBySlits) {
  const Polygon2 one{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}, {1, 1}, {1, 3}, {3, 3}, {3, 1}, {1, 1}};
  expect_exact_cover(one, clip(one), 1e-9);
  const Polygon2 two{{0, 0}, {8, 0}, {8, 4}, {7, 3}, {7, 1}, {5, 1}, {5, 3}, {7, 3},
                     {8, 4}, {0, 4}, {0, 0}, {1, 1}, {1, 3}, {3, 3}, {3, 1}, {1, 1}};
  expect_exact_cover(two, clip(two), 1e-9);
  Polygon2 ring;
  for (int i = 0; i <= 60; ++i) ring.push_back({std::cos(i % 60 * M_PI / 30), std::sin(i % 60 * M_PI / 30)});
  for (int i = 60; i >= 0; --i) ring.push_back({std::cos(i % 60 * M_PI / 30) / 2, std::sin(i % 60 * M_PI / 30) / 2});
  expect_exact_cover(ring, clip(ring));
}

TEST(EarClipping, AnyCornersGiveAsManyTriangles) {
  std::mt19937 random(2);
  std::uniform_int_distribution<int> coordinate(0, 3);
  for (int round = 0; round < 2000; ++round) {
    Polygon2 polygon;
    for (int i = 0; i < 3 + round % 40; ++i) polygon.push_back({coordinate(random) * 1.0, coordinate(random) * 1.0});
    const Triangles triangles = clip(polygon);
    ASSERT_EQ(triangles.size(), polygon.size() - 2);
    expect_boundary_of_polygon(polygon.size(), triangles);
  }
}

TEST(EarClipping, IsDeterministic) { EXPECT_EQ(clip(spiral(200)), clip(spiral(200))); }

TEST(EarClipping, WithoutStepsTheRestIsAFan) {
  for (int64_t allowed = -1; allowed < 400; allowed += 7) {
    int64_t steps = allowed;
    Triangles triangles;
    EXPECT_FALSE(clip_ears(spiral(100), steps, triangles)) << allowed;
    EXPECT_LE(steps, 0);
    EXPECT_EQ(triangles.size(), 98U);
    expect_boundary_of_polygon(100, triangles);
  }
  int64_t steps = kManySteps;
  Triangles triangles;
  EXPECT_TRUE(clip_ears(spiral(100), steps, triangles));
  EXPECT_GT(steps, kManySteps - 5000);
}

}  // namespace
}  // namespace bisque
