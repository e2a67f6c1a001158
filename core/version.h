// The version of the project; CMake reads it from here.
#pragma once
#define BISQUE_VERSION "0.1.0"
