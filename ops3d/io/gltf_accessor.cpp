#include <bisque/ops3d/io/gltf_accessor.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

// A file may use its buffers several times (primitives that share accessors), within a limit; compressed data counts
// less, because it expands.
constexpr uint64_t kBudgetFactor = 16;
constexpr uint64_t kDecodedFactor = 8;
constexpr uint64_t kMinBudget = uint64_t{64} << 20;
// Views may share compressed bytes, also within a limit.
constexpr uint64_t kMaxDecodedRatio = 128;
constexpr uint64_t kMinDecoded = uint64_t{16} << 20;

size_t component_bytes(int component_type) {
  switch (component_type) {
    case TINYGLTF_COMPONENT_TYPE_BYTE:
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE:
      return 1;
    case TINYGLTF_COMPONENT_TYPE_SHORT:
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT:
      return 2;
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT:
    case TINYGLTF_COMPONENT_TYPE_FLOAT:
      return 4;
    default:
      return 0;
  }
}

int type_components(int type) {
  switch (type) {
    case TINYGLTF_TYPE_SCALAR:
      return 1;
    case TINYGLTF_TYPE_VEC2:
      return 2;
    case TINYGLTF_TYPE_VEC3:
      return 3;
    case TINYGLTF_TYPE_VEC4:
      return 4;
    case TINYGLTF_TYPE_MAT4:
      return 16;
    default:
      return 0;  // smaller matrices are not used here
  }
}

template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

// glTF 2.0, 3.6.2.2: signed values are clamped, so -128 is also -1.
template <class T>
float load_integer(const std::byte* at, bool normalized) {
  const auto value = static_cast<float>(load<T>(at));
  return normalized ? std::max(value / static_cast<float>(std::numeric_limits<T>::max()), -1.0F) : value;
}

}  // namespace

struct GltfAccessors::Elements {
  const std::byte* data = nullptr;
  uint64_t count = 0;
  size_t stride = 0;
  int component_type = 0;
  int components = 0;
};

GltfAccessors::GltfAccessors(const tinygltf::Model& model, const GltfDocument& document, const std::string& where)
    : model_(model), document_(document), where_(where) {
  for (const auto& buffer : document.buffers) buffer_bytes_ += buffer.size();
}

const tinygltf::Accessor& GltfAccessors::at(int accessor) const {
  if (accessor < 0 || static_cast<size_t>(accessor) >= model_.accessors.size()) {
    fail(where_, ": refers to accessor ", accessor, ", but the file has ", model_.accessors.size(), " accessors.");
  }
  return model_.accessors[static_cast<size_t>(accessor)];
}

int GltfAccessors::components(int accessor) const {
  const auto decoded = decoded_accessors_.find(accessor);
  return decoded == decoded_accessors_.end() ? type_components(at(accessor).type) : decoded->second.components;
}

int64_t GltfAccessors::count(int accessor) const {
  const auto decoded = decoded_accessors_.find(accessor);
  const uint64_t count = decoded == decoded_accessors_.end() ? at(accessor).count : decoded->second.count;
  if (count > INT32_MAX) fail(where_, ": accessor ", accessor, " has ", count, " elements, expected less than 2^31.");
  return static_cast<int64_t>(count);
}

void GltfAccessors::check_type(int accessor, int components) const {
  const int found = this->components(accessor);
  if (found == components) return;
  const std::string expected = components == 1    ? "SCALAR"
                               : components == 16 ? "MAT4"
                                                  : "VEC" + std::to_string(components);
  fail(where_, ": accessor ", accessor, " is not ", expected, ".");
}

void GltfAccessors::charge(uint64_t bytes) {
  const uint64_t budget = std::max(buffer_bytes_ * kBudgetFactor + decoded_bytes_ * kDecodedFactor, kMinBudget);
  if (bytes > budget - handed_out_) {
    fail(where_, ": expands to more than ", kBudgetFactor, " times the size of its buffers.");
  }
  handed_out_ += bytes;
}

void GltfAccessors::charge_decoded(uint64_t bytes, const std::string& path) {
  const uint64_t limit = std::max(buffer_bytes_ * kMaxDecodedRatio, kMinDecoded);
  if (bytes > limit - decoded_bytes_) {
    fail(path, " expands to more than ", kMaxDecodedRatio, " times the size of the file's buffers.");
  }
  decoded_bytes_ += bytes;
}

std::span<const std::byte> GltfAccessors::buffer_range(int view, int buffer_index, uint64_t offset,
                                                       uint64_t length) const {
  if (buffer_index < 0 || static_cast<size_t>(buffer_index) >= document_.buffers.size()) {
    fail(where_, ": bufferView ", view, " refers to buffer ", buffer_index, ", but the file has ",
         document_.buffers.size(), ".");
  }
  const auto buffer = document_.buffers[static_cast<size_t>(buffer_index)];
  if (offset > buffer.size() || length > buffer.size() - offset) {
    fail(where_, ": bufferView ", view, " reaches beyond the ", buffer.size(), " bytes of its buffer.");
  }
  return buffer.subspan(offset, length);
}

std::span<const std::byte> GltfAccessors::decode_view(int view, const MeshoptView& compressed) {
  const auto found = decoded_views_.find(view);
  if (found != decoded_views_.end()) return found->second;
  const std::string path = where_ + ": bufferView " + std::to_string(view);
  const auto data = buffer_range(view, compressed.buffer, compressed.offset, compressed.length);
  charge_decoded(decoded_bytes(compressed, path), path);
  return decoded_views_.emplace(view, decode_meshopt(compressed, data, path)).first->second;
}

std::span<const std::byte> GltfAccessors::view_bytes(int view_index) {
  const auto compressed = document_.meshopt_views.find(view_index);
  if (compressed != document_.meshopt_views.end()) return decode_view(view_index, compressed->second);
  const tinygltf::BufferView& view = model_.bufferViews[static_cast<size_t>(view_index)];
  return buffer_range(view_index, view.buffer, view.byteOffset, view.byteLength);
}

std::vector<uint32_t> GltfAccessors::decode(const GltfDracoPrimitive& primitive,
                                            const std::map<std::string, int>& attributes, const std::string& path) {
  if (static_cast<size_t>(primitive.view) >= model_.bufferViews.size()) {
    fail(path, " refers to bufferView ", primitive.view, ", but the file has ", model_.bufferViews.size(), ".");
  }
  const uint64_t limit = std::max(buffer_bytes_ * kMaxDecodedRatio, kMinDecoded);
  DracoMesh mesh = decode_draco(view_bytes(primitive.view), limit - decoded_bytes_, path);
  uint64_t bytes = mesh.corners.size() * sizeof(uint32_t);
  for (const auto& [name, id] : primitive.attributes) {
    const auto accessor = attributes.find(name);
    if (accessor == attributes.end()) continue;
    const auto decoded = mesh.attributes.find(id);
    if (decoded == mesh.attributes.end()) {
      fail(path, " has no attribute ", id, " in its Draco data, which it lists for ", printable(name), ".");
    }
    bytes += decoded->second.bytes.size();
    decoded_accessors_[accessor->second] = decoded->second;
  }
  charge_decoded(bytes, path);
  return std::move(mesh.corners);
}

GltfAccessors::Elements GltfAccessors::elements(int accessor, int view_index, uint64_t offset, uint64_t count,
                                                int component_type, int components) {
  const size_t size = component_bytes(component_type) * static_cast<size_t>(components);
  if (size == 0) fail(where_, ": accessor ", accessor, " has the unknown componentType ", component_type, ".");
  if (view_index < 0 || static_cast<size_t>(view_index) >= model_.bufferViews.size()) {
    fail(where_, ": accessor ", accessor, " refers to bufferView ", view_index, ", but the file has ",
         model_.bufferViews.size(), ".");
  }
  const auto bytes = view_bytes(view_index);
  const size_t stride = stride_of(view_index, size);
  if (stride < size)
    fail(where_, ": bufferView ", view_index, " has a byteStride of ", stride, ", but elements of ", size, " bytes.");
  // The last element needs no complete stride: (count - 1) * stride + size <= room, without overflow.
  const uint64_t room = offset <= bytes.size() ? bytes.size() - offset : 0;
  if (count > 0 && (room < size || (room - size) / stride < count - 1)) {
    fail(where_, ": accessor ", accessor, " with ", count, " elements reaches beyond the ", bytes.size(),
         " bytes of bufferView ", view_index, ".");
  }
  const std::byte* data = count == 0 ? nullptr : bytes.data() + offset;
  return {data, count, stride, component_type, components};
}

// If a compressed view has no byteStride, its compression defines it.
size_t GltfAccessors::stride_of(int view, size_t element_bytes) const {
  const size_t stride = model_.bufferViews[static_cast<size_t>(view)].byteStride;
  if (stride != 0) return stride;
  const auto compressed = document_.meshopt_views.find(view);
  return compressed == document_.meshopt_views.end() ? element_bytes : compressed->second.stride;
}

bool GltfAccessors::has_data(int accessor) const {
  return at(accessor).bufferView >= 0 || decoded_accessors_.contains(accessor);
}

GltfAccessors::Elements GltfAccessors::dense(int accessor, int components) {
  if (const auto found = decoded_accessors_.find(accessor); found != decoded_accessors_.end()) {
    const GltfArray& array = found->second;
    const size_t size = component_bytes(array.component_type) * static_cast<size_t>(components);
    return {array.bytes.data(), array.count, size, array.component_type, components};
  }
  const tinygltf::Accessor& a = at(accessor);
  return elements(accessor, a.bufferView, a.byteOffset, a.count, a.componentType, components);
}

std::vector<float> GltfAccessors::read_floats(const Elements& e, bool normalized) const {
  const auto load_one = [&](const std::byte* at) {
    switch (e.component_type) {
      case TINYGLTF_COMPONENT_TYPE_BYTE:
        return load_integer<int8_t>(at, normalized);
      case TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE:
        return load_integer<uint8_t>(at, normalized);
      case TINYGLTF_COMPONENT_TYPE_SHORT:
        return load_integer<int16_t>(at, normalized);
      case TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT:
        return load_integer<uint16_t>(at, normalized);
      case TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT:
        return load_integer<uint32_t>(at, normalized);
      default:
        return load<float>(at);
    }
  };
  const size_t size = component_bytes(e.component_type);
  std::vector<float> values;
  values.reserve(e.count * static_cast<size_t>(e.components));
  for (uint64_t i = 0; i < e.count; ++i) {
    for (size_t c = 0; c < static_cast<size_t>(e.components); ++c) {
      values.push_back(load_one(e.data + i * e.stride + c * size));
    }
  }
  return values;
}

std::vector<uint32_t> GltfAccessors::read_integers(const Elements& e, int accessor, const char* what) const {
  const auto load_one = [&](const std::byte* at) -> uint32_t {
    switch (e.component_type) {
      case TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE:
        return load<uint8_t>(at);
      case TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT:
        return load<uint16_t>(at);
      case TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT:
        return load<uint32_t>(at);
      default:
        fail(where_, ": accessor ", accessor, " ", what, " that are not unsigned integers.");
    }
  };
  std::vector<uint32_t> values(e.count);
  for (uint64_t i = 0; i < e.count; ++i) values[i] = load_one(e.data + i * e.stride);
  return values;
}

std::vector<uint32_t> GltfAccessors::sparse_indices(int accessor) {
  const tinygltf::Accessor& a = at(accessor);
  const auto& sparse = a.sparse;
  const Elements e = elements(accessor, sparse.indices.bufferView, static_cast<uint64_t>(sparse.indices.byteOffset),
                              static_cast<uint64_t>(sparse.count), sparse.indices.componentType, 1);
  const auto end = static_cast<uint64_t>(count(accessor));
  const std::vector<uint32_t> indices = read_integers(e, accessor, "has sparse indices");
  for (uint64_t i = 0; i < e.count; ++i) {
    if (indices[i] >= end || (i > 0 && indices[i] <= indices[i - 1])) {
      fail(where_, ": accessor ", accessor, " has the sparse index ", indices[i],
           ", expected increasing indices below ", end, ".");
    }
  }
  return indices;
}

std::vector<float> GltfAccessors::sparse_values(int accessor, int components) {
  const tinygltf::Accessor& a = at(accessor);
  const auto& values = a.sparse.values;
  return read_floats(elements(accessor, values.bufferView, static_cast<uint64_t>(values.byteOffset),
                              static_cast<uint64_t>(a.sparse.count), a.componentType, components),
                     a.normalized);
}

std::vector<float> GltfAccessors::floats(int accessor, int components) {
  std::vector<float> values = any_floats(accessor, components);
  check_finite(values, components, accessor);
  return values;
}

std::vector<float> GltfAccessors::normals(int accessor) { return any_floats(accessor, 3); }

void GltfAccessors::check_finite(const std::vector<float>& values, int components, int accessor) const {
  const auto bad = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
  if (bad == values.end()) return;
  fail(where_, ": accessor ", accessor, " holds a value that is not finite at element ",
       (bad - values.begin()) / components, ".");
}

std::vector<float> GltfAccessors::any_floats(int accessor, int components) {
  check_type(accessor, components);
  const tinygltf::Accessor& a = at(accessor);
  charge(static_cast<uint64_t>(count(accessor)) * static_cast<uint64_t>(components) * sizeof(float));
  std::vector<float> values;
  if (!has_data(accessor))
    values.resize(a.count * static_cast<size_t>(components));
  else
    values = read_floats(dense(accessor, components), a.normalized);
  if (!a.sparse.isSparse) return values;
  const std::vector<uint32_t> indices = sparse_indices(accessor);
  const std::vector<float> replaced = sparse_values(accessor, components);
  const auto width = static_cast<size_t>(components);
  for (size_t i = 0; i < indices.size(); ++i) std::copy_n(&replaced[i * width], width, &values[indices[i] * width]);
  return values;
}

std::vector<uint32_t> GltfAccessors::integers(int accessor) {
  check_type(accessor, 1);
  charge(static_cast<uint64_t>(count(accessor)) * sizeof(uint32_t));
  if (at(accessor).sparse.isSparse)
    fail(where_, ": accessor ", accessor, " holds sparse integers, which are not supported.");
  return read_integers(dense(accessor, 1), accessor, "holds indices");
}

SparseVectors GltfAccessors::sparse_vectors(int accessor) {
  check_type(accessor, 3);
  count(accessor);  // indices fit
  const tinygltf::Accessor& a = at(accessor);
  SparseVectors result;
  const auto add = [&](size_t index, const float* value) {
    if (value[0] == 0 && value[1] == 0 && value[2] == 0) return;
    result.indices.push_back(static_cast<int32_t>(index));
    result.values.insert(result.values.end(), value, value + 3);
  };
  if (!has_data(accessor) && a.sparse.isSparse) {
    charge(static_cast<uint64_t>(a.sparse.count) * 4 * sizeof(float));
    const std::vector<uint32_t> indices = sparse_indices(accessor);
    const std::vector<float> values = sparse_values(accessor, 3);
    check_finite(values, 3, accessor);
    for (size_t i = 0; i < indices.size(); ++i) add(indices[i], &values[i * 3]);
  } else if (has_data(accessor)) {
    const std::vector<float> values = floats(accessor, 3);
    for (size_t i = 0; i < values.size() / 3; ++i) add(i, &values[i * 3]);
  }
  return result;
}

}  // namespace bisque
