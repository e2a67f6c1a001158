#include <bisque/ops3d/io/gltf_accessor.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

// A file may hand out its buffers several times (primitives that share accessors), but not without end.
constexpr uint64_t kBudgetFactor = 16;
constexpr uint64_t kMinBudget = uint64_t{64} << 20;

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
    default:
      return 0;  // matrices hold nothing that is read here
  }
}

template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

// glTF 2.0, 3.6.2.2: signed values are clamped, so that -128 is -1 as well.
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
  for (const auto& buffer : document.buffers) budget_ += buffer.size();
  budget_ = std::max(budget_ * kBudgetFactor, kMinBudget);
}

const tinygltf::Accessor& GltfAccessors::at(int accessor) const {
  if (accessor < 0 || static_cast<size_t>(accessor) >= model_.accessors.size()) {
    fail(where_, ": refers to accessor ", accessor, ", but the file has ", model_.accessors.size(), " accessors.");
  }
  return model_.accessors[static_cast<size_t>(accessor)];
}

int64_t GltfAccessors::count(int accessor) const {
  const size_t count = at(accessor).count;
  if (count > INT32_MAX) fail(where_, ": accessor ", accessor, " has ", count, " elements, expected less than 2^31.");
  return static_cast<int64_t>(count);
}

void GltfAccessors::check_type(int accessor, int components) const {
  if (const int found = type_components(at(accessor).type); found != components) {
    fail(where_, ": accessor ", accessor, " is not ", components == 1 ? "SCALAR" : "VEC",
         components == 1 ? "" : std::to_string(components), ".");
  }
}

void GltfAccessors::charge(uint64_t bytes) {
  if (bytes > budget_) fail(where_, ": expands to more than ", kBudgetFactor, " times the size of its buffers.");
  budget_ -= bytes;
}

GltfAccessors::Elements GltfAccessors::elements(int accessor, int view_index, uint64_t offset, uint64_t count,
                                                int component_type, int components) const {
  const size_t size = component_bytes(component_type) * static_cast<size_t>(components);
  if (size == 0) fail(where_, ": accessor ", accessor, " has the unknown componentType ", component_type, ".");
  if (view_index < 0 || static_cast<size_t>(view_index) >= model_.bufferViews.size()) {
    fail(where_, ": accessor ", accessor, " refers to bufferView ", view_index, ", but the file has ",
         model_.bufferViews.size(), ".");
  }
  const tinygltf::BufferView& view = model_.bufferViews[static_cast<size_t>(view_index)];
  if (view.buffer < 0 || static_cast<size_t>(view.buffer) >= document_.buffers.size()) {
    fail(where_, ": bufferView ", view_index, " refers to buffer ", view.buffer, ", but the file has ",
         document_.buffers.size(), ".");
  }
  const auto buffer = document_.buffers[static_cast<size_t>(view.buffer)];
  if (view.byteOffset > buffer.size() || view.byteLength > buffer.size() - view.byteOffset) {
    fail(where_, ": bufferView ", view_index, " reaches beyond the ", buffer.size(), " bytes of its buffer.");
  }
  const size_t stride = view.byteStride == 0 ? size : view.byteStride;
  if (stride < size)
    fail(where_, ": bufferView ", view_index, " has a byteStride of ", stride, ", but elements of ", size, " bytes.");
  // The last element needs no whole stride: (count - 1) * stride + size <= room, without overflow.
  const uint64_t room = offset <= view.byteLength ? view.byteLength - offset : 0;
  if (count > 0 && (room < size || (room - size) / stride < count - 1)) {
    fail(where_, ": accessor ", accessor, " with ", count, " elements reaches beyond the ", view.byteLength,
         " bytes of bufferView ", view_index, ".");
  }
  const std::byte* data = count == 0 ? nullptr : buffer.data() + view.byteOffset + offset;
  return {data, count, stride, component_type, components};
}

GltfAccessors::Elements GltfAccessors::dense(int accessor, int components) const {
  const tinygltf::Accessor& a = at(accessor);
  return elements(accessor, a.bufferView, a.byteOffset, a.count, a.componentType, components);
}

std::vector<float> GltfAccessors::read_floats(const Elements& e, bool normalized, int accessor) const {
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
      const float value = load_one(e.data + i * e.stride + c * size);
      if (!std::isfinite(value))
        fail(where_, ": accessor ", accessor, " holds a value that is not finite at element ", i, ".");
      values.push_back(value);
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

std::vector<uint32_t> GltfAccessors::sparse_indices(int accessor) const {
  const tinygltf::Accessor& a = at(accessor);
  const auto& sparse = a.sparse;
  const Elements e = elements(accessor, sparse.indices.bufferView, static_cast<uint64_t>(sparse.indices.byteOffset),
                              static_cast<uint64_t>(sparse.count), sparse.indices.componentType, 1);
  const std::vector<uint32_t> indices = read_integers(e, accessor, "has sparse indices");
  for (uint64_t i = 0; i < e.count; ++i) {
    if (indices[i] >= a.count || (i > 0 && indices[i] <= indices[i - 1])) {
      fail(where_, ": accessor ", accessor, " has the sparse index ", indices[i], ", expected rising indices below ",
           a.count, ".");
    }
  }
  return indices;
}

std::vector<float> GltfAccessors::sparse_values(int accessor, int components) const {
  const tinygltf::Accessor& a = at(accessor);
  const auto& values = a.sparse.values;
  return read_floats(elements(accessor, values.bufferView, static_cast<uint64_t>(values.byteOffset),
                              static_cast<uint64_t>(a.sparse.count), a.componentType, components),
                     a.normalized, accessor);
}

std::vector<float> GltfAccessors::floats(int accessor, int components) {
  check_type(accessor, components);
  const tinygltf::Accessor& a = at(accessor);
  charge(static_cast<uint64_t>(count(accessor)) * static_cast<uint64_t>(components) * sizeof(float));
  std::vector<float> values;
  if (a.bufferView < 0)
    values.resize(a.count * static_cast<size_t>(components));
  else
    values = read_floats(dense(accessor, components), a.normalized, accessor);
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
    fail(where_, ": accessor ", accessor, " holds sparse integers, which are not read.");
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
  if (a.bufferView < 0 && a.sparse.isSparse) {
    charge(static_cast<uint64_t>(a.sparse.count) * 4 * sizeof(float));
    const std::vector<uint32_t> indices = sparse_indices(accessor);
    const std::vector<float> values = sparse_values(accessor, 3);
    for (size_t i = 0; i < indices.size(); ++i) add(indices[i], &values[i * 3]);
  } else if (a.bufferView >= 0) {
    const std::vector<float> values = floats(accessor, 3);
    for (size_t i = 0; i < a.count; ++i) add(i, &values[i * 3]);
  }
  return result;
}

}  // namespace bisque
