#include <bisque/core/ops/group_norm/group_norm.h>

#include "core/ops/norm_bench.h"

namespace bisque::bench {
namespace {

using Call = std::function<void()>;

Call ours(NormInputs inputs, int64_t groups) {
  return [in = std::move(inputs), groups] { group_norm(in.x, in.weight, in.bias, groups, 1e-5); };
}

Call libtorchs(NormInputs inputs, int64_t groups) {
  return [in = std::move(inputs), groups] { at::group_norm(in.x, groups, in.weight, in.bias, 1e-5, false); };
}

Call libtorchs_instances(NormInputs inputs) {
  return [in = std::move(inputs)] { at::instance_norm(in.x, in.weight, in.bias, {}, {}, true, 0.1, 1e-5, false); };
}

const Bench groups(
    {.name = "groupnorm_forward",
     .work = "group norm of 32 x 64 x 56 x 56 in 32 groups",
     .peer = "libtorch group_norm"},
    [] { return ours(pictures(), 32); }, [] { return libtorchs(pictures(), 32); });

const Bench instances(
    {.name = "instancenorm2d_forward", .work = "instance norm of 32 x 64 x 56 x 56", .peer = "libtorch instance_norm"},
    [] { return ours(pictures(), 64); }, [] { return libtorchs_instances(pictures()); });

Call groups_of(int64_t bytes) { return ours(pictures_of(bytes), 8); }
Call libtorchs_groups_of(int64_t bytes) { return libtorchs(pictures_of(bytes), 8); }
BISQUE_NORM_SWEEP("groupnorm", groups_of, libtorchs_groups_of)

}  // namespace
}  // namespace bisque::bench
