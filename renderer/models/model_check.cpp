#include <bisque/renderer/models/model_check.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <initializer_list>

#include <bisque/core/error.h>

namespace bisque {
namespace {

constexpr uint32_t kExponentMask = 0x7F800000;  // all ones in a float that is infinite or NaN

class ModelCheck {
 public:
  ModelCheck(const BlendshapeData& model, const std::string& where) : model_(model), where_(where) {}

  void run() const {
    check_sizes();
    check_range("faces", model_.faces, 0, model_.num_verts());
    check_range("uv_faces", model_.uv_faces, -1, static_cast<int64_t>(model_.uvs.size() / 2));
    check_range("face_groups", model_.face_groups, -1, static_cast<int64_t>(model_.group_names.size()));
    check_deltas();
    check_finite("neutral", model_.neutral);
    check_finite("deltas", model_.deltas);
    check_finite("uvs", model_.uvs);
    check_materials();
    check_normal_verts();
    check_head();
    check_names("shape_names", model_.shape_names);
    check_names("group_names", model_.group_names);
    check_correctives();
  }

 private:
  void check_size(const char* name, size_t size, size_t expected) const {
    if (size != expected) fail(where_, ": ", name, " holds ", size, " values, expected ", expected, ".");
  }

  void check_sizes() const {
    const auto num_verts = static_cast<size_t>(model_.num_verts());
    const auto num_faces = static_cast<size_t>(model_.num_faces());
    if (num_verts == 0 || num_faces == 0) fail(where_, ": has no verts or no faces.");
    if (num_verts > INT32_MAX) fail(where_, ": has more than 2^31 - 1 verts.");
    check_size("neutral", model_.neutral.size(), num_verts * 3);
    check_size("faces", model_.faces.size(), num_faces * 3);
    check_size("vert_first", model_.vert_offsets.size(), num_verts + 1);
    check_size("deltas", model_.deltas.size(), model_.delta_shape.size() * 3);
    check_size("uv_faces", model_.uv_faces.size(), model_.uvs.empty() ? 0 : num_faces * 3);
    check_size("face_groups", model_.face_groups.size(), model_.group_names.empty() ? 0 : num_faces);
    if (!model_.normal_verts.empty()) check_size("normal_verts", model_.normal_verts.size(), num_verts);
    if (!model_.head_weights.empty()) check_size("head_weights", model_.head_weights.size(), num_verts);
  }

  void check_range(const char* name, const Array<int32_t>& indices, int64_t first, int64_t end) const {
    const auto bad = std::find_if(indices.begin(), indices.end(), [&](int32_t i) { return i < first || i >= end; });
    if (bad != indices.end()) {
      fail(where_, ": ", name, " holds index ", *bad, " at place ", bad - indices.begin(), ", expected ", first, " to ",
           end - 1, ".");
    }
  }

  void check_deltas() const {
    check_range("delta_shape", model_.delta_shape, 0, model_.num_shapes());
    const auto num_deltas = static_cast<int64_t>(model_.delta_shape.size());
    const Array<int64_t>& first = model_.vert_offsets;
    if (first[0] != 0 || first[first.size() - 1] != num_deltas) {
      fail(where_, ": vert_first runs from ", first[0], " to ", first[first.size() - 1], ", expected 0 to ", num_deltas,
           ".");
    }
    for (size_t v = 0; v + 1 < first.size(); ++v) {
      if (first[v] > first[v + 1] || first[v + 1] > num_deltas)
        fail(where_, ": vert_first decreases after vertex ", v, ".");
      for (int64_t i = first[v] + 1; i < first[v + 1]; ++i) {
        const auto at = static_cast<size_t>(i);
        if (model_.delta_shape[at] <= model_.delta_shape[at - 1]) {
          fail(where_, ": delta_shape of vertex ", v, " is not increasing.");
        }
      }
    }
  }

  void check_finite(const char* name, const Array<float>& values) const {
    bool finite = true;  // without a branch per value, because this reads the whole file
    for (const float value : values) finite &= (std::bit_cast<uint32_t>(value) & kExponentMask) != kExponentMask;
    if (!finite) fail(where_, ": ", name, " holds a value that is not finite.");
  }

  void check_materials() const {
    check_size("materials", model_.materials.size(), model_.materials.empty() ? 0 : model_.group_names.size());
    const auto check_numbers = [&](const char* name, std::initializer_list<float> values) {
      if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
        fail(where_, ": ", name, " hold a number that is not finite.");
      }
    };
    const auto num_textures = static_cast<int64_t>(model_.textures.size());
    for (const Material& m : model_.materials) {
      check_numbers("materials",
                    {m.ambient[0], m.ambient[1], m.ambient[2], m.diffuse[0], m.diffuse[1], m.diffuse[2], m.specular[0],
                     m.specular[1], m.specular[2], m.shininess, m.opacity, m.metallic, m.roughness});
      if (m.texture < -1 || m.texture >= num_textures) {
        fail(where_, ": materials refer to texture ", m.texture, ", expected -1 to ", num_textures - 1, ".");
      }
    }
    for (const Texture& t : model_.textures) {
      check_numbers("textures", {t.scale[0], t.scale[1], t.offset[0], t.offset[1]});
    }
  }

  void check_normal_verts() const {
    check_range("normal_verts", model_.normal_verts, 0, model_.num_verts());
    for (size_t v = 0; v < model_.normal_verts.size(); ++v) {
      const auto first = static_cast<size_t>(model_.normal_verts[v]);
      if (first > v || model_.normal_verts[first] != model_.normal_verts[v]) {
        fail(where_, ": normal_verts of vertex ", v, " is ", first,
             ", expected the first vertex that shares its normal.");
      }
    }
  }

  void check_head() const {
    const auto bad = std::find_if(model_.head_weights.begin(), model_.head_weights.end(),
                                  [](float weight) { return !(weight >= 0 && weight <= 1); });
    if (bad != model_.head_weights.end()) {
      fail(where_, ": head_weights holds ", *bad, " at place ", bad - model_.head_weights.begin(),
           ", expected 0 to 1.");
    }
    if (!std::all_of(model_.head_joint.begin(), model_.head_joint.end(), [](float x) { return std::isfinite(x); })) {
      fail(where_, ": head_joint holds a value that is not finite.");
    }
  }

  void check_names(const char* name, std::vector<std::string> names) const {
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) fail(where_, ": ", name, " holds \"", *twice, "\" twice.");
  }

  void check_correctives() const {
    const auto is_shape = [&](int32_t shape) { return shape >= 0 && shape < model_.num_shapes(); };
    std::vector<bool> driven(model_.shape_names.size());
    for (const Corrective& corrective : model_.correctives) {
      if (!is_shape(corrective.shape) || !std::all_of(corrective.factors.begin(), corrective.factors.end(), is_shape)) {
        fail(where_, ": a corrective refers to a shape outside shape_names.");
      }
      const auto shape = static_cast<size_t>(corrective.shape);
      const std::string& name = model_.shape_names[shape];
      if (corrective.factors.empty()) fail(where_, ": the corrective \"", name, "\" has no factors.");
      if (std::count(corrective.factors.begin(), corrective.factors.end(), corrective.shape) > 0) {
        fail(where_, ": the corrective \"", name, "\" is a factor of itself.");
      }
      if (driven[shape]) fail(where_, ": \"", name, "\" is driven by two correctives.");
      driven[shape] = true;
    }
  }

  const BlendshapeData& model_;
  const std::string& where_;
};

}  // namespace

void check_model(const BlendshapeData& model, const std::string& where) { ModelCheck(model, where).run(); }

}  // namespace bisque
