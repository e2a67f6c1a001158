#include <bisque/core/data/collate.h>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/stack.h>

namespace bisque::data {
namespace {

void check_shapes(Column<at::Tensor> samples) {
  for (size_t i = 0; i < samples.size(); ++i) {
    if (!samples[i]->defined()) fail("default_collate: expected tensors, but that of sample ", i, " is undefined.");
    if (samples[i]->sizes() != samples[0]->sizes()) {
      fail("default_collate: expected tensors of one shape, but sample ", i, " has ", samples[i]->sizes(),
           " and sample 0 ", samples[0]->sizes(), ".");
    }
  }
}

bool are_plain(Column<at::Tensor> samples) {
  for (const at::Tensor* sample : samples) {
    if (!is_plain(*sample) || sample->scalar_type() != samples[0]->scalar_type()) return false;
  }
  return true;
}

}  // namespace

at::Tensor stack_samples(Column<at::Tensor> samples) {
  if (samples.empty()) fail("default_collate: expected one sample or more, but got none.");
  check_shapes(samples);
  if (!are_plain(samples)) {
    std::vector<at::Tensor> list;
    list.reserve(samples.size());
    for (const at::Tensor* sample : samples) list.push_back(*sample);
    return at::stack(list);
  }
  at::DimVector sizes{static_cast<int64_t>(samples.size())};
  sizes.append(samples[0]->sizes().begin(), samples[0]->sizes().end());
  at::Tensor batch = empty_batch(sizes, samples[0]->scalar_type());
  std::vector<const void*> pieces;
  pieces.reserve(samples.size());
  for (const at::Tensor* sample : samples) pieces.push_back(sample->const_data_ptr());
  copy_pieces(pieces, samples[0]->nbytes(), batch.mutable_data_ptr());
  return batch;
}

}  // namespace bisque::data
