#include <bisque/renderer/takes/binding.h>

#include <algorithm>

#include <bisque/renderer/takes/read_take.h>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>

namespace bisque {
namespace {

using namespace test;
using Names = std::vector<std::string>;

// "column>shape*weight" for each pair.
Names pairs(const Names& columns, const Names& shapes, const Binding& binding) {
  Names result;
  for (const BoundShape& bound : binding.bound) {
    result.push_back(columns[static_cast<size_t>(bound.column)] + ">" + shapes[static_cast<size_t>(bound.shape)] +
                     (bound.weight == 1 ? "" : "*" + std::to_string(bound.weight).substr(0, 3)));
  }
  return result;
}
Names pairs(const Names& columns, const Names& shapes) { return pairs(columns, shapes, bind_by_name(columns, shapes)); }

TEST(Binding, BindsByNameNotByPosition) {
  EXPECT_EQ(pairs({"JawOpen", "EyeBlinkLeft"}, {"eyeBlink_L", "x", "jawOpen"}),
            (Names{"JawOpen>jawOpen", "EyeBlinkLeft>eyeBlink_L"}));
  EXPECT_EQ(pairs({"a", "b"}, {"c", "d"}), Names{});
}

TEST(Binding, EqualNamesComeFirst) {
  EXPECT_EQ(pairs({"EyeBlinkLeft"}, {"eyeBlink_L", "EyeBlinkLeft"}), Names{"EyeBlinkLeft>EyeBlinkLeft"});
  EXPECT_EQ(pairs({"browInnerUp"}, {"browInnerUp", "browInnerUp_L"}), Names{"browInnerUp>browInnerUp"});
  EXPECT_EQ(pairs({"cheekRaiser_L"}, {"cheekRaiser_L"}), Names{"cheekRaiser_L>cheekRaiser_L"});
}

TEST(Binding, AWholeShapeDrivesBothHalves) {
  EXPECT_EQ(pairs({"BrowInnerUp", "CheekPuff"}, {"cheekPuff_R", "browInnerUp_L", "browInnerUp_R", "cheekPuff_L"}),
            (Names{"BrowInnerUp>browInnerUp_L", "BrowInnerUp>browInnerUp_R", "CheekPuff>cheekPuff_L",
                   "CheekPuff>cheekPuff_R"}));
}

TEST(Binding, HalvesDriveAWholeShapeByTheirMean) {
  EXPECT_EQ(pairs({"browInnerUp_R", "browInnerUp_L"}, {"browInnerUp"}),
            (Names{"browInnerUp_R>browInnerUp*0.5", "browInnerUp_L>browInnerUp*0.5"}));
  EXPECT_EQ(pairs({"browInnerUp_R", "browInnerUp_L"}, {"BrowInnerUpLeft", "BrowInnerUpRight"}),
            (Names{"browInnerUp_R>BrowInnerUpRight", "browInnerUp_L>BrowInnerUpLeft"}));
}

TEST(Binding, AnglesAreToldApart) {
  const Binding binding = bind_by_name({"jawOpen", "RightEyeRoll", "HeadYaw"}, {"jawOpen"});
  EXPECT_EQ(binding.angle_columns, (std::array<int64_t, 9>{2, -1, -1, -1, -1, -1, -1, -1, 1}));
  EXPECT_TRUE(binding.model_lacks.empty());
}

TEST(Binding, ListsWhatIsNotBound) {
  const Binding binding =
      bind_by_name({"jawOpen", "tongueOut"}, {"identity000", "jawOpen", "Identity_1", "PupilDilate_L"});
  EXPECT_EQ(binding.model_lacks, Names{"tongueOut"});
  EXPECT_EQ(binding.take_lacks, Names{"PupilDilate_L"});
  EXPECT_EQ(binding.identity_shapes, (Names{"identity000", "Identity_1"}));
}

TEST(Binding, CorrectivesAreNeitherBoundNorLacking) {
  const std::vector<int32_t> correctives{1, 2};
  const Names columns{"jawOpen", "smirk", "browInnerUp"};
  const Names shapes{"jawOpen", "Smirk", "jawOpen_smile", "browInnerUp_L"};
  const Binding binding = bind_by_name(columns, shapes, correctives);
  EXPECT_EQ(pairs(columns, shapes, binding), (Names{"jawOpen>jawOpen", "browInnerUp>browInnerUp_L"}));
  EXPECT_TRUE(binding.model_lacks.empty());
  EXPECT_TRUE(binding.take_lacks.empty());
  EXPECT_EQ(binding.corrective_columns, Names{"smirk"});
}

TEST(Binding, RefusesTwoColumnsForOneShape) {
  const auto error = [](const Names& columns, const Names& shapes) {
    return error_of([&] { bind_by_name(columns, shapes); });
  };
  EXPECT_EQ(error({"jawOpen", "x", "JawOpen"}, {"jaw_open"}),
            "take columns \"jawOpen\" and \"JawOpen\" both drive the model's shape \"jaw_open\", expected one.");
  EXPECT_EQ(
      error({"browInnerUp", "browInnerUp_L"}, {"browInnerUp"}),
      "take columns \"browInnerUp\" and \"browInnerUp_L\" both drive the model's shape \"browInnerUp\", expected one.");
  EXPECT_EQ(
      error({"browInnerUp", "browInnerUp_L"}, {"browInnerUp_L", "browInnerUp_R"}),
      "take columns \"browInnerUp\" and \"browInnerUp_L\" both drive the model's shape \"browInnerUp_L\", expected "
      "one.");
  EXPECT_EQ(
      error({"browInnerUp_L", "browInnerUpLeft"}, {"browInnerUp"}),
      "take columns \"browInnerUp_L\" and \"browInnerUpLeft\" both drive the model's shape \"browInnerUp\", expected "
      "one.");
  EXPECT_EQ(error({"HeadYaw", "headYaw"}, {}),
            "take columns \"HeadYaw\" and \"headYaw\" are both the angle headYaw, expected one.");
}

TEST(Binding, RefusesAColumnThatFitsTwoShapes) {
  EXPECT_EQ(error_of([] {
              bind_by_name({"EyeBlinkLeft"}, {"eyeBlinkLeft", "eyeBlink_L"});
            }),
            "take column \"EyeBlinkLeft\" fits two shapes of the model, \"eyeBlinkLeft\" and \"eyeBlink_L\", expected "
            "one.");
}

TEST(Binding, ReportsInPlainLines) {
  EXPECT_EQ(binding_report(bind_by_name({"JawOpen", "TongueOut", "BrowInnerUp", "HeadYaw", "combo"},
                                        {"jawOpen", "browInnerUp_L", "browInnerUp_R", "identity0", "pupil", "combo"},
                                        std::vector<int32_t>{5})),
            "2 of 4 shape columns drive 3 of 6 shapes of the model; head and eye angles: 1 of 9.\n"
            "The model lacks: TongueOut.\n"
            "The take lacks: pupil.\n"
            "Identity shapes, left at 0: identity0.\n"
            "Driven by other shapes, not by the take: combo.\n");
  EXPECT_EQ(binding_report(bind_by_name({"\x1B[2J"}, {})),
            "0 of 1 shape columns drive 0 of 0 shapes of the model; head and eye angles: 0 of 9.\nThe model lacks: "
            "\\x1B[2J.\n");
}

TEST(Binding, Coefficients) {
  Take take;
  take.names = {"cheekPuff_L", "HeadPitch", "jawOpen", "cheekPuff_R", "BrowInnerUp"};
  take.values = {0.2F, 1, 0.5F, 0.4F, 0.7F, 0, -1, 0.25F, 1, 0.1F};
  take.num_frames = 2;
  const Binding binding = bind_by_name(take.names, {"x", "jawOpen", "cheekPuff", "browInnerUp_L", "browInnerUp_R"});
  const std::vector<float> second{0, 0.25F, 0.5F, 0.1F, 0.1F};
  EXPECT_EQ(bound_coefficients(take, binding, 1), second);
  const std::vector<float> all = bound_coefficients(take, binding);
  ASSERT_EQ(all.size(), 10U);
  EXPECT_TRUE(std::equal(second.begin(), second.end(), all.begin() + 5));
  EXPECT_FLOAT_EQ(all[2], 0.3F);
  EXPECT_EQ(bound_angles(take, binding, 1), (std::array<float, 9>{0, -1, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(Binding, TheRealTakeOnTheRealHead) {
  BISQUE_NEEDS_SHARED(head, "ict_face");
  BISQUE_NEEDS_SHARED(dao, "live_link/dao.csv");
  Names shapes;
  for (const auto& entry : std::filesystem::directory_iterator(head)) {
    const std::string stem = entry.path().stem().string();
    if (entry.path().extension() == ".obj" && stem != "generic_neutral_mesh") shapes.push_back(stem);
  }
  std::sort(shapes.begin(), shapes.end());
  ASSERT_EQ(shapes.size(), 60U);
  const Take take = read_take(dao);
  const Binding binding = bind_by_name(take.names, shapes);
  EXPECT_EQ(binding_report(binding),
            "51 of 52 shape columns drive 53 of 60 shapes of the model; head and eye angles: 9 of 9.\n"
            "The model lacks: TongueOut.\n"
            "The take lacks: PupilDilate_L, PupilDilate_R, cheekRaiser_L, cheekRaiser_R.\n"
            "Identity shapes, left at 0: identity000, identity001, identity002.\n");
  const Names bound = pairs(take.names, shapes, binding);
  for (const char* pair :
       {"BrowInnerUp>browInnerUp_L", "BrowInnerUp>browInnerUp_R", "CheekPuff>cheekPuff_L", "CheekPuff>cheekPuff_R",
        "JawLeft>jawLeft", "EyeBlinkRight>eyeBlink_R", "MouthLeft>mouthLeft", "MouthUpperUpLeft>mouthUpperUp_L"}) {
    EXPECT_EQ(std::count(bound.begin(), bound.end(), pair), 1) << pair;
  }
  const std::vector<float> first = bound_coefficients(take, binding, 0);
  const auto of = [&](const std::string& name) {
    return first[static_cast<size_t>(std::find(shapes.begin(), shapes.end(), name) - shapes.begin())];
  };
  EXPECT_EQ(of("jawOpen"), 0.0773283392F);
  EXPECT_EQ(of("browInnerUp_R"), 0.0805203840F);
  EXPECT_EQ(of("identity000"), 0);
  EXPECT_FLOAT_EQ(bound_angles(take, binding, 0)[0], 0.0598376580F);
}

}  // namespace
}  // namespace bisque
