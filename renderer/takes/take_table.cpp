#include <bisque/renderer/takes/take_table.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/frame_rate.h>
#include <bisque/renderer/takes/resample.h>
#include <bisque/renderer/takes/rows.h>

namespace bisque {
namespace {

// MediaPipe's name for an entry that is not a shape.
constexpr std::string_view kNeutral = "_neutral";

// Rows with a common property, for the report.
struct RowCount {
  size_t count = 0;
  int64_t first_line = 0;

  void add(int64_t line) {
    first_line = count == 0 ? line : std::min(first_line, line);
    ++count;
  }
};

// Converts a table to rows in several steps; each step works on `order_`, the remaining rows.
class RowOrder {
 public:
  RowOrder(TakeTable table, std::string where) : table_(std::move(table)), where_(std::move(where)) {}

  TakeRows run(const std::optional<FrameRate>& rate) {
    if (table_.num_rows() == 0) fail(where_, ": holds no frame.");
    keep_columns();
    find_lost_rows();
    place_rows(rate);
    sort_rows();
    leave_out_strays();
    note_late_rows();
    merge_equal_times();
    make_rows();
    fill_missing_values();
    rows_.names = std::move(table_.names);
    rows_.notes = std::move(table_.notes);
    return std::move(rows_);
  }

 private:
  size_t num_names() const { return table_.names.size(); }
  double time(size_t row) const { return placed_.frames[row]; }
  void note(std::string text) { table_.notes.push_back(std::move(text)); }
  // "3 rows " + which + " are " + what + ", the first on line 7."
  void note(const RowCount& rows, const std::string& word, const std::string& which, const std::string& what) {
    if (rows.count == 0) return;
    const std::string place =
        std::string_view(table_.line_word) == "line" ? " on line " : " at " + std::string(table_.line_word) + " ";
    note(counted(rows.count, word) + " " + which + (rows.count == 1 ? " is " : " are ") + what + ", the first" + place +
         std::to_string(rows.first_line) + ".");
  }
  size_t few_rows() const { return std::max<size_t>(order_.size() / 10, order_.size() >= 4 ? 1 : 0); }

  void keep_columns();
  void keep_only(const std::vector<size_t>& kept);
  void find_lost_rows();
  void place_rows(const std::optional<FrameRate>& rate);
  void sort_rows();
  void note_late_rows();
  void leave_out_strays();
  void merge_equal_times();
  void make_rows();
  void fill_missing_values();
  void fill_gap(size_t column, size_t begin, size_t end);

  TakeTable table_;
  std::string where_;
  std::vector<bool> is_lost_;  // [rows of the table]
  PlacedTimes placed_;
  std::vector<size_t> order_;  // rows of the table
  TakeRows rows_;
};

// Drops columns without a name, with the name of an earlier one, or without a number.
void RowOrder::keep_columns() {
  std::vector<bool> has_number(num_names());
  for (size_t i = 0; i < table_.values.size(); ++i) {
    if (!std::isnan(table_.values[i])) has_number[i % num_names()] = true;
  }
  std::vector<size_t> kept;
  std::vector<std::string> repeated, empty, neutral;
  size_t nameless = 0;
  std::unordered_set<std::string_view> seen;
  for (size_t i = 0; i < num_names(); ++i) {
    const std::string& name = table_.names[i];
    if (name.empty()) {
      nameless += has_number[i] ? 1 : 0;
    } else if (name == kNeutral) {
      neutral.push_back(name);
    } else if (!seen.insert(name).second) {
      repeated.push_back(name);
    } else if (!has_number[i]) {
      empty.push_back(name);
    } else {
      kept.push_back(i);
    }
  }
  if (kept.empty() && !empty.empty()) fail(where_, ": holds no row with values.");
  if (nameless > 0)
    note(counted(nameless, "column") + " without a name " + (nameless == 1 ? "is" : "are") + " dropped.");
  if (!repeated.empty()) note("Only the first column of each name is used; repeated: " + comma_list(repeated) + ".");
  if (!empty.empty()) note("Columns without any number are dropped: " + comma_list(empty) + ".");
  if (!neutral.empty()) note("The column _neutral is ignored, as it is not a shape.");
  if (kept.size() < num_names()) keep_only(kept);
  check_column_names(table_.names, where_);
}

void RowOrder::keep_only(const std::vector<size_t>& kept) {
  std::vector<std::string> names;
  for (const size_t column : kept) names.push_back(std::move(table_.names[column]));
  size_t end = 0;
  for (size_t row = 0; row < table_.num_rows(); ++row) {
    for (const size_t column : kept) table_.values[end++] = table_.values[row * num_names() + column];
  }
  table_.values.resize(end);
  table_.names = std::move(names);
}

void RowOrder::find_lost_rows() {
  for (size_t row = 0; row < table_.num_rows(); ++row) {
    const auto begin = table_.values.begin() + static_cast<std::ptrdiff_t>(row * num_names());
    const auto end = begin + static_cast<std::ptrdiff_t>(num_names());
    is_lost_.push_back(std::all_of(begin, end, [](float value) { return std::isnan(value); }));
  }
}

void RowOrder::place_rows(const std::optional<FrameRate>& rate) {
  const auto where_row = [&](size_t row) {
    return where_ + ": " + table_.line_word + " " + std::to_string(table_.lines[row]);
  };
  placed_ = place_times(table_.time, table_.num_rows(), rate ? rate : table_.rate, where_row);
  if (placed_.are_evenly_spaced) {
    note("Most times in the column " + quoted_text(table_.time.name) +
         " repeat, so it is too coarse to be the time; the rows are spaced evenly at " + frame_rate_text(placed_.rate) +
         " Hz.");
  }
  RowCount unreadable;
  for (size_t row = 0; row < table_.num_rows(); ++row) {
    if (std::isfinite(time(row))) {
      order_.push_back(row);
    } else {
      unreadable.add(table_.lines[row]);
    }
  }
  if (order_.empty()) {
    note("No time in the column " + quoted_text(table_.time.name) + " can be read, so the rows are spaced evenly.");
    table_.time = {};
    place_rows(rate);
    return;
  }
  note(unreadable, "row", "without a readable time", "dropped");
}

void RowOrder::sort_rows() {
  std::stable_sort(order_.begin(), order_.end(), [&](size_t a, size_t b) { return time(a) < time(b); });
}

// The minimum number of rows that must move to sort the rest: all but a longest increasing series.
void RowOrder::note_late_rows() {
  std::vector<size_t> in_file = order_;
  std::sort(in_file.begin(), in_file.end());
  std::vector<size_t> ends;                       // for each length of series, the end row with the smallest time
  std::vector<size_t> before(table_.num_rows());  // the previous row in its series
  for (const size_t row : in_file) {
    const auto place =
        std::upper_bound(ends.begin(), ends.end(), row, [&](size_t a, size_t b) { return time(a) < time(b); });
    before[row] = place == ends.begin() ? row : *(place - 1);
    if (place == ends.end()) {
      ends.push_back(row);
    } else {
      *place = row;
    }
  }
  std::vector<bool> is_in_order(table_.num_rows());
  size_t row = ends.back();
  for (size_t i = 0; i < ends.size(); ++i) {
    is_in_order[row] = true;
    row = before[row];
  }
  RowCount late;
  for (const size_t other : in_file) {
    if (!is_in_order[other]) late.add(table_.lines[other]);
  }
  note(late, "row", "out of order", "sorted by time");
}

// Drops a few rows whose times are far from those of all others.
void RowOrder::leave_out_strays() {
  const double longest_gap = static_cast<double>(kMaxGapSeconds) * placed_.rate.hz();
  size_t best_begin = 0, best_end = 0;
  for (size_t begin = 0; begin < order_.size();) {
    size_t end = begin + 1;
    while (end < order_.size() && time(order_[end]) - time(order_[end - 1]) <= longest_gap) ++end;
    if (end - begin > best_end - best_begin) {
      best_begin = begin;
      best_end = end;
    }
    begin = end;
  }
  const size_t num_strays = order_.size() - (best_end - best_begin);
  if (num_strays == 0 || num_strays > few_rows()) return;  // then resample() reports the gap
  RowCount strays;
  for (size_t i = 0; i < order_.size(); ++i) {
    if (i < best_begin || i >= best_end) strays.add(table_.lines[order_[i]]);
  }
  order_ = {order_.begin() + static_cast<std::ptrdiff_t>(best_begin),
            order_.begin() + static_cast<std::ptrdiff_t>(best_end)};
  note(strays, "row", "more than " + std::to_string(kMaxGapSeconds) + " seconds away from all others", "dropped");
}

// Of rows with equal times the last one that has values wins.
void RowOrder::merge_equal_times() {
  RowCount replaced;
  std::vector<size_t> merged;
  for (const size_t row : order_) {
    if (merged.empty() || time(merged.back()) != time(row)) {
      merged.push_back(row);
      continue;
    }
    const bool is_better = !is_lost_[row] || is_lost_[merged.back()];
    replaced.add(table_.lines[is_better ? merged.back() : row]);
    if (is_better) merged.back() = row;
  }
  order_ = std::move(merged);
  note(replaced, "row", "with the time of a later row", "replaced by it");
}

void RowOrder::make_rows() {
  RowCount lost;
  rows_.rate = placed_.rate;
  rows_.rate_is_guess = placed_.rate_is_guess;
  rows_.values.reserve(order_.size() * num_names());
  for (const size_t row : order_) {
    rows_.frames.push_back(time(row));
    rows_.is_filled.push_back(is_lost_[row]);
    if (is_lost_[row]) lost.add(table_.lines[row]);
    const float* values = table_.values.data() + row * num_names();
    rows_.values.insert(rows_.values.end(), values, values + num_names());
  }
  if (lost.count == order_.size()) fail(where_, ": holds no row with values.");
  note(lost, "row", "without values (tracking lost)", "filled from the rows around");
}

void RowOrder::fill_missing_values() {
  RowCount missing;
  for (size_t row = 0; row < order_.size(); ++row) {
    for (size_t column = 0; column < num_names() && !rows_.is_filled[row]; ++column) {
      if (std::isnan(rows_.values[row * num_names() + column])) missing.add(table_.lines[order_[row]]);
    }
  }
  note(missing, "value", "without a finite number", "filled from the rows around");
  for (size_t column = 0; column < num_names(); ++column) {
    const auto is_missing = [&](size_t row) { return std::isnan(rows_.values[row * num_names() + column]); };
    for (size_t begin = 0; begin < order_.size(); ++begin) {
      if (!is_missing(begin)) continue;
      size_t end = begin + 1;
      while (end < order_.size() && is_missing(end)) ++end;
      fill_gap(column, begin, end);
      begin = end;
    }
  }
}

// Fills rows begin to end (exclusive) of a column from those before and after.
void RowOrder::fill_gap(size_t column, size_t begin, size_t end) {
  const auto value = [&](size_t row) -> float& { return rows_.values[row * num_names() + column]; };
  const bool has_before = begin > 0, has_after = end < order_.size();
  for (size_t row = begin; row < end; ++row) {
    if (has_before && has_after) {
      const double weight =
          (rows_.frames[row] - rows_.frames[begin - 1]) / (rows_.frames[end] - rows_.frames[begin - 1]);
      value(row) = interpolated(value(begin - 1), value(end), weight);
    } else if (has_before || has_after) {
      value(row) = value(has_before ? begin - 1 : end);
    } else {
      value(row) = 0;  // only dropped rows had values
    }
  }
}

}  // namespace

TakeRows order_rows(TakeTable table, const std::optional<FrameRate>& rate, const std::string& where) {
  return RowOrder(std::move(table), where).run(rate);
}

std::string counted(size_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

}  // namespace bisque
