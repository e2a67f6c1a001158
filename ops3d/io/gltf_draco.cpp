#include <bisque/ops3d/io/gltf_draco.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include <draco/compression/mesh/mesh_edgebreaker_decoder.h>
#include <draco/compression/mesh/mesh_sequential_decoder.h>
#include <draco/core/varint_decoding.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

// Maximum decoded faces and verts per compressed byte: a flat grid takes a twentieth of a byte per face.
constexpr uint64_t kElementsPerByte = 32;
constexpr uint64_t kMinElements = uint64_t{1} << 18;
constexpr int kMajorVersion = 2;
constexpr int kMinorVersion = 2;

// A draco decoder that checks the counts in the file before memory is allocated for them.
template <class Base>
class BoundedDecoder : public Base {
 public:
  BoundedDecoder(uint64_t max_elements, uint64_t max_bytes) : max_elements_(max_elements), max_bytes_(max_bytes) {}

  bool exceeds_bounds() const { return exceeds_bounds_; }

 protected:
  bool DecodeGeometryData() override {
    return bounded(elements_ahead() <= max_elements_) && Base::DecodeGeometryData() &&
           bounded(this->point_cloud()->num_points() <= max_elements_);
  }

  // The headers of all attributes are read, but not their values.
  bool DecodeAllAttributes() override {
    uint64_t bytes = 0;
    for (int i = 0; i < this->point_cloud()->num_attributes(); ++i) {
      const draco::PointAttribute& attribute = *this->point_cloud()->attribute(i);
      const auto components = static_cast<uint64_t>(std::max<int>(attribute.num_components(), 1));
      bytes += this->point_cloud()->num_points() * components * kBytesPerComponent;
    }
    return bounded(bytes <= max_bytes_) && Base::DecodeAllAttributes();
  }

 private:
  static constexpr uint64_t kBytesPerComponent = 8;  // in portable and in original form

  bool bounded(bool fits) {
    exceeds_bounds_ |= !fits;
    return fits;
  }

  // The counts at the decoder's position: faces and points of a sequential mesh; verts, faces and the number of
  // additional connectivities over the same faces of an edgebreaker mesh. Nothing at the end of the data: the decoder
  // reports that.
  uint64_t elements_ahead() {
    draco::DecoderBuffer ahead = *this->buffer();
    uint32_t counts[2] = {0, 0};
    for (uint32_t& count : counts) {
      if (!draco::DecodeVarint(&count, &ahead)) return 0;
    }
    uint64_t connectivities = 1;
    if constexpr (std::is_same_v<Base, draco::MeshEdgebreakerDecoder>) {
      uint8_t further = 0;
      if (ahead.Decode(&further)) connectivities += further;
    }
    return std::max(counts[0], counts[1]) * connectivities;
  }

  uint64_t max_elements_;
  uint64_t max_bytes_;
  bool exceeds_bounds_ = false;
};

int component_type_of(draco::DataType type) {
  switch (type) {
    case draco::DT_INT8:
      return TINYGLTF_COMPONENT_TYPE_BYTE;
    case draco::DT_UINT8:
      return TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE;
    case draco::DT_INT16:
      return TINYGLTF_COMPONENT_TYPE_SHORT;
    case draco::DT_UINT16:
      return TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT;
    case draco::DT_UINT32:
      return TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT;
    case draco::DT_FLOAT32:
      return TINYGLTF_COMPONENT_TYPE_FLOAT;
    default:
      return 0;  // glTF has no such attributes
  }
}

// The values of an attribute, one per point.
GltfArray array_of(const draco::Mesh& mesh, const draco::PointAttribute& attribute, const std::string& path) {
  GltfArray array;
  array.count = mesh.num_points();
  array.components = attribute.num_components();
  array.component_type = component_type_of(attribute.data_type());
  const auto size = static_cast<size_t>(draco::DataTypeLength(attribute.data_type()) * array.components);
  array.bytes.resize(array.count * size);
  if (static_cast<size_t>(attribute.byte_stride()) != size) fail(path, " holds an attribute with gaps.");
  for (uint32_t point = 0; point < mesh.num_points(); ++point) {
    const auto value = attribute.mapped_index(draco::PointIndex(point));
    if (value.value() >= attribute.size()) fail(path, " holds an attribute with too few values.");
    attribute.GetValue(value, array.bytes.data() + point * size);
  }
  return array;
}

DracoMesh arrays_of(const draco::Mesh& mesh, const std::string& path) {
  DracoMesh arrays;
  arrays.corners.reserve(static_cast<size_t>(mesh.num_faces()) * 3);
  for (uint32_t i = 0; i < mesh.num_faces(); ++i) {
    for (const draco::PointIndex& corner : mesh.face(draco::FaceIndex(i))) arrays.corners.push_back(corner.value());
  }
  for (int i = 0; i < mesh.num_attributes(); ++i) {
    const draco::PointAttribute& attribute = *mesh.attribute(i);
    if (component_type_of(attribute.data_type()) == 0) continue;
    arrays.attributes.emplace(static_cast<int>(attribute.unique_id()), array_of(mesh, attribute, path));
  }
  return arrays;
}

template <class Base>
DracoMesh decode(std::span<const std::byte> data, uint64_t max_bytes, const std::string& path) {
  draco::DecoderBuffer buffer;
  buffer.Init(reinterpret_cast<const char*>(data.data()), data.size());
  BoundedDecoder<Base> decoder(std::max(kMinElements, data.size() * kElementsPerByte), max_bytes);
  draco::Mesh mesh;
  const bool decoded = decoder.Decode(draco::DecoderOptions(), &buffer, &mesh).ok();
  if (decoder.exceeds_bounds()) fail(path, " declares more faces or verts than ", data.size(), " bytes can hold.");
  if (!decoded) fail(path, " does not hold a mesh compressed by Draco.");
  return arrays_of(mesh, path);
}

}  // namespace

DracoMesh decode_draco(std::span<const std::byte> data, uint64_t max_bytes, const std::string& path) {
  draco::DecoderBuffer buffer;
  buffer.Init(reinterpret_cast<const char*>(data.data()), data.size());
  draco::DracoHeader header;
  if (!draco::PointCloudDecoder::DecodeHeader(&buffer, &header).ok() || header.encoder_type != draco::TRIANGULAR_MESH) {
    fail(path, " does not hold a mesh compressed by Draco.");
  }
  if (header.version_major != kMajorVersion || header.version_minor != kMinorVersion) {
    fail(path, " holds Draco bitstream ", int{header.version_major}, ".", int{header.version_minor}, ", expected ",
         kMajorVersion, ".", kMinorVersion, ".");
  }
  if (header.encoder_method == draco::MESH_EDGEBREAKER_ENCODING) {
    return decode<draco::MeshEdgebreakerDecoder>(data, max_bytes, path);
  }
  return decode<draco::MeshSequentialDecoder>(data, max_bytes, path);
}

}  // namespace bisque
