#include <bisque/ops3d/structures/batch.h>
#include <bisque/renderer/textures/textures.h>

namespace bisque {

std::shared_ptr<Textures> Textures::extend(int64_t count) const {
  return select(repeated_indices("Textures: extend", size(), count));
}

}  // namespace bisque
