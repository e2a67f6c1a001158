// What quick_test.py runs under qemu: the CPU kernels of rasterize_meshes and phong_shading, without libtorch. Reads a
// scene from stdin and writes pix_to_face, zbuf, bary_coords, dists and colors to stdout, all as raw arrays.
#include <torch/csrc/stable/c/shim.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include <bisque/ops3d/phong_shading/phong_shading_kernels.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_kernels.h>

// What these kernels call of libtorch; the version is part of errors.
extern "C" uint64_t aoti_torch_abi_version() { return 0; }
extern "C" AOTITorchError torch_parallel_for(int64_t begin, int64_t end, int64_t, ParallelFunc body, void* context) {
  body(begin, end, context);
  return AOTI_TORCH_SUCCESS;
}
extern "C" AOTITorchError torch_get_num_threads(uint32_t* threads) {
  *threads = 1;
  return AOTI_TORCH_SUCCESS;
}

namespace {

template <class T>
std::vector<T> read(int64_t count) {
  std::vector<T> values(static_cast<size_t>(count));
  if (std::fread(values.data(), sizeof(T), values.size(), stdin) != values.size()) std::abort();
  return values;
}

template <class T>
void write(const std::vector<T>& values) {
  if (std::fwrite(values.data(), sizeof(T), values.size(), stdout) != values.size()) std::abort();
}

}  // namespace

int main() {
  const auto sizes = read<int64_t>(6);  // V, F, H, W, K, L
  const int64_t V = sizes[0], F = sizes[1], H = sizes[2], W = sizes[3], K = sizes[4], L = sizes[5];
  const auto verts = read<float>(3 * V), normals = read<float>(3 * V);
  const auto faces = read<int64_t>(3 * F);
  const auto camera_position = read<float>(3), lights = read<float>(4 * L), light_diffuse = read<float>(3 * L);
  const auto light_specular = read<float>(3 * L), ambient = read<float>(3), shininess = read<float>(1);

  const auto fragments = static_cast<size_t>(H * W * K);
  const int64_t first_face = 0;
  std::vector<int64_t> pix_to_face(fragments);
  std::vector<float> zbuf(fragments), bary_coords(3 * fragments), dists(fragments), colors(4 * fragments);
  bisque::RasterizeMeshes<float> raster{};
  raster.verts = verts.data();
  raster.faces = faces.data();
  raster.mesh_to_face_first_idx = &first_face;
  raster.num_faces_per_mesh = &F;
  raster.height = H, raster.width = W, raster.faces_per_pixel = K;
  raster.perspective_correct = true;
  raster.z_clip = -1;
  raster.with_dists = true;
  raster.pix_to_face = pix_to_face.data();
  raster.zbuf = zbuf.data();
  raster.bary_coords = bary_coords.data();
  raster.dists = dists.data();
  raster.V = V, raster.F = F, raster.N = 1;
  raster.run(bisque::OnCpu{});

  bisque::PhongShading<float> phong{};
  phong.verts = verts.data();
  phong.normals = normals.data();
  phong.faces = faces.data();
  phong.pix_to_face = pix_to_face.data();
  phong.bary_coords = bary_coords.data();
  phong.camera_position = camera_position.data();
  phong.lights = lights.data();
  phong.light_diffuse = light_diffuse.data();
  phong.light_specular = light_specular.data();
  phong.ambient = ambient.data();
  phong.shininess = shininess.data();
  phong.samples = 1, phong.channels = 4;
  phong.colors = colors.data();
  phong.V = V, phong.F = F, phong.N = 1, phong.SH = H, phong.SW = W, phong.K = K, phong.L = L;
  phong.run(bisque::OnCpu{});

  write(pix_to_face);
  write(zbuf);
  write(bary_coords);
  write(dists);
  write(colors);
}
