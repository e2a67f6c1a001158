// Internal. Checks of arguments that functions on meshes share.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace bisque {

/// Fails unless `verts` is float32 or float64 [V, 3]. `function` begins the error.
void check_verts(const char* function, const at::Tensor& verts);

/// Fails unless `indices` is int64 [*, columns] on the device of `verts`, with values in [0, V). Waits for the device.
void check_vert_indices(const char* function, const char* name, const at::Tensor& indices, int64_t columns,
                        const at::Tensor& verts);

}  // namespace bisque
