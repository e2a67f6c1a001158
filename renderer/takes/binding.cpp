#include <bisque/renderer/takes/binding.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/shape_index.h>

namespace bisque {
namespace {

// How well a column matches a shape, the best last.
enum class Fit { kSpelling, kArkitSpelling, kEqual, kMapped };

/// A column that may drive a shape.
struct Candidate {
  int64_t column = 0;
  int64_t shape = 0;
  float weight = 1;
  ShapeHalf half = ShapeHalf::kWhole;  // of the column
  Fit fit = Fit::kSpelling;
};

/// Builds a Binding: collects the shapes that each column matches, then gives each shape the best column.
class Binder {
 public:
  Binder(const std::vector<std::string>& take_names, const std::vector<std::string>& shapes,
         std::span<const int32_t> correctives, const NameMap& map)
      : take_names_(take_names),
        shapes_(shapes),
        index_(shapes),
        map_(map),
        is_used_(map.size()),
        corrective_(shapes.size()),
        drivers_(shapes.size()) {
    for (const int32_t shape : correctives) corrective_.at(static_cast<size_t>(shape)) = true;
    binding_.angle_columns.fill(-1);
    binding_.num_columns = static_cast<int64_t>(take_names.size());
    binding_.num_shapes = static_cast<int64_t>(shapes.size());
  }

  Binding run() {
    for (size_t i = 0; i < map_.size(); ++i) pairs_of_[map_[i].take_name].push_back(i);
    for (size_t i = 0; i < take_names_.size(); ++i) find_candidates(static_cast<int64_t>(i));
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [](const Candidate& a, const Candidate& b) { return a.fit > b.fit; });
    for (const Candidate& candidate : candidates_) add(candidate);
    list_unused_columns();
    std::stable_sort(binding_.bound.begin(), binding_.bound.end(),
                     [](const BoundShape& a, const BoundShape& b) { return a.column < b.column; });
    list_undriven_shapes();
    note_unused_pairs();
    return std::move(binding_);
  }

 private:
  const std::string& column_name(int64_t column) const { return take_names_[static_cast<size_t>(column)]; }
  const std::string& shape_name(int64_t shape) const { return shapes_[static_cast<size_t>(shape)]; }
  void note(std::string text) { binding_.notes.push_back(std::move(text)); }

  void find_candidates(int64_t column);
  bool find_mapped(int64_t column);
  void bind_angle(int64_t column, size_t angle);
  int64_t resolve(const std::string& key, ShapeHalf half, int64_t column);
  void note_choice(int64_t chosen, const std::vector<int64_t>& shapes, int64_t column);
  void find_spelled(int64_t column, const ShapeName& name);
  void add(const Candidate& candidate);
  void list_unused_columns();
  void list_undriven_shapes();
  void note_unused_pairs();

  const std::vector<std::string>& take_names_;
  const std::vector<std::string>& shapes_;
  ShapeIndex index_;
  const NameMap& map_;
  std::unordered_map<std::string, std::vector<size_t>> pairs_of_;     // of the map, by the take's name
  std::vector<bool> is_used_;                                         // [pairs]
  std::map<std::pair<std::string, ShapeHalf>, int64_t> best_shapes_;  // of several with one key
  std::vector<bool> corrective_;
  std::vector<Candidate> candidates_;
  std::vector<std::vector<Candidate>> drivers_;  // of each shape
  Binding binding_;
};

void Binder::find_candidates(int64_t column) {
  if (find_mapped(column)) return;
  const ShapeName name = resolve_shape_name(column_name(column));
  if (name.angle >= 0) {
    bind_angle(column, static_cast<size_t>(name.angle));
    return;
  }
  const size_t before = candidates_.size();
  find_spelled(column, name);
  const auto first = candidates_.begin() + static_cast<std::ptrdiff_t>(before);
  const auto is_corrective = [&](const Candidate& c) { return corrective_[static_cast<size_t>(c.shape)]; };
  if (before == candidates_.size()) {
    binding_.model_lacks.push_back(column_name(column));
  } else if (std::all_of(first, candidates_.end(), is_corrective)) {
    binding_.corrective_columns.push_back(column_name(column));
  }
  candidates_.erase(std::remove_if(first, candidates_.end(), is_corrective), candidates_.end());
}

// The shapes that the map lists for a column; false if there are none.
bool Binder::find_mapped(int64_t column) {
  const auto pairs = pairs_of_.find(column_name(column));
  if (pairs == pairs_of_.end()) return false;
  bool is_found = false;
  for (const size_t i : pairs->second) {
    is_used_[i] = true;
    const std::string& target = map_[i].model_name;
    const ShapeName name = resolve_shape_name(target);
    int64_t shape = index_.exact(target);
    if (shape < 0 && name.angle >= 0) {
      bind_angle(column, static_cast<size_t>(name.angle));
      is_found = true;
      continue;
    }
    if (shape < 0) shape = resolve(name.key, name.half, column);
    if (shape < 0) {
      note("The map lists " + quoted_text(target) + ", which is not a shape of the model.");
    } else if (corrective_[static_cast<size_t>(shape)]) {
      note("The map lists " + quoted_text(target) + ", which other shapes of the model drive.");
    } else {
      candidates_.push_back({column, shape, 1.0F, ShapeHalf::kWhole, Fit::kMapped});
      is_found = true;
    }
  }
  if (!is_found) binding_.model_lacks.push_back(column_name(column));
  return true;
}

void Binder::bind_angle(int64_t column, size_t angle) {
  int64_t& known = binding_.angle_columns[angle];
  if (known < 0) {
    known = column;
    return;
  }
  const bool is_better = is_arkit_spelling(column_name(column)) && !is_arkit_spelling(column_name(known));
  const int64_t other = is_better ? known : column;
  if (is_better) known = column;
  note("Columns " + quoted_text(column_name(known)) + " and " + quoted_text(column_name(other)) +
       " are both the angle " + std::string(angle_names()[angle]) + "; the first of these is used.");
  binding_.unused_columns.push_back(column_name(other));
}

// The shape with this key; of several, the one with ARKit's name; -1 for none.
int64_t Binder::resolve(const std::string& key, ShapeHalf half, int64_t column) {
  const std::vector<int64_t>& shapes = index_.resolved(key, half);
  if (shapes.empty()) return -1;
  const auto [place, is_new] = best_shapes_.try_emplace({key, half}, shapes[0]);
  if (is_new) {
    const auto is_arkit = [&](int64_t shape) { return is_arkit_spelling(shape_name(shape)); };
    if (const auto arkit = std::find_if(shapes.begin(), shapes.end(), is_arkit); arkit != shapes.end()) {
      place->second = *arkit;
    }
  }
  note_choice(place->second, shapes, column);
  return place->second;
}

void Binder::note_choice(int64_t chosen, const std::vector<int64_t>& shapes, int64_t column) {
  if (shapes.size() < 2) return;
  const int64_t other = shapes[shapes[0] == chosen ? 1 : 0];
  note("Shapes " + quoted_text(shape_name(chosen)) + " and " + quoted_text(shape_name(other)) + " both match " +
       quoted_text(column_name(column)) + "; the first of these is used.");
}

void Binder::find_spelled(int64_t column, const ShapeName& name) {
  const std::string& text = column_name(column);
  const Fit spelled = is_arkit_spelling(text) ? Fit::kArkitSpelling : Fit::kSpelling;
  if (const int64_t equal = index_.exact(text); equal >= 0) {
    note_choice(equal, index_.resolved(name.key, name.half), column);
    candidates_.push_back({column, equal, 1.0F, name.half, Fit::kEqual});
  } else if (const int64_t resolved = resolve(name.key, name.half, column); resolved >= 0) {
    candidates_.push_back({column, resolved, 1.0F, name.half, spelled});
  } else if (name.half == ShapeHalf::kWhole) {
    for (const ShapeHalf half : {ShapeHalf::kLeft, ShapeHalf::kRight}) {
      if (const int64_t shape = resolve(name.key, half, column); shape >= 0) {
        candidates_.push_back({column, shape, 1.0F, ShapeHalf::kWhole, spelled});
      }
    }
  } else if (const int64_t shape = resolve(name.key, ShapeHalf::kWhole, column); shape >= 0) {
    candidates_.push_back({column, shape, 0.5F, name.half, spelled});
  }
}

// Gives the shape its column, unless it has a better one.
void Binder::add(const Candidate& candidate) {
  auto& drivers = drivers_[static_cast<size_t>(candidate.shape)];
  for (const Candidate& driver : drivers) {
    const bool two_halves = candidate.weight != 1.0F && driver.weight != 1.0F && candidate.half != driver.half;
    if (two_halves) continue;
    if (driver.column == candidate.column) return;
    note("Columns " + quoted_text(column_name(driver.column)) + " and " + quoted_text(column_name(candidate.column)) +
         " both match the shape " + quoted_text(shape_name(candidate.shape)) + "; the first of these is used.");
    return;
  }
  drivers.push_back(candidate);
  binding_.bound.push_back({candidate.column, candidate.shape, candidate.weight});
}

// Columns whose shapes are all driven by better ones.
void Binder::list_unused_columns() {
  std::set<int64_t> driving, seen;
  for (const BoundShape& bound : binding_.bound) driving.insert(bound.column);
  for (const Candidate& candidate : candidates_) {
    if (driving.contains(candidate.column) || !seen.insert(candidate.column).second) continue;
    binding_.unused_columns.push_back(column_name(candidate.column));
  }
}

void Binder::list_undriven_shapes() {
  for (size_t i = 0; i < shapes_.size(); ++i) {
    if (!drivers_[i].empty() || corrective_[i]) continue;
    const bool is_identity = resolve_shape_name(shapes_[i]).key.starts_with("identity");
    (is_identity ? binding_.identity_shapes : binding_.take_lacks).push_back(shapes_[i]);
  }
}

void Binder::note_unused_pairs() {
  std::vector<std::string> unused;
  for (size_t i = 0; i < map_.size(); ++i) {
    if (!is_used_[i]) unused.push_back(map_[i].take_name);
  }
  if (!unused.empty()) note("The map lists columns that the take lacks: " + comma_list(unused) + ".");
}

void add_line(std::ostringstream& out, std::string_view title, const std::vector<std::string>& names) {
  if (!names.empty()) out << title << comma_list(names) << ".\n";
}

}  // namespace

Binding bind_by_name(const std::vector<std::string>& take_names, const std::vector<std::string>& model_shape_names,
                     std::span<const int32_t> correctives, const NameMap& map) {
  return Binder(take_names, model_shape_names, correctives, map).run();
}

std::string binding_report(const Binding& binding) {
  int64_t angles = 0;
  for (const int64_t column : binding.angle_columns) angles += column >= 0 ? 1 : 0;
  const auto unbound = static_cast<int64_t>(binding.model_lacks.size() + binding.corrective_columns.size() +
                                            binding.unused_columns.size());
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
  for (const std::string& note : binding.notes) out << "note: " << note << "\n";
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

BoundFrame bound_frame(const Take& take, const Binding& binding, double position) {
  constexpr double kTimeRounding = 1e-9, kLeastWeight = 1e-6;
  const auto frame = std::min(static_cast<int64_t>(position + kTimeRounding), take.num_frames - 1);
  BoundFrame result{bound_coefficients(take, binding, frame), bound_angles(take, binding, frame)};
  const double weight = position - static_cast<double>(frame);
  if (weight <= kLeastWeight || frame + 1 >= take.num_frames) return result;
  const auto coefficients = bound_coefficients(take, binding, frame + 1);
  const auto angles = bound_angles(take, binding, frame + 1);
  for (size_t i = 0; i < coefficients.size(); ++i) {
    result.coefficients[i] = interpolated(result.coefficients[i], coefficients[i], weight);
  }
  for (size_t i = 0; i < kNumAngles; ++i) result.angles[i] = interpolated(result.angles[i], angles[i], weight);
  return result;
}

}  // namespace bisque
