#include <bisque/renderer/models/model_textures.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>

namespace bisque {
namespace {

using Bytes = std::shared_ptr<const std::vector<std::byte>>;

bool is_supported(const Bytes& picture) {
  const std::string extension = picture_extension(*picture);
  return extension == ".png" || extension == ".jpg";
}

class TextureReader {
 public:
  explicit TextureReader(BlendshapeData& model) : model_(model) {}

  void run() {
    std::vector<Texture> kept;
    std::vector<int32_t> place;  // of each texture in `kept`, or -1
    for (Texture& texture : model_.textures) {
      if (!texture.picture) texture.picture = read(texture.path);
      const bool is_kept = texture.picture && check(texture);
      place.push_back(is_kept ? static_cast<int32_t>(kept.size()) : -1);
      if (is_kept) kept.push_back(std::move(texture));
    }
    for (Material& material : model_.materials) {
      if (material.texture >= 0) material.texture = place[static_cast<size_t>(material.texture)];
    }
    model_.textures = std::move(kept);
  }

 private:
  // Null, with a warning, if the file cannot be read.
  Bytes read(const std::string& path) {
    const auto [found, is_new] = files_.try_emplace(path);
    if (!is_new) return found->second;
    try {
      const auto file = MappedFile::open(path);
      const auto bytes = file->bytes();
      found->second = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
    } catch (const Error& error) {
      model_.warnings.push_back(std::string(error.what()) + " The texture is ignored.");
    }
    return found->second;
  }

  bool check(const Texture& texture) {
    if (is_supported(texture.picture)) return true;
    const std::string name = texture.path.empty() ? "A picture in the model" : texture.path + ": the picture";
    model_.warnings.push_back(name + " is neither PNG nor JPEG. The texture is ignored.");
    return false;
  }

  BlendshapeData& model_;
  std::map<std::string, Bytes> files_;
};

}  // namespace

void read_textures(BlendshapeData& model) { TextureReader(model).run(); }

}  // namespace bisque
