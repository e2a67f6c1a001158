// Ops that are not complete: each is rejected with the op and what was expected.
#include <bisque/core/ops/registration.h>

#include <gtest/gtest.h>

#include <bisque/core/error.h>

namespace bisque::op {
namespace {

const Kernel kernel([](uint64_t*, uint64_t, uint64_t) {});

constexpr const char* kSchema = "acme::blur(Tensor x, int radius) -> (Tensor y, Tensor sum)";
constexpr const char* kShapes = "x [N, D] -> y [N, D], sum [N]";

OpDeclaration good() { return {.schema = kSchema, .shapes = kShapes, .cpu = kernel, .meta = kernel}; }

void check(const OpDeclaration& op) {
  const Register first(op), cuda(CudaKernel{"acme::blur", kernel});
  check_registrations({&first, &cuda});
}

void expect_rejected(const OpDeclaration& op, const std::string& message) {
  try {
    check(op);
    FAIL() << "expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), message);
  }
}

TEST(Registration, CompleteOpsAreAccepted) {
  check(good());
  check({.schema = kSchema, .any = kernel});
  check({.schema = "acme::load(str path, int[] columns) -> Tensor[] tables", .any = kernel});
  const Register op([] {
    OpDeclaration with_gradient = good();
    with_gradient.backward = "acme::_blur_backward";
    return with_gradient;
  }());
  const Register backward(OpDeclaration{.schema = "acme::_blur_backward(Tensor grad_y) -> Tensor grad_x",
                                        .shapes = "grad_y [N, D] -> grad_x [N, D]",
                                        .cpu = kernel,
                                        .meta = kernel});
  check_registrations({&op, &backward});
}

TEST(Registration, MissingKernelsAreRejected) {
  OpDeclaration op = good();
  op.meta = {};
  expect_rejected(op, "acme::blur has no Meta kernel, expected one, since it has tensor arguments.");
  op = good();
  op.cpu = {};
  expect_rejected(op, "acme::blur has no CPU kernel, expected one, since it has tensor arguments.");
  expect_rejected({.schema = "acme::load(str path) -> Tensor y", .shapes = "-> y [N]", .cpu = kernel, .meta = kernel},
                  "acme::load has no tensor argument, expected the one kernel `any`, which no device decides on.");
}

TEST(Registration, WrongShapesAreRejected) {
  OpDeclaration op = good();
  op.shapes = nullptr;
  expect_rejected(op, "acme::blur has no shapes, expected those of its arguments and results.");
  op.shapes = "z [N, D] -> y [N, D], sum [N]";
  expect_rejected(op, "acme::blur: its shapes name z, expected a tensor argument of it.");
  op.shapes = "x [N, D], radius [N] -> y [N, D], sum [N]";
  expect_rejected(op, "acme::blur: its shapes name radius, expected a tensor argument of it.");
  op.shapes = "x [N, D] -> y [N, D]";
  expect_rejected(op, "acme::blur: its shapes have the results (y), expected (y, sum).");
  op.shapes = "x [N, D]";
  expect_rejected(op, "acme::blur: its shapes have the results (), expected (y, sum).");
}

TEST(Registration, AGradientThatIsNoOpIsRejected) {
  OpDeclaration op = good();
  op.backward = "acme::_blur_backwards";
  expect_rejected(
      op, "acme::blur: its gradient acme::_blur_backwards is not an op of this library, expected one of: acme::blur.");
}

}  // namespace
}  // namespace bisque::op
