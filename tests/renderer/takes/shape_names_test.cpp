#include <bisque/renderer/takes/shape_names.h>

#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include <bisque/tests/renderer/takes/take_test_util.h>

namespace bisque {
namespace {

std::string key(std::string_view name) {
  const ShapeName resolved = resolve_shape_name(name);
  const char* half = resolved.half == ShapeHalf::kWhole ? "" : resolved.half == ShapeHalf::kLeft ? " left" : " right";
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

TEST(ShapeNames, Reallusion) {
  // The list of Character Creator, in its own order and words.
  constexpr const char* kShapes[] = {"Brow_Inner_Up",
                                     "Brow_Down_Left",
                                     "Brow_Down_Right",
                                     "Brow_Outer_Up_Left",
                                     "Brow_Outer_Up_Right",
                                     "Eye_Look_Up_Left",
                                     "Eye_Look_Up_Right",
                                     "Eye_Look_Down_Left",
                                     "Eye_Look_Down_Right",
                                     "Eye_Look_Out_Left",
                                     "Eye_Look_In_Left",
                                     "Eye_Look_In_Right",
                                     "Eye_Look_Out_Right",
                                     "Eye_Blink_Left",
                                     "Eye_Blink_Right",
                                     "Eye_Squint_Left",
                                     "Eye_Squint_Right",
                                     "Eye_Wide_Left",
                                     "Eye_Wide_Right",
                                     "Cheek_Puff",
                                     "Cheek_Squint_Left",
                                     "Cheek_Squint_Right",
                                     "Nose_Sneer_Left",
                                     "Nose_Sneer_Right",
                                     "Jaw_Open",
                                     "Jaw_Forward",
                                     "Jaw_Left",
                                     "Jaw_Right",
                                     "Mouth_Funnel",
                                     "Mouth_Pucker",
                                     "Mouth_Left",
                                     "Mouth_Right",
                                     "Mouth_Roll_Upper",
                                     "Mouth_Roll_Lower",
                                     "Mouth_Shrug_Upper",
                                     "Mouth_Shrug_Lower",
                                     "Mouth_Close",
                                     "Mouth_Smile_Left",
                                     "Mouth_Smile_Right",
                                     "Mouth_Frown_Left",
                                     "Mouth_Frown_Right",
                                     "Mouth_Dimple_Left",
                                     "Mouth_Dimple_Right",
                                     "Mouth_Upper_Up_Left",
                                     "Mouth_Upper_Up_Right",
                                     "Mouth_Lower_Down_Left",
                                     "Mouth_Lower_Down_Right",
                                     "Mouth_Press_Left",
                                     "Mouth_Press_Right",
                                     "Mouth_Stretch_Left",
                                     "Mouth_Stretch_Right",
                                     "Tongue_Out"};
  std::set<std::string> keys;
  for (size_t i = 0; i < std::size(kShapes); ++i) {
    const std::string number = (i < 9 ? "A0" : "A") + std::to_string(i + 1);
    const std::string name = number + "_" + kShapes[i];
    EXPECT_TRUE(is_known_name(name)) << name;
    EXPECT_EQ(key(name), key(kShapes[i]));
    EXPECT_EQ(key("CC_Base_Body." + name), key(kShapes[i]));
    keys.insert(key(name));
  }
  EXPECT_EQ(keys.size(), kNumArkitShapes);
  EXPECT_EQ(key("A25_Smirk"), "a25smirk");
  EXPECT_EQ(key("Brow_Drop_L"), "browDownLeft");
  EXPECT_EQ(key("Brow_Raise_Inner_R"), "browInnerUp right");
  EXPECT_EQ(key("Brow_Raise_Outer_L"), "browOuterUpLeft");
  EXPECT_EQ(key("Cheek_Raise_R"), "cheekSquintRight");
  EXPECT_EQ(key("Mouth_Up_Upper_L"), "mouthUpperUpLeft");
  EXPECT_EQ(key("Mouth_Down_Lower_R"), "mouthLowerDownRight");
  EXPECT_EQ(key("Mouth_Roll_In_Upper_L"), "mouthRollUpper left");
  EXPECT_EQ(key("Eye_L_Look_L"), "eyeLookOutLeft");
  EXPECT_EQ(key("Eye_L_Look_R"), "eyeLookInLeft");
  EXPECT_EQ(key("Eye_R_Look_L"), "eyeLookInRight");
  EXPECT_EQ(key("Eye_R_Look_Down"), "eyeLookDownRight");
}

TEST(ShapeNames, Vrm) {
  for (const char* name : {"Blink_L", "BlinkLeft", "blinkLeft", "blink_l", "Face.M_F00_000_00_Fcl_EYE_Close_L"}) {
    EXPECT_EQ(key(name), "eyeBlinkLeft") << name;
  }
  for (const char* mixture : {"blink", "lookUp", "lookLeft", "aa", "A", "Joy", "Fcl_EYE_Close", "Fcl_MTH_A"}) {
    EXPECT_FALSE(is_known_name(mixture)) << mixture;
  }
}

TEST(ShapeNames, MetaHuman) {
  const std::vector<std::pair<std::string, std::string>> cases{{"eyeBlinkL", "eyeBlinkLeft"},
                                                               {"eyeWidenR", "eyeWideRight"},
                                                               {"eyeSquintInnerL", "eyeSquintLeft"},
                                                               {"eyeCheekRaiseR", "cheekSquintRight"},
                                                               {"eyeLookUpL", "eyeLookUpLeft"},
                                                               {"eyeLookLeftL", "eyeLookOutLeft"},
                                                               {"eyeLookRightL", "eyeLookInLeft"},
                                                               {"eyeLookLeftR", "eyeLookInRight"},
                                                               {"eyeLookRightR", "eyeLookOutRight"},
                                                               {"browDownR", "browDownRight"},
                                                               {"browRaiseInL", "browInnerUp left"},
                                                               {"browRaiseOuterR", "browOuterUpRight"},
                                                               {"noseWrinkleL", "noseSneerLeft"},
                                                               {"jawOpen", "jawOpen"},
                                                               {"jawFwd", "jawForward"},
                                                               {"jawLeft", "jawLeft"},
                                                               {"jawChinRaiseDL", "mouthShrugLower left"},
                                                               {"jawChinRaiseUR", "mouthShrugUpper right"},
                                                               {"mouthLeft", "mouthLeft"},
                                                               {"mouthCornerPullL", "mouthSmileLeft"},
                                                               {"mouthCornerDepressR", "mouthFrownRight"},
                                                               {"mouthDimpleL", "mouthDimpleLeft"},
                                                               {"mouthStretchR", "mouthStretchRight"},
                                                               {"mouthUpperLipRaiseL", "mouthUpperUpLeft"},
                                                               {"mouthLowerLipDepressR", "mouthLowerDownRight"},
                                                               {"mouthLipsPressL", "mouthPressLeft"},
                                                               {"mouthCheekBlowR", "cheekPuff right"},
                                                               {"mouthUpperLipRollInL", "mouthRollUpper left"},
                                                               {"tongueOut", "tongueOut"}};
  for (const auto& [name, expected] : cases) {
    EXPECT_EQ(key("CTRL_expressions_" + name), expected) << name;
    EXPECT_EQ(key("CTRL_expressions." + name), expected) << name;
    EXPECT_EQ(key("ctrl_expressions_" + name), expected) << name;
  }
  EXPECT_EQ(key("CTRL_L_eye_blink.ty"), "eyeBlinkLeft");
  EXPECT_EQ(key("CTRL_R_mouth_cornerPull_ty"), "mouthSmileRight");
  EXPECT_EQ(key("CTRL_C_jaw.ty"), "jawOpen");
  for (const char* mixture : {"CTRL_expressions_mouthFunnelUL", "CTRL_C_jaw.tx", "CTRL_L_eye.tx", "CTRL_"}) {
    EXPECT_FALSE(is_known_name(mixture)) << mixture;
  }
}

TEST(ShapeNames, ArkitSpellings) {
  for (const char* name : {"eyeBlinkLeft", "EyeBlinkLeft", "JAWOPEN", "headYaw"}) EXPECT_TRUE(is_arkit_spelling(name));
  for (const char* name : {"eyeBlink_L", "Blink_L", "jaw_open", "x"}) EXPECT_FALSE(is_arkit_spelling(name));
}

TEST(ShapeNames, AnObjectOfAnglesBeforeTheDot) {
  EXPECT_EQ(resolve_shape_name("head.yaw").angle, 0);
  EXPECT_EQ(resolve_shape_name("leftEye.pitch").angle, 4);
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
