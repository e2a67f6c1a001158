#include <bisque/core/ops/row_norm/row_norm.h>

#include "core/ops/norm_bench.h"

namespace bisque::bench {
namespace {

using Call = std::function<void()>;

Call ours(NormInputs inputs, bool center = true) {
  return [in = std::move(inputs), center] {
    row_norm(in.x, in.weight, center ? std::optional(in.bias) : std::nullopt, in.x.size(1), 1e-5, center);
  };
}

Call libtorchs(NormInputs inputs) {
  return [in = std::move(inputs)] { at::layer_norm(in.x, {in.x.size(1)}, in.weight, in.bias, 1e-5, false); };
}

NormInputs rows() { return NormInputs({4096, 1024}, 1024); }

const Bench forward(
    {.name = "layernorm_forward", .work = "layer norm of 4,096 rows of 1,024", .peer = "libtorch layer_norm"},
    [] { return ours(rows()); }, [] { return libtorchs(rows()); });

const Bench rms(
    {.name = "rmsnorm_forward", .work = "RMS norm of 4,096 rows of 1,024", .peer = "libtorch rms_norm"},
    [] { return ours(rows(), false); },
    []() -> Call { return [in = rows()] { at::rms_norm(in.x, {in.x.size(1)}, in.weight, 1e-5); }; });

NormInputs rows_of(int64_t bytes) {
  const int64_t size = bytes < 16384 ? 64 : 256;
  return NormInputs({bytes / 4 / size, size}, size);
}

Call ours_of(int64_t bytes) { return ours(rows_of(bytes)); }
Call libtorchs_of(int64_t bytes) { return libtorchs(rows_of(bytes)); }
BISQUE_NORM_SWEEP("layernorm", ours_of, libtorchs_of)

}  // namespace
}  // namespace bisque::bench
