// Textures from the materials of a mesh file.
#pragma once
#include <bisque/ops3d/io/mesh_data.h>
#include <bisque/renderer/textures/textures_atlas.h>
#include <bisque/renderer/textures/textures_uv.h>

namespace bisque {

/// The diffuse colours of a mesh's materials, one batch element with float32 maps of three channels in linear light:
///
/// - A picture is sRGB and becomes linear; its alpha is ignored. It is multiplied by the material's diffuse colour, as
///   glTF and MTL say, unless that is black, as some exporters of MTL write it beside a picture.
/// - A material's diffuse colour is linear, as glTF says. MTL does not say; it is not converted.
/// - Faces of a material without a picture, or without uvs, have its diffuse colour. Faces without a material are
/// white.
/// - Wrap modes, scale and offset of uvs are those of the file (Texture), so that options.wrap has no effect.
///
/// Errors: a picture that is neither PNG nor JPEG, and those of read_picture; check_mesh_arrays.
TexturesUV material_textures(const MeshData& mesh, const TexturesUVOptions& options = {});

/// An atlas of R x R texels per face: the textures at the middle of each of the R^2 small triangles. Differentiable.
/// Error: R below 1.
TexturesAtlas atlas_of(const TexturesUV& textures, int64_t R);

}  // namespace bisque
