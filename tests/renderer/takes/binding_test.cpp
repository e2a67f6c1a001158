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

TEST(Binding, AnglesAreBoundSeparately) {
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

TEST(Binding, OfTwoColumnsForOneShapeTheBetterOneWins) {
  struct Case {
    Names columns, shapes, bound, unused, notes;
  };
  const auto both = [](const std::string& a, const std::string& b, const std::string& shape) {
    return "Columns \"" + a + "\" and \"" + b + "\" both match the shape \"" + shape +
           "\"; the first of these is used.";
  };
  const Case cases[] = {
      {{"jaw_open", "x", "JawOpen"},
       {"jaw open"},
       {"JawOpen>jaw open"},
       {"jaw_open"},
       {both("JawOpen", "jaw_open", "jaw open")}},
      {{"JawOpen", "jaw_open"},
       {"jaw_open"},
       {"jaw_open>jaw_open"},
       {"JawOpen"},
       {both("jaw_open", "JawOpen", "jaw_open")}},
      {{"jaw_open", "jaw-open"},
       {"jawOpen"},
       {"jaw_open>jawOpen"},
       {"jaw-open"},
       {both("jaw_open", "jaw-open", "jawOpen")}},
      {{"browInnerUp_L", "browInnerUp"},
       {"browInnerUp"},
       {"browInnerUp>browInnerUp"},
       {"browInnerUp_L"},
       {both("browInnerUp", "browInnerUp_L", "browInnerUp")}},
      {{"browInnerUp", "browInnerUp_L"},
       {"browInnerUp_L", "browInnerUp_R"},
       {"browInnerUp>browInnerUp_R", "browInnerUp_L>browInnerUp_L"},
       {},
       {both("browInnerUp_L", "browInnerUp", "browInnerUp_L")}},
      {{"browInnerUp_L", "browInnerUpLeft"},
       {"browInnerUp"},
       {"browInnerUp_L>browInnerUp*0.5"},
       {"browInnerUpLeft"},
       {both("browInnerUp_L", "browInnerUpLeft", "browInnerUp")}},
  };
  for (const Case& test : cases) {
    const Binding binding = bind_by_name(test.columns, test.shapes);
    EXPECT_EQ(pairs(test.columns, test.shapes, binding), test.bound) << test.columns[0];
    EXPECT_EQ(binding.unused_columns, test.unused) << test.columns[0];
    EXPECT_EQ(binding.notes, test.notes) << test.columns[0];
  }
}

TEST(Binding, OfTwoColumnsForOneAngleTheBetterOneWins) {
  const Binding binding = bind_by_name({"head_yaw", "HeadYaw", "head-yaw"}, {});
  EXPECT_EQ(binding.angle_columns[0], 1);
  EXPECT_EQ(binding.unused_columns, (Names{"head_yaw", "head-yaw"}));
  EXPECT_EQ(binding.notes,
            (Names{"Columns \"HeadYaw\" and \"head_yaw\" are both the angle headYaw; the first of these is used.",
                   "Columns \"HeadYaw\" and \"head-yaw\" are both the angle headYaw; the first of these is used."}));
}

TEST(Binding, OfTwoShapesForOneColumnTheArkitNameWins) {
  const Names shapes{"jawOpen", "Blink_L", "eyeBlinkLeft"};
  for (const char* column : {"EyeBlinkLeft", "eyeBlinkLeft", "eyeBlink_L"}) {
    const Binding binding = bind_by_name({column}, shapes);
    EXPECT_EQ(pairs({column}, shapes, binding), Names{std::string(column) + ">eyeBlinkLeft"});
    EXPECT_EQ(binding.notes, Names{"Shapes \"eyeBlinkLeft\" and \"Blink_L\" both match \"" + std::string(column) +
                                   "\"; the first of these is used."});
  }
  EXPECT_EQ(pairs({"Blink_L"}, shapes), Names{"Blink_L>Blink_L"});                               // an equal name
  EXPECT_EQ(pairs({"EyeBlinkLeft"}, {"blink_l", "eyeBlink_L"}), Names{"EyeBlinkLeft>blink_l"});  // neither: the first
}

TEST(Binding, AMapComesFirst) {
  const Names columns{"openMouth", "JawOpen", "w1", "turn", "other"};
  const Names shapes{"jawOpen", "eyeBlink_L", "eyeBlink_R", "combo"};
  const NameMap map{{"openMouth", "jawOpen"}, {"w1", "eyeBlinkLeft"}, {"w1", "eyeBlink_R"},
                    {"turn", "headYaw"},      {"other", "nose"},      {"absent", "jawOpen"}};
  const Binding binding = bind_by_name(columns, shapes, std::vector<int32_t>{3}, map);
  EXPECT_EQ(pairs(columns, shapes, binding), (Names{"openMouth>jawOpen", "w1>eyeBlink_L", "w1>eyeBlink_R"}));
  EXPECT_EQ(binding.angle_columns[0], 3);
  EXPECT_EQ(binding.model_lacks, Names{"other"});
  EXPECT_EQ(binding.unused_columns, Names{"JawOpen"});
  EXPECT_EQ(binding.notes,
            (Names{"The map lists \"nose\", which is not a shape of the model.",
                   "Columns \"openMouth\" and \"JawOpen\" both match the shape \"jawOpen\"; the first of "
                   "these is used.",
                   "The map lists columns that the take lacks: absent."}));
  EXPECT_EQ(bind_by_name({"a"}, shapes, std::vector<int32_t>{3}, NameMap{{"a", "combo"}}).notes,
            Names{"The map lists \"combo\", which other shapes of the model drive."});
}

TEST(Binding, ManyColumnsForOneShapeTakeLinearTime) {
  Names columns, shapes;
  for (int i = 0; i < 20'000; ++i) {
    std::string name = "jaw";
    for (int rest = i; rest > 0; rest /= 3) name += "_- "[rest % 3];
    columns.push_back(name + "open");
    shapes.push_back(name + "open_");
  }
  const Binding binding = bind_by_name(columns, shapes);
  EXPECT_EQ(binding.bound.size() + binding.unused_columns.size(), columns.size());
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

TEST(Binding, AFrameBetweenTwoIsInterpolated) {
  Take take;
  take.names = {"jawOpen", "HeadPitch"};
  take.values = {0, 1, 0.5F, 2, 1, 4};
  take.num_frames = 3;
  const Binding binding = bind_by_name(take.names, {"jawOpen"});
  const auto at = [&](double position) {
    const BoundFrame frame = bound_frame(take, binding, position);
    return std::pair(frame.coefficients.at(0), frame.angles[1]);
  };
  EXPECT_EQ(at(0), std::pair(0.0F, 1.0F));
  EXPECT_EQ(at(0.25), std::pair(0.125F, 1.25F));
  EXPECT_EQ(at(1), std::pair(0.5F, 2.0F));
  EXPECT_EQ(at(0.9999999999), at(1)) << "a rounding of the time";
  EXPECT_EQ(at(1.5), std::pair(0.75F, 3.0F));
  for (const double end : {2.0, 2.5, 7.0}) EXPECT_EQ(at(end), std::pair(1.0F, 4.0F));
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
