#include <fstream>  // tinygltf uses it also where it is told to leave files alone

#define TINYGLTF_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wshadow"
#include <bisque/ops3d/io/tinygltf.h>
#pragma GCC diagnostic pop
