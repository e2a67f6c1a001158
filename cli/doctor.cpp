// bisque doctor: shows the state of this build and this machine.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <hwy/targets.h>
#include <torch/version.h>

#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <bisque/core/ops/simd_targets.h>
#include <bisque/core/version.h>
#include <bisque/renderer/pictures/video.h>

#include "cli/commands.h"
#include "cli/preflight.h"

namespace bisque::cli {
namespace {

void line(const char* what, const std::string& value) { std::printf("%-16s %s\n", what, value.c_str()); }

std::string simd_targets() {
  std::string names;
  for (int64_t targets = usable_simd_targets(); targets != 0; targets &= targets - 1) {
    names += (names.empty() ? "" : " ") + std::string(hwy::TargetName(targets & -targets));
  }
  return names;
}

std::string processor([[maybe_unused]] const Platform& platform) {
#if defined(__aarch64__)
  return std::string("aarch64, ") + (platform.has_lse ? "with" : "without") + " LSE atomics";
#else
  return "x86-64";
#endif
}

/// The path of the shared library that contains an address.
std::string library_path(const void* address) {
  Dl_info info;
  return dladdr(address, &info) && info.dli_fname ? info.dli_fname : "unknown";
}

}  // namespace

void add_doctor(CLI::App& app) {
  CLI::App* command = app.add_subcommand("doctor", "Shows versions, CUDA architectures, libraries and CPU features.");
  command->callback([] {
    line("bisque", BISQUE_VERSION);
    line("libraries", library_path(reinterpret_cast<const void*>(&ffmpeg_version)));
    line("libtorch",
         std::string(TORCH_VERSION) + " (" + library_path(reinterpret_cast<const void*>(&at::globalContext)) + ")");
    const std::string archs = BISQUE_CUDA_ARCHS;
    line("CUDA kernels", archs.empty() ? "not built" : "compiled for " + archs);
    line("CUDA device", at::hasCUDA() && at::detail::getCUDAHooks().deviceCount() > 0 ? "found" : "none found");
    const Platform platform = this_platform();
    line("CPU", processor(platform));
    line("memory", std::to_string(platform.available_memory >> 20) + " MiB available, with swap");
    line("CPU threads", std::to_string(std::thread::hardware_concurrency()) + ", of which libtorch uses " +
                            std::to_string(at::get_num_threads()));
    line("SIMD", simd_targets());
    line("ffmpeg", ffmpeg_version().value_or("not found; videos need it (apt install ffmpeg)"));
  });
}

}  // namespace bisque::cli
