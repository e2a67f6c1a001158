// Finds where a model's head is, and what follows it when it turns. Free of libtorch.
#pragma once
#include <array>
#include <vector>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// An axis-aligned box; empty where low is above high.
struct Box {
  std::array<float, 3> low, high;

  bool contains(const float* point) const;
  std::array<float, 3> middle() const;
};

/// What the shapes move is what those with names of a face's shapes (ARKit's in any spelling) move at coefficient 1.
/// Where no name is known, those count that move less than a third of the model's height, or all where none does.
/// Vertices that move by less than a twentieth of the largest displacement do not count.
struct HeadRegion {
  Box model;              // of the vertices that faces use, or of all where there is no face
  Box head;               // of what the shapes move and the head around it; the model's where that is unknown
  bool is_known = false;  // shapes or head weights show where the head is
  /// The model has a body, and what the shapes move is less than a third of the model's height.
  bool is_small = false;
  std::array<float, 3> pivot{};  // the point about which the head turns
  /// [V] the share of each vertex in the head's turn; empty where the whole model turns.
  std::vector<float> weights;
};

/// How the head turns:
/// - by the model's head_weights about head_joint, where some vertices do not follow that joint and what the shapes
///   move does;
/// - else, where the head is small and far above the middle, about the lower end of what the shapes move, blended over
///   a neck below it;
/// - else the whole model about the middle of its box.
/// Eyeballs (find_eyeball) follow the head as a whole.
HeadRegion find_head(const BlendshapeData& model);

/// Whether a face uses each vertex; all are true where the model has no face.
std::vector<bool> used_verts(const BlendshapeData& model);

}  // namespace bisque
