// Finds the head of a model, and the vertices that follow it when it turns. Free of libtorch.
#pragma once
#include <array>
#include <vector>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// An axis-aligned box; empty if low is above high.
struct Box {
  std::array<float, 3> low, high;

  bool contains(const float* point) const;
  std::array<float, 3> middle() const;
};

/// "What the shapes move" is the vertices that shapes with names of a face's shapes (ARKit's in any spelling) move at
/// coefficient 1. If no name is known, it is those that move less than a third of the model's height, or all if there
/// are none. Vertices that move by less than a twentieth of the largest displacement are ignored.
struct HeadRegion {
  Box model;              // of the vertices that faces use, or of all if there are no faces
  Box head;               // of what the shapes move and the head around it; the model's if that is unknown
  bool is_known = false;  // shapes or head weights show where the head is
  /// The model has a body, and what the shapes move is less than a third of the model's height.
  bool is_small = false;
  std::array<float, 3> pivot{};  // the point about which the head turns
  /// [V] the weight of each vertex in the head's turn; empty if the whole model turns.
  std::vector<float> weights;
};

/// How the head turns:
/// - by the model's head_weights about head_joint, if some vertices do not follow that joint and what the shapes move
///   does;
/// - else, if the head is small and far above the middle, about the lower end of what the shapes move, blended over
///   a neck below it;
/// - else the whole model about the middle of its box.
/// Eyeballs (find_eyeball) follow the head as a whole.
HeadRegion find_head(const BlendshapeData& model);

/// Whether a face uses each vertex; all are true if the model has no faces.
std::vector<bool> used_verts(const BlendshapeData& model);

}  // namespace bisque
