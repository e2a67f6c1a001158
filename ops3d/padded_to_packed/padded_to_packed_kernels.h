// padded_to_packed shares the kernels of packed_to_padded.
#pragma once
#include <bisque/ops3d/packed_to_padded/packed_to_padded_kernels.h>
