#include <bisque/renderer/animation/cuda_device.h>

#include <ATen/ATen.h>
#include <c10/util/Exception.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>

#include <bisque/core/plugin/plugins.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/structures/topology.h>
#include <bisque/ops3d/vertex_normals/vertex_normals.h>

namespace bisque {
namespace {

/// The name of the first GPU by the driver's functions, which need no CUDA library; empty if there is none.
std::string first_gpu() {
  void* const driver = dlopen("libcuda.so.1", RTLD_LAZY);
  if (!driver) return "";
  const auto init = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
  const auto get_device = reinterpret_cast<int (*)(int*, int)>(dlsym(driver, "cuDeviceGet"));
  const auto get_name = reinterpret_cast<int (*)(char*, int, int)>(dlsym(driver, "cuDeviceGetName"));
  int device = 0;
  if (!init || !get_device || !get_name || init(0) != 0 || get_device(&device, 0) != 0) return "";
  std::array<char, 256> name{};
  return get_name(name.data(), static_cast<int>(name.size()) - 1, device) == 0 ? name.data() : "a GPU without a name";
}

/// Fails if kernels do not run.
void run_kernels() {
  const auto verts = at::eye(3).unsqueeze(0).to(at::kCUDA) * 2;
  const auto faces = at::arange(3, at::kLong).view({1, 3});
  const VertFaces around = vert_faces_of(faces, 3);
  vertex_normals(verts, faces.to(at::kCUDA), around.vert_faces_offsets.to(at::kCUDA), around.vert_faces.to(at::kCUDA))
      .cpu();
}

std::string fault_of_cuda() {
  try {
    plugins().load_cuda();
    const auto loaded = plugins().list();
    const auto ops = std::find_if(loaded.begin(), loaded.end(),
                                  [](const PluginInfo& plugin) { return plugin.name == "bisque_ops"; });
    if (ops == loaded.end() || ops->cuda_archs.empty()) return "Bisque was built without CUDA kernels";
    run_kernels();
    return "";
  } catch (const c10::Error& error) {
    return first_line(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return first_line(error.what());
  }
}

}  // namespace

CudaDevice find_cuda_device() {
  CudaDevice device{first_gpu(), "no GPU is visible"};
  if (!device.name.empty()) device.fault = fault_of_cuda();
  while (device.fault.ends_with('.')) device.fault.pop_back();
  return device;
}

}  // namespace bisque
