// Op libraries with one kernel whose types are not those of its schema: `bad_case` is KEY_WHAT, where KEY is the kernel
// and WHAT the difference. Of cuda_name, the op of the kernel is given by its name alone.
#include <bisque/core/ops/glue.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>

extern const char* const bad_case;

namespace {

using bisque::op::CudaKernel;
using bisque::op::Kernel;
using bisque::op::OpDeclaration;
using bisque::op::Register;
using bisque::op::Tensor;
using OptionalTensor = std::optional<Tensor>;

constexpr const char* kSchema = "acme::other(Tensor x, Tensor? shift, bool flag=True) -> Tensor y";
constexpr const char* kShapes = "x [N], shift [N] -> y [N]";

Tensor good(const Tensor& x, const OptionalTensor&, bool) { return x; }
Tensor too_few(const Tensor& x, const OptionalTensor&) { return x; }
Tensor other_type(const Tensor& x, const OptionalTensor&, double) { return x; }
Tensor not_optional(const Tensor& x, const Tensor&, bool) { return x; }
std::tuple<Tensor, Tensor> two_results(const Tensor& x, const OptionalTensor&, bool) { return {x, x}; }
int64_t other_result(const Tensor&, const OptionalTensor&, bool) { return 0; }

std::unique_ptr<Register> registered() {
  const std::map<std::string, Kernel> kernels = {{"number", BISQUE_KERNEL(too_few)},
                                                 {"type", BISQUE_KERNEL(other_type)},
                                                 {"optional", BISQUE_KERNEL(not_optional)},
                                                 {"results", BISQUE_KERNEL(two_results)},
                                                 {"result_type", BISQUE_KERNEL(other_result)}};
  const std::string name = bad_case, key = name.substr(0, name.find('_'));
  if (name == "cuda_name") return std::make_unique<Register>(CudaKernel{"acme::other", BISQUE_KERNEL(good)});
  const Kernel bad = kernels.at(name.substr(name.find('_') + 1));
  if (key == "cuda") return std::make_unique<Register>(CudaKernel{kSchema, bad});
  OpDeclaration op{.schema = kSchema, .shapes = kShapes, .cpu = BISQUE_KERNEL(good), .meta = BISQUE_KERNEL(good)};
  std::map<std::string, Kernel*>{{"cpu", &op.cpu}, {"meta", &op.meta}, {"any", &op.any}, {"autograd", &op.composed}}.at(
      key)[0] = bad;
  return std::make_unique<Register>(op);
}

const std::unique_ptr<Register> entry = registered();

}  // namespace
