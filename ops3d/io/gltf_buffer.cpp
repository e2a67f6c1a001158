#include <bisque/ops3d/io/gltf_buffer.h>

#include <algorithm>
#include <string>

#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

using nlohmann::json;

// The standard requires the bounds of all positions.
void add_bounds(json& accessor, std::span<const float> values, bool with_zero) {
  std::vector<float> low(values.begin(),
                         values.begin() + std::min<ptrdiff_t>(3, static_cast<ptrdiff_t>(values.size())));
  if (with_zero || low.empty()) low = {0, 0, 0};
  std::vector<float> high = low;
  for (size_t i = 0; i < values.size(); ++i) {
    low[i % 3] = std::min(low[i % 3], values[i]);
    high[i % 3] = std::max(high[i % 3], values[i]);
  }
  accessor["min"] = low;
  accessor["max"] = high;
}

}  // namespace

int GltfBuffer::add_view(std::span<const std::byte> bytes) {
  views_.push_back({{"buffer", 0}, {"byteOffset", bytes_.size()}, {"byteLength", bytes.size()}});
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  bytes_.resize((bytes_.size() + 3) / 4 * 4);  // all views are aligned
  return static_cast<int>(views_.size()) - 1;
}

int GltfBuffer::add_accessor(json accessor) {
  accessors_.push_back(std::move(accessor));
  return static_cast<int>(accessors_.size()) - 1;
}

int GltfBuffer::add_integers(std::span<const uint32_t> values) {
  return add_accessor({{"bufferView", add_view(std::as_bytes(values))},
                       {"componentType", TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT},
                       {"type", "SCALAR"},
                       {"count", values.size()}});
}

int GltfBuffer::add_floats(std::span<const float> values, size_t components) {
  json accessor{{"bufferView", add_view(std::as_bytes(values))},
                {"componentType", TINYGLTF_COMPONENT_TYPE_FLOAT},
                {"type", components == 16 ? "MAT4" : "VEC" + std::to_string(components)},
                {"count", values.size() / components}};
  if (components == 3) add_bounds(accessor, values, false);
  return add_accessor(std::move(accessor));
}

int GltfBuffer::add_joints(std::span<const uint32_t> values) {
  return add_accessor({{"bufferView", add_view(std::as_bytes(values))},
                       {"componentType", TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE},
                       {"type", "VEC4"},
                       {"count", values.size()}});
}

int GltfBuffer::add_sparse(const MorphTarget& morph, size_t count) {
  json accessor{{"componentType", TINYGLTF_COMPONENT_TYPE_FLOAT}, {"type", "VEC3"}, {"count", count}};
  if (!morph.verts.empty()) {
    accessor["sparse"] = {{"count", morph.verts.size()},
                          {"indices",
                           {{"bufferView", add_view(std::as_bytes(std::span(morph.verts)))},
                            {"componentType", TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT}}},
                          {"values", {{"bufferView", add_view(std::as_bytes(std::span(morph.offsets)))}}}};
  }
  add_bounds(accessor, morph.offsets, morph.verts.size() < count);
  return add_accessor(std::move(accessor));
}

}  // namespace bisque
