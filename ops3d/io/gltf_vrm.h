// The additions of a VRM avatar to glTF: named expressions and the bones of a human.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace bisque {

/// A morph target of an expression, and its weight at full strength: 1 is all of it.
struct VrmBind {
  int mesh = 0;
  int target = 0;
  double weight = 1;
};

/// A blend shape group of VRM 0 or an expression of VRM 1.
struct VrmExpression {
  std::string name;
  std::vector<VrmBind> binds;
};

struct GltfVrm {
  std::vector<VrmExpression> expressions;
  std::map<std::string, int> bones;  // node of each bone, by VRM's name: head, leftEye, ...
};

}  // namespace bisque
