// render_face MODEL SHAPE VALUE FILE.png: renders a blendshape model with one coefficient set.
#include <ATen/ATen.h>

#include <cstdio>
#include <cstdlib>

#include <bisque/renderer/mesh/to_picture.h>
#include <bisque/renderer/mesh/white_model_renderer.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/pictures/png.h>

int main(int argc, char** argv) try {
  if (argc != 5) {
    std::fprintf(stderr, "usage: render_face MODEL SHAPE VALUE FILE.png\n");
    return 2;
  }
  const bisque::BlendshapeData data = bisque::read_blendshapes(argv[1]);
  const int64_t shape = bisque::find_shape(data, argv[2]);
  if (shape < 0) {
    std::fprintf(stderr, "render_face: %s has no shape %s\n", argv[1], argv[2]);
    return 1;
  }
  auto model = std::make_shared<bisque::BlendshapeModel>(data);
  auto camera = bisque::fit_camera(model->framed_verts(), 1.0);
  const bisque::WhiteModelRenderer renderer(model, camera);

  auto coefficients = at::zeros({1, model->num_shapes()});
  coefficients[0][shape] = std::atof(argv[3]);
  const at::Tensor pictures = renderer(coefficients);
  bisque::write_png(argv[4], bisque::to_picture(pictures[0], bisque::Color{0.19f, 0.2f, 0.23f}));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "render_face: %s\n", error.what());
  return 1;
}
