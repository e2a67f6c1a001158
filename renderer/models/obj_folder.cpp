#include <bisque/renderer/models/obj_folder.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <thread>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/obj.h>

namespace bisque {
namespace {

namespace fs = std::filesystem;

// All .obj files, sorted by name so that nothing depends on the order in which the folder lists them.
std::vector<fs::path> list_obj_files(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (lower_extension(it->path().string()) == ".obj") files.push_back(it->path());
  }
  if (error) fail(folder, ": cannot be listed (", error.message(), ").");
  if (files.empty()) fail(folder, ": holds no .obj file, expected a neutral and one file a shape.");
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) { return a.stem() < b.stem(); });
  return files;
}

fs::path take_neutral(std::vector<fs::path>& files, const std::string& folder) {
  const auto is_neutral = [](const fs::path& file) {
    return lower_case(file.stem().string()).find("neutral") != std::string::npos;
  };
  const auto found = std::find_if(files.begin(), files.end(), is_neutral);
  if (found == files.end()) fail(folder, ": has no .obj file with \"neutral\" in its name, expected one.");
  const auto second = std::find_if(found + 1, files.end(), is_neutral);
  if (second != files.end()) {
    fail(folder, ": has two .obj files with \"neutral\" in their names, ", found->filename().string(), " and ",
         second->filename().string(), ", expected one.");
  }
  const fs::path neutral = *found;
  files.erase(found);
  return neutral;
}

int64_t num_polygons(const MeshData& mesh) {
  return mesh.polygon_sizes.empty() ? mesh.num_faces() : static_cast<int64_t>(mesh.polygon_sizes.size());
}

void check_topology(const MeshData& shape, const MeshData& neutral, const std::string& path) {
  if (shape.num_verts() != neutral.num_verts() || num_polygons(shape) != num_polygons(neutral)) {
    fail(path, ": has ", shape.num_verts(), " verts and ", num_polygons(shape), " polygons, but the neutral has ",
         neutral.num_verts(), " verts and ", num_polygons(neutral), " polygons.");
  }
  if (shape.faces != neutral.faces) {
    const auto at = std::mismatch(shape.faces.begin(), shape.faces.end(), neutral.faces.begin(), neutral.faces.end());
    fail(path, ": has other faces than the neutral, from triangle ", (at.first - shape.faces.begin()) / 3 + 1, " on.");
  }
}

MorphTarget read_shape(const fs::path& file, const MeshData& neutral) {
  const MeshData shape = read_obj(file.string());
  check_topology(shape, neutral, file.string());
  MorphTarget morph;
  morph.name = utf8_or_latin1(file.stem().string());
  for (size_t v = 0; v < neutral.verts.size() / 3; ++v) {
    const float* to = &shape.verts[v * 3];
    const float* from = &neutral.verts[v * 3];
    if (std::equal(to, to + 3, from)) continue;
    morph.verts.push_back(static_cast<int32_t>(v));
    for (int axis = 0; axis < 3; ++axis) morph.offsets.push_back(to[axis] - from[axis]);
  }
  return morph;
}

std::vector<MorphTarget> read_shapes(const std::vector<fs::path>& files, const MeshData& neutral, int threads) {
  std::vector<MorphTarget> morphs(files.size());
  std::vector<std::exception_ptr> errors(files.size());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < files.size(); i = next++) {
      try {
        morphs[i] = read_shape(files[i], neutral);
      } catch (...) {
        errors[i] = std::current_exception();
      }
    }
  };
  std::vector<std::jthread> helpers;
  for (int i = 1; i < threads; ++i) helpers.emplace_back(work);
  work();
  helpers.clear();  // joins
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  return morphs;
}

}  // namespace

BlendshapeData read_obj_folder(const std::string& folder, int threads) {
  std::vector<fs::path> files = list_obj_files(folder);
  MeshData mesh = read_obj(take_neutral(files, folder).string());
  if (threads <= 0) threads = static_cast<int>(std::thread::hardware_concurrency());
  threads = std::min(threads, static_cast<int>(files.size()));
  mesh.morphs = read_shapes(files, mesh, threads);
  return make_blendshapes(std::move(mesh));
}

}  // namespace bisque
