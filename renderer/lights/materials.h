// Materials: how surfaces reflect light.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/nn/module.h>
#include <bisque/renderer/batch/batch_value.h>

namespace bisque {

class ParameterBatch;

struct MaterialsOptions {
  BatchValue ambient_color = 1.0;   // [N, 3]
  BatchValue diffuse_color = 1.0;   // [N, 3]
  BatchValue specular_color = 1.0;  // [N, 3]
  BatchValue shininess = 64;        // [N], the exponent of the highlight
};

/// The material of the surfaces in each of N scenes, or one (N = 1) for all: factors of the lights' colours. Parameters
/// are float32 or float64; a tensor that was given is used unmodified, so that its gradient arrives at it. Errors:
/// shapes, dtypes or devices that do not match.
class Materials : public ModuleOf<Materials> {
 public:
  explicit Materials(const MaterialsOptions& options = {});

  int64_t size() const { return shininess.size(0); }  ///< N

  Buffer ambient_color, diffuse_color, specular_color;  // [N, 3]
  Buffer shininess;                                     // [N]

 private:
  Materials(const MaterialsOptions& options, const ParameterBatch& batch);
};

}  // namespace bisque
