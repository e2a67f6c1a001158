#include <bisque/core/serialization/near_names.h>

#include <gtest/gtest.h>

namespace bisque {
namespace {

using Names = std::vector<std::string>;

TEST(NearNames, AreFewEditsAway) {
  const Names names = {"bisque::knn_points", "bisque::knn_gather", "bisque::ball_query", "ops3d.KNN", "radius"};
  EXPECT_EQ(near_names("bisque::knn_point", names)[0], "bisque::knn_points");
  EXPECT_EQ(near_names("bisque::nkn_points", names), Names{"bisque::knn_points"});
  EXPECT_EQ(near_names("acme::ball_query", names), Names{"bisque::ball_query"});
  EXPECT_EQ(near_names("ops3d.knn", names)[0], "ops3d.KNN");
  EXPECT_EQ(near_names("gather", names), Names{"bisque::knn_gather"});
  EXPECT_TRUE(near_names("bisque::rasterize_meshes", names).empty());
  EXPECT_TRUE(near_names("", names).empty());
  EXPECT_TRUE(near_names(std::string(1000, 'x'), names).empty());
}

TEST(NearNames, AreAtMostThreeAndTheNearestFirst) {
  EXPECT_EQ(near_names("radius", {"radii", "radiuss", "radius2", "radus", "Radius"}),
            (Names{"Radius", "radius2", "radiuss"}));
}

TEST(NearNames, EndAMessage) {
  EXPECT_EQ(expected_names("x", {}), "expected none.");
  EXPECT_EQ(expected_names("factr", {"factor", "on"}), "expected one of: factor, on (nearest: factor).");
  EXPECT_EQ(expected_names("q", {"factor", "on"}), "expected one of: factor, on.");
  Names many;
  for (int i = 100; i < 200; ++i) many.push_back("name_" + std::to_string(i));
  EXPECT_EQ(expected_names("nam_150", many).substr(0, 18), "nearest: name_150,");
  EXPECT_EQ(expected_names("q", many), "and no name is near.");
}

}  // namespace
}  // namespace bisque
