// bisque convert: converts a blendshape model of any format to .safetensors or .glb, and tensors between torch files
// and .safetensors.
#include <cstdio>
#include <memory>
#include <string>

#include <bisque/core/error.h>
#include <bisque/renderer/models/glb_writer.h>
#include <bisque/renderer/models/model_file.h>
#include <bisque/renderer/models/model_textures.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/pictures/picture_file.h>

#include "cli/commands.h"
#include "cli/tensor_file.h"
#include "cli/values.h"

namespace bisque::cli {

void add_convert(CLI::App& app) {
  struct Options {
    std::string input, output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("convert", "Converts a model or a file of tensors to another format.");
  command
      ->add_option("input", options->input,
                   "A model that `render` accepts, or a file of torch.save (.pt, .pth, .bin, .ckpt)")
      ->required();
  command
      ->add_option("output", options->output,
                   "FILE.safetensors (memory-mapped when opened) or FILE.glb; for tensors FILE.safetensors or FILE.pt")
      ->required();
  command->callback([options] {
    // A .safetensors file may be a model or plain tensors; a torch file on either side means plain tensors.
    if (is_torch_file(options->input) || is_torch_file(options->output)) {
      return convert_tensors(options->input, options->output);
    }
    const std::string extension = lower_extension(options->output);
    if (extension != ".safetensors" && extension != ".glb") {
      fail("\"", options->output, "\" is not a supported model file for output; expected .safetensors or .glb.");
    }
    BlendshapeData model = read_blendshapes(options->input);
    read_textures(model);
    for (const auto& warning : model.warnings) std::fprintf(stderr, "note: %s\n", one_line(warning).c_str());
    if (extension == ".glb") {
      write_glb(options->output, model);
    } else {
      write_model(options->output, model);
    }
    std::printf("%s: %lld verts, %lld triangles, %lld shapes\n", one_line(options->output).c_str(),
                static_cast<long long>(model.num_verts()), static_cast<long long>(model.num_faces()),
                static_cast<long long>(model.num_shapes()));
  });
}

}  // namespace bisque::cli
