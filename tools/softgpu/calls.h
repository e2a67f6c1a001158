// Entering functions.
#pragma once
#include "state.h"

namespace softgpu {

// Fills the constants and special registers of a function's frame.
void enter(const Func& f, Reg* r, const Ctx& c);

}  // namespace softgpu
