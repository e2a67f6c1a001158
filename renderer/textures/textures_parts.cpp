#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/textures/textures_parts.h>

namespace bisque::textures {

at::Tensor cat_parts(const char* name, const char* argument, const std::vector<at::Tensor>& list, int64_t dims) {
  if (list.empty()) fail(name, ": expected ", argument, " of at least one mesh, but got an empty list.");
  const at::Tensor& first = list.front();
  if (!first.defined() || (first.scalar_type() != at::kFloat && first.scalar_type() != at::kDouble)) {
    fail(name, ": expected ", argument, " to be float32 or float64.");
  }
  for (size_t n = 0; n < list.size(); ++n) {
    const at::Tensor& part = list[n];
    if (!part.defined() || part.dim() != dims) {
      fail(name, ": expected ", argument, " of mesh ", n, " to have ", dims, " dimensions.");
    }
    if (part.sizes().slice(1) != first.sizes().slice(1) || part.scalar_type() != first.scalar_type() ||
        part.device() != first.device()) {
      fail(name, ": expected ", argument, " of mesh ", n, " to be as those of mesh 0, ", first.toString(), " ",
           first.sizes(), " on ", first.device(), " but for the first size, but got ", part.toString(), " ",
           part.sizes(), " on ", part.device(), ".");
    }
  }
  return list.size() == 1 ? first : at::cat(list);
}

data::RaggedSizes sizes_of(const std::vector<at::Tensor>& list) {
  std::vector<int64_t> sizes;
  for (const at::Tensor& part : list) sizes.push_back(part.size(0));
  return data::RaggedSizes(std::move(sizes));
}

std::vector<at::Tensor> list_of_padded(const char* name, const char* argument, const at::Tensor& padded, int64_t dims,
                                       const std::vector<int64_t>& sizes) {
  if (!padded.defined() || (padded.dim() != dims && padded.dim() != dims - 1)) {
    fail(name, ": expected padded ", argument, " to have ", dims, " dimensions, or ", dims - 1, " for one mesh.");
  }
  if (padded.dim() == dims - 1) return list_of_padded(name, argument, padded.unsqueeze(0), dims, sizes);
  std::vector<at::Tensor> list = padded.unbind(0);
  if (sizes.empty()) return list;
  if (sizes.size() != list.size()) {
    fail(name, ": expected a size for each of ", list.size(), " meshes of ", argument, ", but got ", sizes.size(), ".");
  }
  for (size_t n = 0; n < list.size(); ++n) {
    if (sizes[n] < 0 || sizes[n] > padded.size(1)) {
      fail(name, ": expected the size of mesh ", n, " to be at most ", padded.size(1), ", as ", argument,
           " is padded, but got ", sizes[n], ".");
    }
    list[n] = list[n].narrow(0, 0, sizes[n]);
  }
  return list;
}

void check_num_faces(const char* name, const at::Tensor& faces_packed, int64_t expected) {
  if (faces_packed.dim() != 2 || faces_packed.size(1) != 3 || faces_packed.size(0) != expected) {
    fail(name, ": expected faces_packed to have the shape [", expected, ", 3], as the textures, but got ",
         faces_packed.sizes(), ".");
  }
}

}  // namespace bisque::textures
