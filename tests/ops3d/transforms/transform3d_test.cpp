#include <bisque/ops3d/transforms/transform3d.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <cmath>
#include <limits>
#include <numbers>

#include <bisque/ops3d/transforms/random_rotations.h>
#include <bisque/ops3d/transforms/rotation_conversions.h>
#include <bisque/ops3d/transforms/se3.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;
using at::Tensor;

const at::TensorOptions kDouble = at::kDouble;

Tensor random(at::IntArrayRef sizes) { return at::randn(sizes, kDouble); }

void expect_same(const Tensor& got, const Tensor& expected, double atol = 1e-12) {
  ASSERT_EQ(got.sizes(), expected.sizes());
  ASSERT_EQ(got.scalar_type(), expected.scalar_type());
  EXPECT_TRUE(at::allclose(got, expected, 0, atol)) << got << expected;
}

void expect_identity(const Tensor& matrices) {
  expect_same(matrices, at::eye(4, matrices.options()).expand_as(matrices), 1e-9);
}

/// Any invertible matrices, also with a last column that is not [0, 0, 0, 1].
Transform3d any_transform(int64_t n) { return Transform3d(at::eye(4, kDouble) + 0.2 * random({n, 4, 4})); }

Tensor homogeneous(const Tensor& points) { return at::constant_pad_nd(points, {0, 1}, 1); }

class Transforms : public testing::Test {
 protected:
  void SetUp() override { at::manual_seed(0); }
};

TEST_F(Transforms, AreTheIdentityByDefault) {
  EXPECT_EQ(Transform3d().dtype(), at::kFloat);
  EXPECT_EQ(Transform3d().size(), 1);
  EXPECT_EQ(Transform3d(kDouble).dtype(), at::kDouble);
  EXPECT_EQ(Transform3d().device(), at::Device(at::kCPU));
  const Tensor points = at::randn({5, 3});
  EXPECT_TRUE(at::equal(Transform3d().transform_points(points), points));
  EXPECT_TRUE(at::equal(Transform3d().transform_normals(points), points));
}

TEST_F(Transforms, HaveTheMatricesOfTheirDefinition) {
  expect_same(
      Translate(1, 2, 3).get_matrix(),
      at::tensor({1.f, 0.f, 0.f, 0.f, 0.f, 1.f, 0.f, 0.f, 0.f, 0.f, 1.f, 0.f, 1.f, 2.f, 3.f, 1.f}).view({1, 4, 4}));
  expect_same(Scale(2, 3, 4, kDouble).get_matrix(), at::diag(at::tensor({2., 3., 4., 1.})).unsqueeze(0));
  expect_same(Scale(at::tensor({2., 3.})).get_matrix()[1], at::diag(at::tensor({3., 3., 3., 1.})));
  expect_same(Scale(at::tensor({2., 3., 4.}).view({1, 3})).get_matrix()[0], at::diag(at::tensor({2., 3., 4., 1.})));
  const Tensor R = random_rotation(kDouble);
  expect_same(Rotate(R).get_matrix()[0].narrow(0, 0, 3).narrow(1, 0, 3), R);
  const Tensor xyz = random({4, 3}), points = random({4, 6, 3});
  expect_same(Translate(xyz).transform_points(points), points + xyz.unsqueeze(1));
  expect_same(Scale(xyz).transform_points(points), points * xyz.unsqueeze(1));
  expect_same(Rotate(R).transform_points(points), points.matmul(R));
}

TEST_F(Transforms, TakeNumbersAndTensorsTogether) {
  const Tensor x = at::tensor({1., 2., 3.});
  const Translate mixed(x, 5, at::scalar_tensor(7, kDouble));
  EXPECT_EQ(mixed.dtype(), at::kDouble);
  expect_same(mixed.get_matrix().select(1, 3).narrow(1, 0, 3),
              at::stack({x, at::full({3}, 5, kDouble), at::full({3}, 7, kDouble)}, 1));
  EXPECT_EQ(Scale(2, 1, x).size(), 3);
  EXPECT_EQ(RotateAxisAngle(x).size(), 3);
  EXPECT_EQ(RotateAxisAngle(at::scalar_tensor(7, kDouble)).size(), 1);
}

TEST_F(Transforms, RotateAboutAnAxis) {
  const Tensor x = at::tensor({1., 0., 0.}).view({1, 3}), y = at::tensor({0., 1., 0.}).view({1, 3}),
               z = at::tensor({0., 0., 1.}).view({1, 3});
  const auto turned = [](char axis, const Tensor& v) {
    return RotateAxisAngle(90, axis, true, kDouble).transform_points(v);
  };
  expect_same(turned('X', y), z);
  expect_same(turned('Y', z), x);
  expect_same(turned('Z', x), y);
  expect_same(turned('z', x), y);
  const Tensor angles = random({5}), axes = at::stack({0 * angles, angles, 0 * angles}, 1);
  const RotateAxisAngle radians(angles, 'Y', /*degrees=*/false);
  expect_same(radians.get_matrix().narrow(1, 0, 3).narrow(2, 0, 3), axis_angle_to_matrix(axes).mT());
  expect_same(RotateAxisAngle(angles * (180 / std::numbers::pi), 'Y').get_matrix(), radians.get_matrix());
}

TEST_F(Transforms, AreComposedInOrder) {
  const Transform3d a = any_transform(4), b = any_transform(1), c = any_transform(4);
  const Tensor product = a.get_matrix().matmul(b.get_matrix()).matmul(c.get_matrix());
  expect_same(a.compose(b, c).get_matrix(), product);
  const Tensor points = random({6, 3});
  expect_same(Transform3d(kDouble).scale(2).translate(1, 0, 0).transform_points(points),
              2 * points + at::tensor({1., 0., 0.}));
  expect_same(Transform3d(kDouble).translate(1, 0, 0).scale(2).transform_points(points),
              2 * (points + at::tensor({1., 0., 0.})));
}

TEST_F(Transforms, ChainEachKind) {
  const Tensor R = random_rotations(3, kDouble), xyz = random({3, 3}), s = random({3});
  const Transform3d chained = Transform3d(kDouble)
                                  .rotate(R)
                                  .translate(xyz)
                                  .translate(1, 2, s)
                                  .scale(s)
                                  .scale(2, s, 3)
                                  .rotate_axis_angle(s, 'Z', false)
                                  .rotate_axis_angle(30);
  const Transform3d composed =
      Rotate(R).compose(Translate(xyz), Translate(at::ones({3}, kDouble), at::full({3}, 2, kDouble), s), Scale(s),
                        Scale(2, s, 3), RotateAxisAngle(s, 'Z', false), RotateAxisAngle(30, 'X', true, kDouble));
  expect_same(chained.get_matrix(), composed.get_matrix());
  expect_identity(chained.compose(chained.inverse()).get_matrix());
}

TEST_F(Transforms, AreInverted) {
  const Transform3d known = Rotate(random_rotations(4, kDouble)).translate(random({4, 3})).scale(random({4}) + 5);
  expect_same(known.inverse().get_matrix(), at::linalg_inv(known.get_matrix()), 1e-13);
  const Transform3d any = any_transform(4);
  expect_same(any.inverse().get_matrix(), at::linalg_inv(any.get_matrix()), 0);
  EXPECT_TRUE(at::equal(any.inverse().inverse().get_matrix(), any.get_matrix()));
  expect_identity(
      any.compose(known, any.inverse().compose(any).inverse(), known.inverse(), any.inverse()).get_matrix());
  EXPECT_TRUE(at::equal(Rotate(at::eye(3)).inverse().get_matrix(), at::eye(4).unsqueeze(0)));
  EXPECT_TRUE(Scale(0, 1, 1).inverse().get_matrix()[0][0][0].isinf().item<bool>());
}

TEST_F(Transforms, AreStackedAndIndexed) {
  const Transform3d a = any_transform(2), b = any_transform(3), rotation = Rotate(random_rotations(2, kDouble));
  const Transform3d all = a.stack(b, rotation);
  ASSERT_EQ(all.size(), 7);
  expect_same(all.get_matrix(), at::cat({a.get_matrix(), b.get_matrix(), rotation.get_matrix()}));
  expect_same(all.inverse().get_matrix(), at::linalg_inv(all.get_matrix()));
  const Transform3d rotations = Transform3d::cat({rotation, Translate(random({1, 3}))});
  expect_same(rotations.inverse().get_matrix(), at::linalg_inv(rotations.get_matrix()));
  expect_same(all[3].get_matrix(), b.get_matrix()[1].unsqueeze(0));
  expect_same(all[-7].get_matrix(), a.get_matrix()[0].unsqueeze(0));
  expect_same(rotations[2].inverse().get_matrix(), at::linalg_inv(rotations.get_matrix())[2].unsqueeze(0));
  expect_same(all[at::tensor({6, -1, 0}, at::kLong)].get_matrix(),
              all.get_matrix().index_select(0, at::tensor({6, 6, 0}, at::kLong)));
  const Tensor mask = at::arange(7) > 4;
  expect_same(all[mask].get_matrix(), rotation.get_matrix());
  EXPECT_EQ(all[at::zeros({0}, at::kLong)].size(), 0);
  expect_same(all.slice(1, -1, 2).get_matrix(), all.get_matrix().slice(0, 1, 6, 2));
  EXPECT_EQ(all.slice(std::nullopt, 3).size(), 3);
}

TEST_F(Transforms, MovePointsOfAnyBatch) {
  for (const int64_t n : {1, 3}) {
    const Transform3d transform = any_transform(n);
    for (const auto& points : {random({5, 3}), random({1, 5, 3}), random({3, 5, 3}), random({3, 0, 3})}) {
      const Tensor moved = homogeneous(points.dim() == 2 ? points.unsqueeze(0) : points).matmul(transform.get_matrix());
      const Tensor expected = moved.narrow(2, 0, 3) / moved.narrow(2, 3, 1);
      const Tensor got = transform.transform_points(points);
      EXPECT_EQ(got.dim(), n == 1 && points.dim() == 2 ? 2 : 3);
      expect_same(got, got.dim() == 2 ? expected[0] : expected, 1e-9);
    }
  }
  EXPECT_EQ(any_transform(0).transform_points(random({5, 3})).sizes(), (std::vector<int64_t>{0, 5, 3}));
}

TEST_F(Transforms, KeepPointsAtInfinityFiniteByEps) {
  Tensor matrix = at::eye(4, kDouble);
  matrix[2][3] = 1;
  matrix[3][3] = 0;  // w is z
  const Transform3d projection(matrix);
  const Tensor points = at::tensor({1., 1., 1e-9, 1., 1., -1e-9, 1., 1., 0., 1., 1., 4.}).view({4, 3});
  EXPECT_TRUE(projection.transform_points(points)[2].isinf().any().item<bool>());
  const Tensor x = projection.transform_points(points, 0.5).select(1, 0);
  expect_same(x, at::tensor({2., -2., 2., 0.25}));
  const Tensor nan = at::full({1, 3}, std::numeric_limits<double>::quiet_NaN(), kDouble);
  EXPECT_TRUE(projection.transform_points(nan, 0.5).isnan().all().item<bool>());
}

TEST_F(Transforms, KeepNormalsPerpendicular) {
  const Transform3d known = Scale(1, 2, 3, kDouble).rotate(random_rotations(2, kDouble)).translate(1, 2, 3);
  Tensor affine = random({2, 4, 4});
  affine.select(2, 3).copy_(at::tensor({0., 0., 0., 1.}));
  for (const Transform3d& transform : {known, Transform3d(affine)}) {
    const Tensor a = random({3}), b = random({3}), normal = at::linalg_cross(a, b).unsqueeze(0);
    const Tensor origin = transform.transform_points(at::zeros({1, 3}, kDouble));
    const Tensor moved = transform.transform_normals(normal);
    for (const Tensor& edge : {a, b}) {
      const Tensor along = transform.transform_points(edge.unsqueeze(0)) - origin;
      expect_same((along * moved).sum(-1), at::zeros({2, 1}, kDouble), 1e-10);
    }
    const Tensor linear = transform.get_matrix().narrow(1, 0, 3).narrow(2, 0, 3);
    expect_same(moved, normal.matmul(at::linalg_inv(linear).mT()), 1e-9);
  }
  EXPECT_EQ(Transform3d(kDouble).transform_normals(random({5, 3})).dim(), 2);
  EXPECT_EQ(known.transform_normals(random({5, 3})).dim(), 3);
}

TEST_F(Transforms, GiveTheirLogarithm) {
  const Tensor log = random({4, 6});
  expect_same(Transform3d(se3_exp_map(log)).get_se3_log(), log, 1e-10);
}

TEST_F(Transforms, AreDifferentiable) {
  const Tensor xyz = random({1, 3}).requires_grad_(), angle = random({}).requires_grad_(),
               s = (random({}) + 3).requires_grad_();
  const Transform3d transform = Transform3d(kDouble).scale(s).rotate_axis_angle(angle, 'Y', false).translate(xyz);
  const Tensor points = random({5, 3});
  const auto grads = torch::autograd::grad({transform.transform_points(points).sum()}, {xyz, angle, s}, {}, true);
  expect_same(grads[0], at::full({1, 3}, 5, kDouble));
  const Tensor sums = points.sum(0);
  const double x = sums[0].item<double>(), y = sums[1].item<double>(), z = sums[2].item<double>();
  const double cos = std::cos(angle.item<double>()), sin = std::sin(angle.item<double>());
  // x' = s (x cos + z sin), y' = s y, z' = s (z cos - x sin)
  expect_same(grads[1], s.detach() * (-x * sin + z * cos - z * sin - x * cos));
  expect_same(grads[2], at::scalar_tensor(x * cos + z * sin + y + z * cos - x * sin, kDouble));
  const auto inverse = torch::autograd::grad({transform.inverse().transform_points(points).sum()}, {s});
  const Tensor far =
      (points - xyz.detach())
          .matmul(RotateAxisAngle(angle.detach(), 'Y', false).get_matrix()[0].narrow(0, 0, 3).narrow(1, 0, 3).t());
  expect_same(inverse[0], -far.sum() / s.detach().square(), 1e-10);
}

TEST_F(Transforms, AreConvertedAndCloned) {
  const Transform3d transform = Rotate(random_rotations(2)).translate(1, 2, 3);
  const Transform3d as_double = transform.to(at::kDouble);
  EXPECT_EQ(as_double.dtype(), at::kDouble);
  EXPECT_EQ(as_double.inverse().dtype(), at::kDouble);
  EXPECT_EQ(transform.to(at::Device(at::kCPU), at::kDouble).dtype(), at::kDouble);
  EXPECT_TRUE(at::equal(transform.cpu().get_matrix(), transform.get_matrix()));
  const Transform3d meta = transform.to(at::Device(at::kMeta));
  EXPECT_TRUE(meta.device().is_meta());
  const Transform3d copy = transform, clone = transform.clone();
  EXPECT_TRUE(copy.get_matrix().is_same(transform.get_matrix()));
  EXPECT_FALSE(clone.get_matrix().is_alias_of(transform.get_matrix()));
  EXPECT_TRUE(at::equal(clone.get_matrix(), transform.get_matrix()));
}

TEST_F(Transforms, SayWhatIsWrong) {
  const Transform3d two = any_transform(2), three = any_transform(3);
  EXPECT_EQ(error_of([] { Transform3d(at::eye(3)); }),
            "Transform3d: expected matrix to have shape [..., 4, 4], but got [3, 3].");
  EXPECT_EQ(error_of([] {
              Transform3d(at::zeros({2, 2, 4, 4}));
            }),
            "Transform3d: expected matrix to be [4, 4] or [N, 4, 4], but got [2, 2, 4, 4].");
  EXPECT_EQ(error_of([] { Transform3d(at::eye(4, at::kLong)); }),
            "Transform3d: expected matrix to be of floating point, but got long int.");
  EXPECT_EQ(error_of([&] { two.compose(three); }),
            "Transform3d.compose: expected batches that are equal or 1, but got [2, 4, 4] and [3, 4, 4].");
  EXPECT_EQ(error_of([&] { two.compose(Translate(1, 2, 3)); }),
            "Transform3d.compose: expected one dtype and device, but got double on cpu and float on cpu.");
  EXPECT_EQ(error_of([&] { two.stack(Translate(1, 2, 3)); }),
            "Transform3d.cat: expected one dtype and device, but got double on cpu and float on cpu.");
  EXPECT_EQ(error_of([] { Transform3d::cat({}); }), "Transform3d.cat: expected one transform or more, but got none.");
  EXPECT_EQ(error_of([&] {
              two.stack(Transform3d(at::zeros({1, 4, 4}, kDouble))).inverse();
            }),
            "Transform3d.inverse: expected an invertible matrix, but that of transform 2 is singular.");
  EXPECT_EQ(error_of([&] {
              Transform3d(at::zeros({4, 4})).transform_normals(at::zeros({1, 3}));
            }),
            "Transform3d.transform_normals: expected an invertible matrix, but that of transform 0 is singular.");
  EXPECT_EQ(error_of([&] {
              two.transform_points(random({5, 2}));
            }),
            "Transform3d.transform_points: expected points to have shape [..., 3], but got [5, 2].");
  EXPECT_EQ(error_of([&] { two.transform_points(random({3})); }),
            "Transform3d.transform_points: expected points to be [P, 3] or [N, P, 3], but got [3].");
  EXPECT_EQ(error_of([&] {
              two.transform_points(random({3, 5, 3}));
            }),
            "Transform3d.transform_points: expected batches that are equal or 1, but got [2, 4, 4] and [3, 5, 3].");
  EXPECT_EQ(error_of([&] {
              two.transform_points(at::zeros({5, 3}));
            }),
            "Transform3d.transform_points: expected one dtype and device, but got double on cpu and float on cpu.");
  EXPECT_EQ(error_of([&] {
              two.transform_normals(random({1, 1, 5, 3}));
            }),
            "Transform3d.transform_normals: expected normals to be [P, 3] or [N, P, 3], but got [1, 1, 5, 3].");
}

TEST_F(Transforms, SayWhichIndexIsWrong) {
  const Transform3d two = any_transform(2);
  EXPECT_EQ(error_of([&] { two[2]; }), "Transform3d: expected an index in [-2, 2), but got 2.");
  EXPECT_EQ(error_of([&] { two[-3]; }), "Transform3d: expected an index in [-2, 2), but got -3.");
  EXPECT_EQ(error_of([&] {
              two[at::tensor({0, 5}, at::kLong)];
            }),
            "Transform3d: expected indices in [-2, 2), but they go from 0 to 5.");
  EXPECT_EQ(error_of([&] { two[at::ones({3}, at::kBool)]; }),
            "Transform3d: expected indices to be int64 [K] or bool [2], but got bool [3].");
  EXPECT_EQ(error_of([&] { two[at::ones({2})]; }),
            "Transform3d: expected indices to be int64 [K] or bool [2], but got float [2].");
  EXPECT_EQ(error_of([&] { two.slice(0, 2, 0); }), "Transform3d.slice: expected a step of 1 or more, but got 0.");
}

TEST_F(Transforms, SayWhatIsWrongWithTheirParts) {
  EXPECT_EQ(error_of([] { Translate(at::zeros({3})); }), "Translate: expected xyz to be [N, 3], but got [3].");
  EXPECT_EQ(error_of([] {
              Translate(at::zeros({2, 2}));
            }),
            "Translate: expected xyz to have shape [..., 3], but got [2, 2].");
  EXPECT_EQ(error_of([] { Translate(at::zeros({2}), at::zeros({3}), 1); }),
            "Translate: expected batches that are equal or 1, but got [2] and [3].");
  EXPECT_EQ(error_of([] { Scale(at::zeros({2, 2})); }), "Scale: expected s to have shape [..., 3], but got [2, 2].");
  EXPECT_EQ(error_of([] {
              Scale(at::zeros({2, 2, 3}));
            }),
            "Scale: expected a tensor of numbers to be [N] or [], but got [2, 2, 3].");
  EXPECT_EQ(error_of([] { RotateAxisAngle(90, 'W'); }),
            "RotateAxisAngle: expected the axis to be X, Y or Z, but got 'W'.");
  EXPECT_EQ(error_of([] { RotateAxisAngle(at::zeros({2}, at::kInt)); }),
            "RotateAxisAngle: expected a tensor to be of floating point, but got int.");
  EXPECT_EQ(error_of([] {
              Rotate(at::zeros({2, 2, 3, 3}));
            }),
            "Rotate: expected R to be [3, 3] or [N, 3, 3], but got [2, 2, 3, 3].");
  const Tensor wrong = at::stack({at::eye(3), 1.001 * at::eye(3)});
  EXPECT_EQ(error_of([&] { Rotate{wrong}; }),
            "Rotate: expected R to be a rotation within 1e-05, but matrix 1 is not; pass a larger orthogonal_tol to "
            "accept it.");
  EXPECT_NE(error_of([&] { Transform3d().rotate(wrong); }), "");
  EXPECT_EQ(Rotate(wrong, 0.01).size(), 2);
  EXPECT_EQ(Rotate(5 * wrong, std::numeric_limits<double>::infinity()).size(), 2);
}

TEST(RandomRotations, AreDrawnFromAGenerator) {
  at::Generator generator = at::detail::createCPUGenerator(7);
  const Tensor first = random_quaternions(5, kDouble, generator);
  generator.set_current_seed(7);
  expect_same(random_rotations(5, kDouble, generator), quaternion_to_matrix(first));
  at::manual_seed(3);
  const Tensor one = random_rotation();
  EXPECT_EQ(one.sizes(), (std::vector<int64_t>{3, 3}));
  EXPECT_EQ(one.scalar_type(), at::kFloat);
  at::manual_seed(3);
  EXPECT_TRUE(at::equal(random_rotation(), one));
  EXPECT_EQ(random_rotations(0).sizes(), (std::vector<int64_t>{0, 3, 3}));
  EXPECT_EQ(error_of([] { random_rotations(-1); }), "random_rotations: expected n to be 0 or more, but got -1.");
}

}  // namespace
}  // namespace bisque
