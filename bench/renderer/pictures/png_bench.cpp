#include <memory>

#include <bisque/renderer/pictures/png.h>

#include "harness/bench.h"

namespace bisque::bench {
namespace {

const Bench encode({.name = "png_encode_512",
                    .work = "encode a rendered head, 512 x 512 RGB, as PNG in memory",
                    .note = "the peer at compress_level 1, its fastest that compresses",
                    .needs = "demo_picture"},
                   [] {
                     const auto picture = std::make_shared<Picture>(read_png("out/bench/demo.png"));
                     return std::function<void()>([picture] { encode_png(*picture, "demo.png"); });
                   });

}  // namespace
}  // namespace bisque::bench
