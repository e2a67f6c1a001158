// bisque render on several processes that torchrun started.
#pragma once
#include <cstdint>
#include <string>

#include <bisque/core/distributed/process_group.h>
#include <bisque/renderer/animation/render_take.h>

#include "cli/render_options.h"

namespace bisque::cli {

/// Renders the frames that are not finished: each rank takes the next one when it has written its last. Rank 0 encodes
/// a video from the finished frames. After a restart by torchrun, finished frames of this render are kept. `key` is a
/// render_key. Error: a rank with another key or another folder, a missing rank, and the errors of the frames.
void render_on_ranks(const ProcessGroup& group, const std::string& key, const WhiteModelRenderer& renderer,
                     const Animation& animation, const RenderTakeOptions& take_options, const RenderOptions& options);

}  // namespace bisque::cli
