// Writes meshes as binary glTF.
#pragma once
#include <string>
#include <vector>

#include <bisque/ops3d/io/gltf_document.h>
#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// Writes a .glb with one mesh: a primitive per group that has faces, a material per group, normals, colours, named
/// morph targets (sparse if that is smaller), and a skin with the joints body and head if there are head weights. glTF
/// has one index per corner, so verts at seams are repeated after the others; the extension BISQUE_topology keeps the
/// original faces, uvs, groups and correctives, and read_gltf restores them. A mesh with normal_faces, or with several
/// materials of one name, has no such extension: it is read back with a vertex per distinct corner and with its faces
/// sorted by group. Pictures in the folder of the file stay there and are named by their uris; others are embedded.
/// Ambient, specular, shininess and illumination are written in the extension BISQUE_phong. Colours of faces and the
/// sizes of polygons are lost. The file is written completely or not at all. Error: the mesh has no faces, or a value
/// that is not finite; a picture cannot be read, or is neither PNG nor JPEG; the file cannot be written, would be
/// larger than 4 GiB, or would repeat the offsets of morph targets too often (a .glb has every target once per group).
void write_glb(const std::string& path, const MeshData& mesh, const std::vector<GltfCorrective>& correctives = {});

}  // namespace bisque
