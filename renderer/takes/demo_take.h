// A short procedural animation that demonstrates a face. Free of libtorch.
#pragma once
#include <bisque/renderer/takes/take.h>

namespace bisque {

/// 120 frames at 30 Hz with Live Link's names: blinks, a smile, an open jaw, pursed lips, brows, cheeks, the tongue,
/// glances and a turning head. The first frame and the one after the last are the neutral face.
Take make_demo_take();

}  // namespace bisque
