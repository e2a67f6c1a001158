#include <bisque/renderer/takes/shape_names.h>

#include <set>

#include <gtest/gtest.h>

#include <bisque/tests/renderer/takes/take_test_util.h>

namespace bisque {
namespace {

std::string key(std::string_view name) {
  const ShapeName resolved = resolve_shape_name(name);
  const char* half = resolved.half == Half::kWhole ? "" : resolved.half == Half::kLeft ? " left" : " right";
  return resolved.key + half;
}

TEST(ShapeNames, LiveLinkNamesAreThoseOfTheHeader) {
  auto expected = take_test::split(take_test::kCsvHeader, ',');
  expected.erase(expected.begin(), expected.begin() + 2);
  EXPECT_EQ(live_link_names(), expected);
}

TEST(ShapeNames, EverySpellingOfAnArkitShapeIsThatShape) {
  for (const std::string_view view : arkit_names()) {
    const std::string name(view);
    std::string upper = name;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    std::string pascal = name;
    pascal[0] = static_cast<char>(std::toupper(pascal[0]));
    std::string snake;
    for (const char c : name)
      snake += std::isupper(c) ? std::string("_") + static_cast<char>(std::tolower(c)) : std::string(1, c);
    for (const std::string& text :
         {name, upper, pascal, snake, "blendShape1." + name, "rig:" + pascal, "|a|b|" + name}) {
      EXPECT_EQ(key(text), name) << text;
    }
    for (const std::string side : {"Left", "Right"}) {
      if (!name.ends_with(side) || name.size() < 10) continue;  // mouthLeft is no left side
      const std::string stem = name.substr(0, name.size() - side.size());
      for (const std::string& text :
           {stem + "_" + side[0], stem + side[0], stem + "." + side[0], stem + "-" + side, "b1." + stem + ".L"}) {
        if (text.starts_with("b1.") && side == "Right") continue;
        EXPECT_EQ(key(text), name) << text;
      }
    }
  }
}

TEST(ShapeNames, SidedDirectionsAreNoHalves) {
  EXPECT_EQ(key("jawLeft"), "jawLeft");
  EXPECT_EQ(key("mouthRight"), "mouthRight");
  EXPECT_EQ(key("Mouth_Left"), "mouthLeft");
}

TEST(ShapeNames, HalvesOfWholeShapes) {
  EXPECT_EQ(key("browInnerUp_L"), "browInnerUp left");
  EXPECT_EQ(key("browInnerUp_R"), "browInnerUp right");
  EXPECT_EQ(key("BrowInnerUpLeft"), "browInnerUp left");
  EXPECT_EQ(key("cheekPuff_L"), "cheekPuff left");
  EXPECT_EQ(key("cheekPuffRight"), "cheekPuff right");
  EXPECT_EQ(key("mouthFunnel_R"), "mouthFunnel right");
  EXPECT_EQ(key("eyeBlinkLeft_L"), "eyeblinkleftleft");
}

TEST(ShapeNames, Angles) {
  const std::vector<std::string> expected{"headYaw",     "headPitch",   "headRoll",      "leftEyeYaw",  "leftEyePitch",
                                          "leftEyeRoll", "rightEyeYaw", "rightEyePitch", "rightEyeRoll"};
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(resolve_shape_name(expected[i]).angle, static_cast<int>(i));
    EXPECT_EQ(resolve_shape_name(live_link_names()[kNumArkitShapes + i]).angle, static_cast<int>(i));
    EXPECT_EQ(angle_names()[i], expected[i]);
  }
  EXPECT_EQ(resolve_shape_name("jawOpen").angle, -1);
}

TEST(ShapeNames, VrmBlinksAreOneShapeEach) {
  EXPECT_EQ(key("blinkLeft"), "eyeBlinkLeft");
  EXPECT_EQ(key("Blink_R"), "eyeBlinkRight");
  EXPECT_EQ(key("blink"), "blink");
  EXPECT_EQ(key("aa"), "aa");
}

TEST(ShapeNames, OtherNamesHaveANormalForm) {
  EXPECT_EQ(key("cheekRaiser_L"), key("CheekRaiserLeft"));
  EXPECT_EQ(key("cheekRaiserL"), key("cheek raiser left"));
  EXPECT_NE(key("cheekRaiser_L"), key("cheekRaiser_R"));
  EXPECT_EQ(key("pupil"), "pupil");
  EXPECT_EQ(key("mesh.Smirk"), "smirk");
  EXPECT_EQ(key("identity000"), "identity000");
  EXPECT_EQ(key("___"), "___");
  EXPECT_EQ(key("."), ".");
  EXPECT_EQ(key(""), "");
  EXPECT_EQ(key(".L"), "l");
}

TEST(ShapeNames, KeysAreUnique) {
  std::set<std::string> keys;
  for (const std::string& name : live_link_names()) EXPECT_TRUE(keys.insert(key(name)).second) << name;
  EXPECT_EQ(keys.size(), kNumArkitShapes + kNumAngles);
}

TEST(NearestNames, OrdersByEditDistance) {
  const std::vector<std::string> names{"mouthOpen", "jawLeft", "jawOpen", "jawForward"};
  EXPECT_EQ(nearest_names("JAWOPN", names, 2), (std::vector<std::string>{"jawOpen", "jawLeft"}));
  EXPECT_EQ(nearest_names("jaw_open", names, 1), std::vector<std::string>{"jawOpen"});
  EXPECT_EQ(nearest_names("x", {}, 3), std::vector<std::string>{});
  EXPECT_EQ(nearest_names("jawOpen", names, 9).size(), 4U);
  EXPECT_EQ(nearest_names(std::string(1'000'000, 'a'), names, 1).size(), 1U);
}

}  // namespace
}  // namespace bisque
