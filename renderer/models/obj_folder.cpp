#include <bisque/renderer/models/obj_folder.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <filesystem>
#include <string_view>
#include <thread>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/list_files.h>
#include <bisque/ops3d/io/obj.h>

namespace bisque {
namespace {

namespace fs = std::filesystem;

// All .obj files, sorted by the names of their shapes.
std::vector<fs::path> list_obj_files(const std::string& folder) {
  static constexpr std::array<std::string_view, 1> kExtensions{".obj"};
  std::vector<fs::path> files = list_files(folder, kExtensions, Subfolders::kSkip);
  if (files.empty()) fail(folder, ": holds no .obj file, expected a neutral and one file per shape.");
  for (fs::path& file : files) file = folder / file;
  std::stable_sort(files.begin(), files.end(),
                   [](const fs::path& a, const fs::path& b) { return a.stem() < b.stem(); });
  return files;
}

std::string lower_stem(const fs::path& file) { return lower_case(file.stem().string()); }

bool is_neutral(const fs::path& file) { return lower_stem(file).find("neutral") != std::string::npos; }

// By its last word; a name without separators is one word.
bool is_rest_shape(const fs::path& file) {
  static constexpr std::array<std::string_view, 4> kNames{"basis", "rest", "default", "base"};
  const std::string stem = lower_stem(file);
  const std::string word = stem.substr(stem.find_last_of("_-. ") + 1);
  return std::find(kNames.begin(), kNames.end(), word) != kNames.end();
}

// The file of the rest shape, which is removed from the list.
fs::path take_neutral(std::vector<fs::path>& files, const std::string& folder) {
  const bool has_neutral = std::any_of(files.begin(), files.end(), is_neutral);
  const auto is_candidate = has_neutral ? is_neutral : is_rest_shape;
  const auto found = std::find_if(files.begin(), files.end(), is_candidate);
  if (found == files.end()) {
    fail(folder,
         ": has no .obj file of the rest shape, expected one with \"neutral\" in its name, or one whose name or ",
         "last word is basis, rest, default or base.");
  }
  const auto second = std::find_if(found + 1, files.end(), is_candidate);
  if (second != files.end()) {
    fail(folder, ": has two .obj files that may be the rest shape, ", printable(found->filename().string()), " and ",
         printable(second->filename().string()), ", expected one.");
  }
  const fs::path neutral = *found;
  files.erase(found);
  return neutral;
}

void check_topology(const PolygonMesh& shape, const PolygonMesh& neutral, const std::string& path) {
  if (shape.num_verts() != neutral.num_verts() || shape.num_polygons() != neutral.num_polygons()) {
    fail(path, ": has ", shape.num_verts(), " verts and ", shape.num_polygons(), " polygons, but the neutral has ",
         neutral.num_verts(), " verts and ", neutral.num_polygons(), " polygons.");
  }
  const int64_t other = find_other_polygon(shape, neutral);
  if (other >= 0) fail(path, ": has other faces than the neutral: the neutral does not have its face ", other + 1, ".");
}

// The neutral, and data for comparing shapes with it.
struct Neutral {
  PolygonMesh mesh;
  std::vector<int32_t> used_verts;  // vertices of faces
  double squared_size = 0;          // of the diagonal of their box
};

Neutral make_neutral(PolygonMesh mesh) {
  Neutral neutral{std::move(mesh), {}, 0};
  neutral.used_verts = neutral.mesh.corner_verts;
  std::sort(neutral.used_verts.begin(), neutral.used_verts.end());
  neutral.used_verts.erase(std::unique(neutral.used_verts.begin(), neutral.used_verts.end()), neutral.used_verts.end());
  for (size_t axis = 0; axis < 3; ++axis) {
    const auto position = [&](int32_t vert) {
      return double{neutral.mesh.verts[static_cast<size_t>(vert) * 3 + axis]};
    };
    double low = position(neutral.used_verts[0]), high = low;
    for (const int32_t vert : neutral.used_verts) {
      low = std::min(low, position(vert));
      high = std::max(high, position(vert));
    }
    neutral.squared_size += (high - low) * (high - low);
  }
  return neutral;
}

double squared_distance(const float* a, const float* b) {
  double sum = 0;
  for (int axis = 0; axis < 3; ++axis) sum += (double{a[axis]} - b[axis]) * (double{a[axis]} - b[axis]);
  return sum;
}

// Whether most vertices move by more than a tenth of the model's size: another vertex order is more likely than such a
// shape.
bool seems_reordered(const std::vector<float>& verts, const Neutral& neutral) {
  const auto moves_far = [&](int32_t vert) {
    const size_t at = static_cast<size_t>(vert) * 3;
    return 100 * squared_distance(&verts[at], &neutral.mesh.verts[at]) > neutral.squared_size;
  };
  const auto count = std::count_if(neutral.used_verts.begin(), neutral.used_verts.end(), moves_far);
  return neutral.squared_size > 0 && 2 * static_cast<size_t>(count) > neutral.used_verts.size();
}

struct Shape {
  MorphTarget morph;
  bool seems_reordered = false;
};

Shape read_shape(const fs::path& file, const Neutral& neutral) {
  PolygonMesh mesh = read_obj_polygons(file.string());
  check_topology(mesh, neutral.mesh, file.string());
  Shape shape;
  shape.morph.name = utf8_or_latin1(file.stem().string());
  for (size_t v = 0; v < mesh.verts.size() / 3; ++v) {
    const float* to = &mesh.verts[v * 3];
    const float* from = &neutral.mesh.verts[v * 3];
    if (std::equal(to, to + 3, from)) continue;
    shape.morph.verts.push_back(static_cast<int32_t>(v));
    for (int axis = 0; axis < 3; ++axis) shape.morph.offsets.push_back(to[axis] - from[axis]);
  }
  shape.seems_reordered = seems_reordered(mesh.verts, neutral);
  return shape;
}

std::vector<Shape> read_shapes(const std::vector<fs::path>& files, const Neutral& neutral, int threads) {
  std::vector<Shape> shapes(files.size());
  std::vector<std::exception_ptr> errors(files.size());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < files.size(); i = next++) {
      try {
        shapes[i] = read_shape(files[i], neutral);
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
  return shapes;
}

// One warning for all such shapes, because there are many if the neutral is the file in another order.
void warn_of_reordered(const std::vector<Shape>& shapes, const std::vector<fs::path>& files, PolygonMesh& mesh) {
  const auto is_reordered = [](const Shape& shape) { return shape.seems_reordered; };
  const auto first = std::find_if(shapes.begin(), shapes.end(), is_reordered);
  if (first == shapes.end()) return;
  const auto others = std::count_if(first + 1, shapes.end(), is_reordered);
  mesh.warnings.push_back(files[static_cast<size_t>(first - shapes.begin())].string() +
                          ": most vertices move by more than a tenth of the model's size, so their order seems to "
                          "differ from the neutral's" +
                          (others > 0 ? " (as in " + std::to_string(others) + " more shapes)." : "."));
}

}  // namespace

BlendshapeData read_obj_folder(const std::string& folder, int threads) {
  std::vector<fs::path> files = list_obj_files(folder);
  const std::string neutral_path = take_neutral(files, folder).string();
  Neutral neutral = make_neutral(read_obj_polygons(neutral_path));
  if (threads <= 0) threads = static_cast<int>(std::thread::hardware_concurrency());
  threads = std::min(threads, static_cast<int>(files.size()));
  std::vector<Shape> shapes = read_shapes(files, neutral, threads);
  warn_of_reordered(shapes, files, neutral.mesh);
  MeshData mesh = triangulate(std::move(neutral.mesh), neutral_path);
  for (Shape& shape : shapes) mesh.morphs.push_back(std::move(shape.morph));
  return make_blendshapes(std::move(mesh));
}

}  // namespace bisque
