// MTL, the materials of OBJ files.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// The content of an MTL file. The textures of its materials are indices into `textures`, which names each picture with
/// its options once.
struct MtlFile {
  std::vector<Material> materials;
  std::vector<Texture> textures;
  std::vector<std::string> warnings;
};

/// Reads newmtl, Ka, Kd, Ks, Ns, d, Tr, illum, and map_Kd with the options -s, -o and -clamp; other statements, and
/// other options, are ignored. Texture paths are relative to the folder of `where`, which is the path of the file and
/// the prefix of messages. Error, with the line: text that is no number, a statement before the first newmtl.
MtlFile parse_mtl(std::string_view text, const std::string& where);

/// The text of an MTL file. Texture paths are written unmodified.
std::string mtl_text(const std::vector<Material>& materials, const std::vector<Texture>& textures);

}  // namespace bisque
