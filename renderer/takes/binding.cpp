#include <bisque/renderer/takes/binding.h>

#include <set>
#include <sstream>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/shape_index.h>

namespace bisque {
namespace {

/// The shapes of a model.
struct Model {
  explicit Model(const std::vector<std::string>& shapes) : names(shapes), index(shapes) {}

  /// The shape that `column` resolves to; -1 for none. Error: there are two.
  int64_t resolved(const std::string& key, Half half, const std::string& column) const {
    const std::vector<int64_t>& shapes = index.resolved(key, half);
    if (shapes.size() > 1) {
      fail("take column ", quoted_text(column), " fits two shapes of the model, ", quoted_text(name(shapes[0])),
           " and ", quoted_text(name(shapes[1])), ", expected one.");
    }
    return shapes.empty() ? -1 : shapes[0];
  }
  const std::string& name(int64_t shape) const { return names[static_cast<size_t>(shape)]; }

  const std::vector<std::string>& names;
  ShapeIndex index;
};

struct Target {
  int64_t shape = 0;
  float weight = 1;
};

// The shapes that a column drives, correctives among them.
std::vector<Target> find_targets(const Model& model, const std::string& column, const ShapeName& name) {
  if (const int64_t shape = model.index.exact(column); shape >= 0) return {{shape, 1.0F}};
  if (const int64_t shape = model.resolved(name.key, name.half, column); shape >= 0) return {{shape, 1.0F}};
  std::vector<Target> targets;
  if (name.half == Half::kWhole) {
    for (const Half half : {Half::kLeft, Half::kRight}) {
      if (const int64_t shape = model.resolved(name.key, half, column); shape >= 0) targets.push_back({shape, 1.0F});
    }
  } else if (const int64_t shape = model.resolved(name.key, Half::kWhole, column); shape >= 0) {
    targets.push_back({shape, 0.5F});
  }
  return targets;
}

/// Builds a Binding column by column, and remembers which columns drive a shape.
class Binder {
 public:
  Binder(const std::vector<std::string>& take_names, const std::vector<std::string>& shapes,
         std::span<const int32_t> correctives)
      : take_names_(take_names), shapes_(shapes), model_(shapes), corrective_(shapes.size()), drivers_(shapes.size()) {
    for (const int32_t shape : correctives) corrective_.at(static_cast<size_t>(shape)) = true;
    binding_.angle_columns.fill(-1);
    binding_.num_columns = static_cast<int64_t>(take_names.size());
    binding_.num_shapes = static_cast<int64_t>(shapes.size());
  }

  Binding run() {
    for (size_t i = 0; i < take_names_.size(); ++i) bind_column(static_cast<int64_t>(i));
    for (size_t i = 0; i < shapes_.size(); ++i) {
      if (!drivers_[i].empty() || corrective_[i]) continue;
      const bool identity = resolve_shape_name(shapes_[i]).key.starts_with("identity");
      (identity ? binding_.identity_shapes : binding_.take_lacks).push_back(shapes_[i]);
    }
    return std::move(binding_);
  }

 private:
  const std::string& column_name(int64_t column) const { return take_names_[static_cast<size_t>(column)]; }

  void bind_column(int64_t column) {
    const std::string& text = column_name(column);
    const ShapeName name = resolve_shape_name(text);
    if (name.angle >= 0) {
      bind_angle(column, static_cast<size_t>(name.angle));
      return;
    }
    const std::vector<Target> targets = find_targets(model_, text, name);
    if (targets.empty()) binding_.model_lacks.push_back(text);
    bool driven = false;
    for (const Target& target : targets) {
      if (corrective_[static_cast<size_t>(target.shape)]) continue;
      add(column, name, target);
      driven = true;
    }
    if (!targets.empty() && !driven) binding_.corrective_columns.push_back(text);
  }

  void bind_angle(int64_t column, size_t angle) {
    int64_t& known = binding_.angle_columns[angle];
    if (known >= 0) {
      fail("take columns ", quoted_text(column_name(known)), " and ", quoted_text(column_name(column)),
           " are both the angle ", angle_names()[angle], ", expected one.");
    }
    known = column;
  }

  void add(int64_t column, const ShapeName& name, const Target& target) {
    auto& drivers = drivers_[static_cast<size_t>(target.shape)];
    for (const auto& [other, half] : drivers) {
      const bool two_halves = name.half != Half::kWhole && half != Half::kWhole && name.half != half;
      if (two_halves && target.weight != 1.0F) continue;
      fail("take columns ", quoted_text(column_name(other)), " and ", quoted_text(column_name(column)),
           " both drive the model's shape ", quoted_text(shapes_[static_cast<size_t>(target.shape)]),
           ", expected one.");
    }
    drivers.emplace_back(column, name.half);
    binding_.bound.push_back({column, target.shape, target.weight});
  }

  const std::vector<std::string>& take_names_;
  const std::vector<std::string>& shapes_;
  Model model_;
  std::vector<bool> corrective_;
  std::vector<std::vector<std::pair<int64_t, Half>>> drivers_;  // of each shape
  Binding binding_;
};

void add_line(std::ostringstream& out, std::string_view title, const std::vector<std::string>& names) {
  if (!names.empty()) out << title << comma_list(names) << ".\n";
}

}  // namespace

Binding bind_by_name(const std::vector<std::string>& take_names, const std::vector<std::string>& model_shape_names,
                     std::span<const int32_t> correctives) {
  return Binder(take_names, model_shape_names, correctives).run();
}

std::string binding_report(const Binding& binding) {
  int64_t angles = 0;
  for (const int64_t column : binding.angle_columns) angles += column >= 0 ? 1 : 0;
  const auto unbound = static_cast<int64_t>(binding.model_lacks.size() + binding.corrective_columns.size());
  std::set<int64_t> driven;
  for (const BoundShape& bound : binding.bound) driven.insert(bound.shape);
  std::ostringstream out;
  out << binding.num_columns - angles - unbound << " of " << binding.num_columns - angles << " shape columns drive "
      << driven.size() << " of " << binding.num_shapes << " shapes of the model; head and eye angles: " << angles
      << " of " << kNumAngles << ".\n";
  add_line(out, "The model lacks: ", binding.model_lacks);
  add_line(out, "The take lacks: ", binding.take_lacks);
  add_line(out, "Identity shapes, left at 0: ", binding.identity_shapes);
  add_line(out, "Driven by other shapes, not by the take: ", binding.corrective_columns);
  return out.str();
}

std::vector<float> bound_coefficients(const Take& take, const Binding& binding, int64_t frame) {
  std::vector<float> result(static_cast<size_t>(binding.num_shapes));
  const float* values = take.values.data() + static_cast<size_t>(frame) * take.names.size();
  for (const BoundShape& bound : binding.bound) {
    result[static_cast<size_t>(bound.shape)] += bound.weight * values[bound.column];
  }
  return result;
}

std::vector<float> bound_coefficients(const Take& take, const Binding& binding) {
  std::vector<float> result;
  result.reserve(static_cast<size_t>(take.num_frames * binding.num_shapes));
  for (int64_t frame = 0; frame < take.num_frames; ++frame) {
    const std::vector<float> row = bound_coefficients(take, binding, frame);
    result.insert(result.end(), row.begin(), row.end());
  }
  return result;
}

std::array<float, kNumAngles> bound_angles(const Take& take, const Binding& binding, int64_t frame) {
  std::array<float, kNumAngles> angles{};
  const float* values = take.values.data() + static_cast<size_t>(frame) * take.names.size();
  for (size_t i = 0; i < kNumAngles; ++i) {
    if (binding.angle_columns[i] >= 0) angles[i] = values[binding.angle_columns[i]];
  }
  return angles;
}

}  // namespace bisque
