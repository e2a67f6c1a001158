// MaterialShader: the colours and textures of a model's materials, lit like a StudioShader.
#pragma once
#include <string>
#include <vector>

#include <bisque/renderer/models/blendshape_data.h>
#include <bisque/renderer/shaders/studio_shader.h>

namespace bisque {

/// Faces have the diffuse colour of their material, which is linear, times its picture, which is sRGB and converted to
/// linear light before it is sampled (sample_texture_uv: bilinear, with the wrap modes of the texture). A picture under
/// a diffuse colour of 0, as some programs write it, is shown unmodified. Faces without a material are white. Opacity,
/// alpha and specular colours of the materials are ignored: all faces are opaque, with the highlights of `material`.
class MaterialShader : public ModuleOf<MaterialShader, OpaqueShader> {
 public:
  /// For the BlendshapeModel of the same arguments. Pictures in files are ignored; read_textures reads them first.
  /// Error: a model with an index out of range, a picture that cannot be decoded, more than 2^31 - 1 pixels of all
  /// pictures together.
  explicit MaterialShader(const BlendshapeData& model, const std::vector<std::string>& hidden_groups = {},
                          const Lighting& lighting = studio_lighting(), const PhongMaterial& material = {});

  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;

  Child<StudioShader> studio;
  // As sample_texture_uv reads them; the colour of a material without a picture is a map of one texel.
  Buffer face_maps;    // [F] int64
  Buffer faces_uvs;    // [F, 3] int64
  Buffer verts_uvs;    // [3 F, 2]
  Buffer maps;         // [P, 3] linear light
  Buffer map_layouts;  // [M, 5] int64

 private:
  struct Surface;
  static Surface surface_of(const BlendshapeData& whole, const std::vector<std::string>& hidden_groups);
  MaterialShader(const Surface& surface, const Lighting& lighting, const PhongMaterial& material);
};

}  // namespace bisque
