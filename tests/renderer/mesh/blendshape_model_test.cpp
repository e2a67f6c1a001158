#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <cmath>

#include <bisque/core/error.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/models/demo_head.h>
#include <bisque/tests/renderer/models/figure.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

/// Two shapes, their product's corrective, eyeLook, and an octahedron as left eyeball about (3, 1, 2).
BlendshapeData small_model() {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  for (int axis = 0; axis < 3; ++axis) {
    for (float side : {-1.0f, 1.0f}) {
      float p[3] = {3, 1, 2};
      p[axis] += side;
      mesh.verts.insert(mesh.verts.end(), p, p + 3);
    }
  }
  mesh.faces = {0, 1, 2, 3, 5, 7, 4, 6, 8};
  mesh.group_names = {"M_Face", "M_IrisLeft"};
  mesh.face_groups = {0, 1, 1};
  mesh.morphs = {{"a", {0, 1}, {1, 0, 0, 0, 2, 0}},
                 {"b", {1}, {0, 0, 3}},
                 {"a_b", {2}, {0, 0, 10}},
                 {"eyeLookOut_L", {4}, {0.5f, 0, 0}}};
  BlendshapeData model = make_blendshapes(std::move(mesh));
  model.correctives = {{2, {0, 1}}};
  return model;
}

TEST(BlendshapeModel, AddsDeltasAndProductsOfFactors) {
  const BlendshapeModel model(small_model());
  const auto verts = model.forward(at::tensor({0.5f, 0.25f, 99.f, 0.f}).view({1, 4}))[0];
  EXPECT_TRUE(at::allclose(verts[0], at::tensor({0.5f, 0.f, 0.f})));
  EXPECT_TRUE(at::allclose(verts[1], at::tensor({1.f, 1.f, 0.75f})));
  EXPECT_TRUE(at::allclose(verts[2], at::tensor({0.f, 1.f, 1.25f}))) << "0.5 * 0.25 * 10, whatever its own column says";
}

TEST(BlendshapeModel, ManyFramesAreEachLikeOne) {
  const BlendshapeModel model(small_model());
  at::manual_seed(0);
  const auto coefficients = at::rand({5, 4});
  const auto all = model.forward(coefficients);
  for (int64_t i = 0; i < 5; ++i) EXPECT_TRUE(at::equal(all[i], model.forward(coefficients.slice(0, i, i + 1))[0]));
}

TEST(BlendshapeModel, EyeTurnsAboutItsCenterAndNotTwice) {
  const BlendshapeModel model(small_model());
  ASSERT_TRUE(model.has_eyeball(Side::kLeft));
  EXPECT_FALSE(model.has_eyeball(Side::kRight));
  const auto coefficients = at::tensor({0.f, 0.f, 0.f, 1.f}).view({1, 4});
  EXPECT_NEAR(model.forward(coefficients)[0][4][0].item<float>(), 4.5f, 1e-6) << "without a pose the shape moves it";
  Pose pose;
  pose.left_eye = at::tensor({static_cast<float>(M_PI / 2), 0.f, 0.f}).view({1, 3});
  const auto turned = model.forward(coefficients, pose)[0];
  // Yaw is positive towards the subject's right, -X: what looked along +Z looks along -X.
  EXPECT_TRUE(at::allclose(turned[8], at::tensor({2.f, 1.f, 2.f}), 1e-5, 1e-5));
  EXPECT_TRUE(at::allclose(turned[6], at::tensor({3.f, 2.f, 2.f}), 1e-5, 1e-5)) << "the pole stays";
  EXPECT_TRUE(at::allclose(turned[1], at::tensor({1.f, 0.f, 0.f}))) << "the face stays";
}

TEST(BlendshapeModel, EyeLookTurnsAnEyeballThatItsShapesLeaveAlone) {
  BlendshapeData data = small_model();
  MeshData mesh;
  mesh.verts.assign(data.neutral.begin(), data.neutral.end());
  mesh.faces.assign(data.faces.begin(), data.faces.end());
  mesh.group_names = data.group_names;
  mesh.face_groups.assign(data.face_groups.begin(), data.face_groups.end());
  mesh.morphs = {
      {"eyeLookOut_L", {0}, {1, 0, 0}}, {"EyeLookDownLeft", {0}, {0, 1, 0}}, {"eyeLookUp_R", {0}, {0, 0, 1}}};
  const BlendshapeModel model(make_blendshapes(std::move(mesh)));
  const auto look = [&](float out, float down, float right) {
    return model.forward(at::tensor({out, down, right}).view({1, 3}))[0][8];  // the front of the eyeball, (3, 1, 3)
  };
  EXPECT_TRUE(at::allclose(look(0, 0, 1), at::tensor({3.f, 1.f, 3.f})));
  EXPECT_TRUE(at::allclose(look(1, 0, 0), at::tensor({3 + std::sin(0.61f), 1.f, 2 + std::cos(0.61f)}), 1e-5, 1e-5));
  EXPECT_TRUE(at::allclose(look(0, 1, 0), at::tensor({3.f, 1 - std::sin(0.61f), 2 + std::cos(0.61f)}), 1e-5, 1e-5));
}

TEST(BlendshapeModel, HiddenGroupsAreNotDrawnAndTurnAllTheSame) {
  const BlendshapeModel whole(small_model()), hidden(small_model(), {"M_IrisLeft"});
  EXPECT_EQ(hidden.faces.size(0), 1);
  EXPECT_TRUE(hidden.has_eyeball(Side::kLeft));
  Pose pose;
  pose.left_eye = at::tensor({0.3f, 0.1f, 0.f}).view({1, 3});
  EXPECT_TRUE(at::equal(hidden.forward(at::zeros({1, 4}), pose), whole.forward(at::zeros({1, 4}), pose)));
}

TEST(BlendshapeModel, HeadTurnsAboutTheMiddle) {
  const BlendshapeModel model(small_model());
  Pose pose;
  pose.head = at::tensor({0.3f, -0.2f, 0.1f}).view({1, 3});
  const auto rest = model.forward(at::zeros({1, 4}))[0], turned = model.forward(at::zeros({1, 4}), pose)[0];
  EXPECT_TRUE(at::allclose(at::cdist(rest, rest), at::cdist(turned, turned), 1e-4, 1e-4)) << "rigid";
  const auto middle = (rest.amin(0) + rest.amax(0)) / 2;
  EXPECT_TRUE(at::allclose((rest - middle).norm(2, 1), (turned - middle).norm(2, 1), 1e-4, 1e-4));
}

TEST(BlendshapeModel, VerticesThatNoFaceUsesNeitherMoveThePivotNorTheFrame) {
  BlendshapeData data = small_model();
  std::vector<float> verts(data.neutral.begin(), data.neutral.end());
  verts.insert(verts.end(), {1000, -50, 7});
  std::vector<int64_t> first(data.vert_offsets.begin(), data.vert_offsets.end());
  first.push_back(first.back());
  data.neutral = verts;
  data.vert_offsets = first;
  const BlendshapeModel model(data), expected(small_model());
  EXPECT_TRUE(at::equal(model.framed_verts(), expected.neutral));
  Pose pose;
  pose.head = at::tensor({0.3f, -0.2f, 0.1f}).view({1, 3});
  EXPECT_TRUE(at::equal(model.forward(at::zeros({1, 4}), pose)[0].slice(0, 0, -1),
                        expected.forward(at::zeros({1, 4}), pose)[0]));
}

/// The rows of the figure's neutral whose y is in a range.
at::Tensor rows_between(const BlendshapeModel& model, double low, double high) {
  const auto y = model.neutral.select(1, 1);
  return (y >= low).logical_and(y <= high).nonzero().squeeze(1);
}

TEST(BlendshapeModel, TheHeadOfAFigureTurnsAndItsBodyStays) {
  for (const bool with_skeleton : {false, true}) {
    const BlendshapeModel model(make_blendshapes(model_test::figure(with_skeleton)));
    Pose pose;
    pose.head = at::tensor({0.4f, 0.1f, -0.2f}).view({1, 3});
    const auto coefficients = at::zeros({1, 3});
    const auto rest = model.forward(coefficients)[0], turned = model.forward(coefficients, pose)[0];
    const auto body = rows_between(model, 0, 1.37);
    EXPECT_TRUE(at::equal(turned.index_select(0, body), rest.index_select(0, body)));
    // The head is rigid: distances stay, and so does the one to the pivot.
    const auto& p = model.head().pivot;
    const auto pivot = at::tensor({p[0], p[1], p[2]}).unsqueeze(0);
    const auto head = (rest.select(1, 0).abs() < 0.2).logical_and(rest.select(1, 1) > 1.61).nonzero().squeeze(1);
    ASSERT_GT(head.size(0), 100);
    const auto before = at::cat({rest.index_select(0, head), pivot}),
               after = at::cat({turned.index_select(0, head), pivot});
    EXPECT_TRUE(at::allclose(at::cdist(before.to(at::kDouble), before.to(at::kDouble)),
                             at::cdist(after.to(at::kDouble), after.to(at::kDouble)), 1e-3, 1e-5));
    EXPECT_GT((after - before).abs().max().item<double>(), 0.03);
    const auto hands = (rest.select(1, 0).abs() > 0.4).nonzero().squeeze(1);
    EXPECT_TRUE(at::equal(turned.index_select(0, hands), rest.index_select(0, hands)));
    // No vertex moves farther than those that follow as a whole.
    EXPECT_LE((turned - rest).norm(2, 1).max().item<double>(), (after - before).norm(2, 1).max().item<double>() + 1e-6);
  }
}

TEST(BlendshapeModel, AVertexFollowsByItsWeight) {
  MeshData mesh = model_test::figure(true);
  for (float& weight : mesh.head_weights) weight = weight == 0.5f ? 0.25f : weight;
  const BlendshapeModel model(make_blendshapes(mesh));
  const auto quarter = at::tensor(mesh.head_weights).eq(0.25).nonzero().squeeze(1);
  ASSERT_GT(quarter.size(0), 10);
  Pose pose;
  pose.head = at::tensor({0.5f, 0.f, 0.f}).view({1, 3});
  const auto rest = model.neutral.index_select(0, quarter);
  const auto pivot = at::tensor({0.f, 1.48f, 0.f});
  const auto turned = at::matmul(rest - pivot, pose_rotation(pose.head)[0]) + pivot;
  EXPECT_TRUE(at::allclose(model.forward(at::zeros({1, 3}), pose)[0].index_select(0, quarter),
                           rest + 0.25 * (turned - rest), 1e-5, 1e-6));
}

TEST(BlendshapeModel, TheTurnOfAHeadHasGradients) {
  for (const bool with_skeleton : {false, true}) {
    const BlendshapeModel model(make_blendshapes(model_test::figure(with_skeleton)));
    at::manual_seed(5);
    const auto direction = at::randn({model.neutral.size(0), 3});
    const auto value = [&](const at::Tensor& angles, const at::Tensor& coefficients) {
      Pose pose;
      pose.head = angles;
      return (model.forward(coefficients, pose)[0] * direction).sum();
    };
    const auto angles = at::tensor({0.2f, -0.1f, 0.3f}).view({1, 3}).requires_grad_();
    const auto coefficients = at::full({1, 3}, 0.5f).requires_grad_();
    value(angles, coefficients).backward();
    for (int64_t k = 0; k < 3; ++k) {
      const c10::AutoGradMode no_gradients(false);
      const auto step = at::zeros({1, 3});
      step[0][k] = 1e-2f;
      const auto slope = [&](const at::Tensor& in_angles, const at::Tensor& in_coefficients) {
        const auto up = value(angles + in_angles, coefficients + in_coefficients);
        const auto down = value(angles - in_angles, coefficients - in_coefficients);
        return ((up - down) / 2e-2).item<double>();
      };
      EXPECT_NEAR(angles.grad()[0][k].item<double>(), slope(step, at::zeros({1, 3})), 2e-3);
      EXPECT_NEAR(coefficients.grad()[0][k].item<double>(), slope(at::zeros({1, 3}), step), 2e-3);
    }
  }
}

TEST(BlendshapeModel, FramesTheHeadOfAFigureOrAll) {
  const BlendshapeModel model(make_blendshapes(model_test::figure(false)));
  const auto head = model.framed_verts(), all = model.framed_verts(FramedPart::kAll);
  EXPECT_TRUE(at::equal(all, model.neutral));
  EXPECT_TRUE(at::equal(head, model.framed_verts(FramedPart::kHead)));
  const auto low = head.amin(0), high = head.amax(0);
  EXPECT_GT(low[1].item<float>(), 1.38f);
  EXPECT_EQ(high[1].item<float>(), model_test::kFigureHeight);
  EXPECT_LT(head.select(1, 0).abs().max().item<float>(), 0.2f) << "no hands";
  const BlendshapeModel demo(make_blendshapes(make_demo_head()));
  EXPECT_TRUE(at::equal(demo.framed_verts(), demo.neutral));
  MeshData still = model_test::figure(false);
  still.morphs.clear();
  const BlendshapeModel unknown(make_blendshapes(still));
  EXPECT_TRUE(at::equal(unknown.framed_verts(), unknown.neutral));
  EXPECT_EQ(
      test::error_of([&] { unknown.framed_verts(FramedPart::kHead); }),
      "BlendshapeModel: the head cannot be framed, as no shape moves a vertex and the model has no head weights.");
}

TEST(PoseRotation, SignsAreThoseOfLiveLink) {
  const auto turned = [](float yaw, float pitch, float roll, std::initializer_list<float> v) {
    return at::matmul(at::tensor(std::vector<float>(v)), pose_rotation(at::tensor({yaw, pitch, roll}).view({1, 3}))[0]);
  };
  EXPECT_LT(turned(0.2f, 0, 0, {0, 0, 1})[0].item<float>(), 0) << "yaw: looks to the subject's right";
  EXPECT_LT(turned(0, 0.2f, 0, {0, 0, 1})[1].item<float>(), 0) << "pitch: looks down";
  EXPECT_GT(turned(0, 0, 0.2f, {0, 1, 0})[0].item<float>(), 0) << "roll: the crown goes to the subject's left";
  const auto r = pose_rotation(at::tensor({0.4f, 0.5f, 0.6f}).view({1, 3}))[0];
  EXPECT_TRUE(at::allclose(at::matmul(r, r.t()), at::eye(3), 1e-5, 1e-6));
  EXPECT_NEAR(at::linalg_det(r).item<float>(), 1, 1e-5);
  const auto one = [&](float y, float p, float o) { return pose_rotation(at::tensor({y, p, o}).view({1, 3}))[0]; };
  EXPECT_TRUE(at::allclose(r, at::matmul(at::matmul(one(0, 0, 0.6f), one(0, 0.5f, 0)), one(0.4f, 0, 0)), 1e-5, 1e-6));
}

TEST(BlendshapeModel, RejectsOtherShapes) {
  const BlendshapeModel model(small_model());
  EXPECT_THROW(model.forward(at::zeros({1, 3})), Error);
  EXPECT_THROW(model.forward(at::zeros({4})), Error);
  Pose pose;
  pose.head = at::zeros({3});
  EXPECT_THROW(model.forward(at::zeros({1, 4}), pose), Error);
}

TEST(BlendshapeModel, NoVertsNoShapes) {
  const BlendshapeModel model(make_blendshapes({}));
  EXPECT_EQ(model.forward(at::zeros({2, 0})).sizes(), (at::IntArrayRef{2, 0, 3}));
}

}  // namespace
}  // namespace bisque
