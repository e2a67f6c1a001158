// Words for reports: where, who, what.
#pragma once
#include <string>

#include "state.h"

namespace softgpu {

std::string hex(uint64_t v);
// An instruction's text, with file and line where the PTX has them.
std::string place(uint32_t id);
// The kernel, block and thread that run.
std::string who(const Ctx& c);

}  // namespace softgpu
