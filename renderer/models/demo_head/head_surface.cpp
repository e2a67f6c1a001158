#include <bisque/renderer/models/demo_head/head_surface.h>

#include <bisque/renderer/models/demo_head/eye_opening.h>
#include <bisque/renderer/models/demo_head/mouth_opening.h>
#include <bisque/renderer/models/demo_head/sculpt.h>

namespace bisque::demo {
namespace {

// Each vertex of the grid is where a ray from the head's axis meets the skin. A row of the grid is a bowl of rays that
// share their origin; a column is an azimuth.
constexpr int kRows = 93;
constexpr int kColumns = 52;

// The blocks of the grid that the rings about the eye and the mouth replace.
struct Block {
  int column_from, column_to, row_from, row_to;
  bool inside(int c, int r) const { return c > column_from && c < column_to && r > row_from && r < row_to; }
};
constexpr Block kEyeBlock{8, 26, 58, 68};
constexpr Block kMouthBlock{-1, 17, 22, 32};  // from column -1: the midline inside the block is part of the rings

constexpr Key<1> kAzimuths[] = {{0, {0}}, {8, {6.5}}, {17, {21.5}}, {26, {44}}, {34, {80}}, {43, {128}}, {52, {180}}};

// Front y and z, side y (at x = 7), back y (at z = -9), a factor on those distances, then the origin's y and z.
constexpr Key<7> kRowKeys[] = {
    {0, {-15.6, 3.0, -15.6, -15.6, 1, -15.6, -2.6}}, {7, {-12.7, 3.6, -11.4, -12.3, 1, -10.5, -2.0}},
    {13, {-11.9, 6.5, -9.5, -10.5, 1, -5.0, -1.0}},  {17, {-11.3, 9.0, -8.3, -9.0, 1, -2.0, -0.5}},
    {22, {-9.35, 9.4, -6.8, -6.5, 1, 0.0, 0.0}},     {32, {-5.9, 10.2, -5.2, -3.4, 1, 0.5, 0.0}},
    {39, {-4.9, 11.4, -4.2, -2.2, 1, 0.6, 0.0}},     {49, {-3.9, 12.2, -3.2, -1.2, 1, 0.7, 0.0}},
    {58, {-2.0, 10.6, -1.2, 0.0, 1, 0.9, 0.0}},      {68, {1.7, 9.6, 2.2, 3.2, 1, 1.2, 0.0}},
    {73, {3.2, 9.9, 3.6, 4.6, 1, 1.3, 0.0}},         {79, {5.8, 9.5, 5.8, 6.3, 1, 1.5, 0.0}},
    {84, {8.9, 7.8, 9.0, 10.0, 0.9, 1.5, -0.3}},     {93, {12.5, -0.8, 12.5, 12.5, 0, 1.5, -0.8}}};

/// How far in front of a row's own origin a ray starts: rays to the nose start inside the face, so that they meet its
/// sides at an open angle.
double forward(int column, int row) {
  return 6.0 * smooth_step(24, 38, row) * smooth_step(76, 60, row) * bell(column, 32);
}

struct Ray {
  Vec3 origin, direction;
};

Ray grid_ray(int column, int row) {
  const auto [front_y, front_z, side_y, back_y, rim, origin_y, origin_z] = curve(kRowKeys, row);
  const Vec2 azimuth = on_circle(curve(kAzimuths, column)[0]);
  const double ahead = forward(column, row);
  const Vec2 outward = Vec2(9 * azimuth.y(), 9 * azimuth.x() - ahead).normalized();
  // (outward, up) of the row at its front, side and back, blended around the head.
  const Vec2 front = Vec2(front_z - origin_z - ahead, front_y - origin_y).normalized();
  const Vec2 side = Vec2(7 * rim, side_y - origin_y).normalized();
  const Vec2 back = Vec2(9 * rim, back_y - origin_y).normalized();
  const Vec2 end = azimuth.x() > 0 ? front : back;
  const double share = azimuth.x() * azimuth.x();
  const Vec2 slope = (end * share + side * (1 - share)).normalized();
  const Vec3 direction(outward.x() * slope.x(), slope.y(), outward.y() * slope.x());
  return {{0, origin_y, origin_z + ahead}, direction};
}

using Grid = std::vector<std::array<int32_t, kColumns + 1>>;

Grid add_grid_verts(HalfMesh& mesh) {
  constexpr double kMargin = 1.5;  // the skin is about as far from the axis as at the neighbour
  Grid grid(kRows);
  double row_reach = 22;
  for (int r = 0; r < kRows; ++r) {
    double reach = row_reach;
    for (int c = 0; c <= kColumns; ++c) {
      grid[r][c] = -1;
      if (kEyeBlock.inside(c, r) || kMouthBlock.inside(c, r)) continue;
      const auto [origin, direction] = grid_ray(c, r);
      Vec3 p = skin_along(origin, direction, reach);
      reach = (p - origin).norm() + kMargin;
      if (c == 0) row_reach = reach;
      if (c == 0 || c == kColumns) p.x() = 0;
      grid[r][c] = mesh.add_vert(p, {});
    }
  }
  return grid;
}

void add_grid_faces(HalfMesh& mesh, const Grid& grid) {
  for (int r = 0; r + 1 < kRows; ++r) {
    for (int c = 0; c < kColumns; ++c) {
      const std::array<int32_t, 4> quad{grid[r][c], grid[r][c + 1], grid[r + 1][c + 1], grid[r + 1][c]};
      if (*std::min_element(quad.begin(), quad.end()) < 0) continue;
      if (c == 0) {
        mesh.add_midline_quad(r, quad[0], quad[1], quad[2], quad[3], kFace);
      } else {
        mesh.add_quad(quad[0], quad[1], quad[2], quad[3], kFace);
      }
    }
  }
}

void add_crown(HalfMesh& mesh, const Grid& grid) {
  Vec3 top = skin_along({0, 1.5, -0.8}, {0, 1, 0}, 12);
  const int32_t pole = mesh.add_vert(top, {});
  for (int c = 0; c < kColumns; ++c) mesh.add_face(grid[kRows - 1][c], grid[kRows - 1][c + 1], pole, kFace);
}

/// Closes the neck below with a rounded edge and a disc.
void add_neck_floor(HalfMesh& mesh, const Grid& grid) {
  const Vec3 centre(0, -16.1, -2.6);
  std::vector<int32_t> outer(grid[0].begin(), grid[0].end());
  constexpr std::array<std::array<double, 2>, 4> kRings{{{0.985, -0.25}, {0.94, -0.42}, {0.85, -0.5}, {0.45, -0.5}}};
  for (const auto& [share, drop] : kRings) {
    std::vector<int32_t> ring;
    for (const int32_t v : grid[0]) {
      Vec3 p = centre + (mesh.verts[v] - centre) * share;
      p.y() = -15.6 + drop;
      ring.push_back(mesh.add_vert(p, {}));
    }
    for (int c = 0; c < kColumns; ++c) mesh.add_quad(outer[c], ring[c], ring[c + 1], outer[c + 1], kFace);
    outer = ring;
  }
  const int32_t middle = mesh.add_vert(centre, {});
  for (int c = 0; c < kColumns; ++c) mesh.add_face(outer[c], middle, outer[c + 1], kFace);
}

/// The loop about the eye's block, from the middle of its inner side up and over to the outer side.
std::vector<int32_t> eye_perimeter(const Grid& grid) {
  const Block& b = kEyeBlock;
  const int middle = (b.row_from + b.row_to) / 2;
  std::vector<int32_t> loop;
  for (int r = middle; r < b.row_to; ++r) loop.push_back(grid[r][b.column_from]);
  for (int c = b.column_from; c < b.column_to; ++c) loop.push_back(grid[b.row_to][c]);
  for (int r = b.row_to; r > b.row_from; --r) loop.push_back(grid[r][b.column_to]);
  for (int c = b.column_to; c > b.column_from; --c) loop.push_back(grid[b.row_from][c]);
  for (int r = b.row_from; r < middle; ++r) loop.push_back(grid[r][b.column_from]);
  return loop;
}

/// The half loop about the mouth's block, from the midline above to the midline below.
std::vector<int32_t> mouth_perimeter(const Grid& grid) {
  const Block& b = kMouthBlock;
  std::vector<int32_t> loop;
  for (int c = 0; c < b.column_to; ++c) loop.push_back(grid[b.row_to][c]);
  for (int r = b.row_to; r > b.row_from; --r) loop.push_back(grid[r][b.column_to]);
  for (int c = b.column_to; c >= 0; --c) loop.push_back(grid[b.row_from][c]);
  return loop;
}

/// How freely a vertex slides over the skin to even out the mesh, 0 to 1: in the face, outside the lids'
/// creases and the lips. The midline stays in place from the nose up: it would slip off the nose.
double slide_share(const Vec3& p, const Place& place) {
  if (p.x() == 0 && p.y() > -5.8) return 0;
  const bool lid = place.part == Part::kUpperLid || place.part == Part::kLowerLid;
  const bool lip = place.part == Part::kUpperLip || place.part == Part::kLowerLip;
  if (lid && place.across < 1.2) return 0;
  if (lip && place.across > -0.1) return 0;
  if (!lid && !lip && place.part != Part::kSkin) return 0;
  return 0.8 * smooth_step(5.5, 8.0, p.z()) * smooth_step(4.0, 2.0, p.y()) * smooth_step(-10.0, -8.0, p.y());
}

/// Evens out the mesh where rays meet steep skin with few vertices, as on the sides of the nose: each vertex goes to
/// the middle of its neighbours, then back onto the skin.
void even_out(HalfMesh& mesh) {
  constexpr int kSteps = 12;
  constexpr int kNormalsEvery = 4;
  std::vector<int32_t> sliding;
  std::vector<double> shares;
  std::vector<Vec3> outs;
  for (size_t v = 0; v < mesh.verts.size(); ++v) {
    const double share = slide_share(mesh.verts[v], mesh.places[v]);
    if (share == 0) continue;
    sliding.push_back(static_cast<int32_t>(v));
    shares.push_back(share);
    outs.push_back(onto_skin(mesh.verts[v]).out);
  }
  std::vector<Vec3> sum(mesh.verts.size());
  std::vector<int> count(mesh.verts.size());
  for (const auto& [a, b] : mesh.edges) {
    ++count[a];
    ++count[b];
  }
  for (int step = 0; step < kSteps; ++step) {
    std::fill(sum.begin(), sum.end(), Vec3(0, 0, 0));
    for (const auto& [a, b] : mesh.edges) {
      sum[a] += mesh.verts[b];
      sum[b] += mesh.verts[a];
    }
    for (size_t i = 0; i < sliding.size(); ++i) {
      Vec3& p = mesh.verts[sliding[i]];
      const bool midline = p.x() == 0;
      const Vec3 move = sum[sliding[i]] / count[sliding[i]] - p;
      p += (move - outs[i] * outs[i].dot(move)) * shares[i];
      if (step % kNormalsEvery == kNormalsEvery - 1) {
        const SkinStep next = onto_skin(p);
        p = next.point;
        outs[i] = next.out;
      } else {
        p -= outs[i] * skin_distance(p);
      }
      if (midline) p.x() = 0;
    }
  }
}

}  // namespace

void add_skin(HalfMesh& mesh) {
  const Grid grid = add_grid_verts(mesh);
  add_grid_faces(mesh, grid);
  add_crown(mesh, grid);
  add_neck_floor(mesh, grid);
  add_eye_opening(mesh, eye_perimeter(grid));
  add_mouth_opening(mesh, mouth_perimeter(grid));
  even_out(mesh);
}

}  // namespace bisque::demo
