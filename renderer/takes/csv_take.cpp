#include <bisque/renderer/takes/csv_take.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/delimited_text.h>
#include <bisque/renderer/takes/rows.h>
#include <bisque/renderer/takes/shape_names.h>

namespace bisque {
namespace {

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "0,5" if commas do not separate fields.
std::optional<double> parse_decimal_comma(std::string_view text) {
  std::string copy(text.substr(0, 40));
  const size_t comma = copy.find(',');
  if (comma == std::string::npos || text.size() > copy.size()) return std::nullopt;
  copy[comma] = '.';
  return parse_number(copy);
}

float parse_cell(std::string_view text, char delimiter) {
  auto value = parse_number(text);
  if (!value && delimiter != ',') value = parse_decimal_comma(text);
  return value ? value_or_missing(*value) : kMissingValue;
}

bool is_count_name(std::string_view name) { return lower_case(name) == "blendshapecount"; }

// The name without the # that may precede a header line.
std::string_view without_comment(std::string_view name) {
  return name.starts_with('#') ? trimmed(name.substr(1)) : name;
}

bool is_header(std::string_view line) {
  DelimitedText text(line);
  return text.next() && std::any_of(text.fields().begin(), text.fields().end(), [](std::string_view field) {
           const std::string_view name = without_comment(field);
           return is_known_name(name) || is_count_name(name) || time_unit_of(name) != TimeUnit::kNone;
         });
}

// The start of the header line, and the lines before it.
struct HeaderPlace {
  size_t offset = 0;
  int64_t lines_before = 0;
};

// Remarks of other programs may precede the header. The first line, if none of the first few has a known name.
HeaderPlace find_header(std::string_view text) {
  constexpr int64_t kMostLines = 20;
  size_t offset = 0;
  for (int64_t line = 0; line < kMostLines && offset < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', offset), text.size());
    if (is_header(text.substr(offset, end - offset))) return {offset, line};
    offset = end + 1;
  }
  return {};
}

/// Reads the lines of a table one by one.
class CsvTable {
 public:
  CsvTable(std::string_view text, const HeaderPlace& header, const std::string& where)
      : text_(text.substr(header.offset), header.lines_before + 1), where_(where) {
    DelimitedText before(text.substr(0, header.offset));
    size_t count = 0;
    while (before.next()) ++count;
    if (count > 0) table_.notes.push_back(counted(count, "line") + " before the header ignored.");
  }

  TakeTable run() {
    if (!text_.next()) fail(where_, ": is empty, expected a header line of names.");
    read_header();
    while (text_.next()) read_row();
    leave_out_cut_row();
    if (table_.num_rows() == 0) fail(where_, ": holds no row below its header.");
    report();
    return std::move(table_);
  }

 private:
  // Lines with a common property.
  struct Lines {
    size_t count = 0;
    int64_t first = 0;
    void add(int64_t line) {
      if (count++ == 0) first = line;
    }
  };

  std::string where_line() const { return where_ + ": line " + std::to_string(text_.line()); }
  void read_header();
  void choose_time_column(const std::vector<std::string>& names);
  void read_row();
  bool is_short(bool has_values);
  void leave_out_cut_row();
  void report();
  void report(const Lines& lines, const std::string& text) {
    if (lines.count > 0) table_.notes.push_back(text + ", the first on line " + std::to_string(lines.first) + ".");
  }

  DelimitedText text_;
  const std::string& where_;
  TakeTable table_;
  size_t num_columns_ = 0, longest_row_ = 0;  // fields
  std::vector<size_t> columns_;               // of values
  std::optional<size_t> time_, count_;
  size_t num_known_ = 0;                 // columns of values whose names are known
  bool is_last_field_optional_ = false;  // some row with values lacks it
  bool is_last_short_ = false;           // the last row lacks fields, and its line is truncated or has some values
  Lines long_rows_, other_counts_;
};

void CsvTable::read_header() {
  std::vector<std::string> names;
  for (const std::string_view field : text_.fields()) names.push_back(utf8_or_latin1(field));
  while (names.back().empty()) names.pop_back();  // trailing commas
  names[0] = std::string(without_comment(names[0]));
  if (std::all_of(names.begin(), names.end(),
                  [](const std::string& name) { return name.empty() || parse_number(name); })) {
    fail(where_line(), ": is a row of numbers, expected a header line of names such as Timecode,jawOpen,eyeBlinkLeft.");
  }
  num_columns_ = names.size();
  choose_time_column(names);
  for (size_t i = 0; i < names.size(); ++i) {
    if (is_count_name(names[i]) && !count_) {
      count_ = i;
    } else if (time_unit_of(names[i]) == TimeUnit::kNone) {
      num_known_ += is_known_name(names[i]) ? 1 : 0;
      columns_.push_back(i);
      table_.names.push_back(std::move(names[i]));
    }
  }
}

void CsvTable::choose_time_column(const std::vector<std::string>& names) {
  std::vector<std::string> others;
  for (size_t i = 0; i < names.size(); ++i) {
    const TimeUnit unit = time_unit_of(names[i]);
    if (unit == TimeUnit::kNone) continue;
    if (time_ && table_.time.unit <= unit) {
      others.push_back(names[i]);
      continue;
    }
    if (time_) others.push_back(table_.time.name);
    time_ = i;
    table_.time.unit = unit;
    table_.time.name = names[i];
  }
  if (!others.empty()) {
    table_.notes.push_back("Further columns of times are ignored: " + comma_list(others) + ".");
  }
}

void CsvTable::read_row() {
  const auto& fields = text_.fields();
  const auto field = [&](size_t i) { return i < fields.size() ? fields[i] : std::string_view(); };
  check_table_size(table_.num_rows() + 1, table_.names.size(), where_);
  const float count = count_ ? parse_cell(field(*count_), text_.delimiter()) : kMissingValue;
  const bool is_lost = count == 0;
  size_t num_values = 0;
  const size_t begin = table_.values.size();
  table_.values.resize(begin + columns_.size(), kMissingValue);
  for (size_t i = 0; i < columns_.size() && columns_[i] < fields.size(); ++i) {
    const std::string_view text = fields[columns_[i]];
    if (!is_lost) table_.values[begin + i] = parse_cell(text, text_.delimiter());
    num_values += text.empty() ? 0 : 1;
  }
  table_.lines.push_back(text_.line());
  if (time_) {
    auto cell = parse_time(field(*time_));
    if (cell.form == TimeCell::Form::kUnreadable && text_.delimiter() != ',') {
      if (const auto number = parse_decimal_comma(field(*time_))) cell = time_from_number(*number);
    }
    table_.time.cells.push_back(cell);
  }
  is_last_short_ = is_short(num_values > 0);
  longest_row_ = std::max(longest_row_, fields.size());
  const auto is_blank = [](std::string_view text) { return text.empty(); };
  if (fields.size() > num_columns_ &&
      !std::all_of(fields.begin() + static_cast<std::ptrdiff_t>(num_columns_), fields.end(), is_blank)) {
    long_rows_.add(text_.line());
  }
  const bool is_right = count == static_cast<float>(columns_.size()) || count == static_cast<float>(num_known_);
  if (!std::isnan(count) && !is_lost && !is_right && !is_last_short_) other_counts_.add(text_.line());
}

// Whether the line ends before the fields of other lines: at the end of the file, or after some values.
bool CsvTable::is_short(bool has_values) {
  const auto& fields = text_.fields();
  const size_t expected = longest_row_ > 0 ? std::min(longest_row_, num_columns_) : num_columns_;
  if (fields.size() < expected) return text_.is_cut() || has_values;
  const bool is_last_empty = fields[expected - 1].empty();
  const bool ends_in_delimiter = fields.size() == expected && is_last_empty && has_values;
  const bool is_short = text_.is_cut() && ends_in_delimiter && !is_last_field_optional_;
  is_last_field_optional_ |= is_last_empty && has_values;
  return is_short;
}

void CsvTable::leave_out_cut_row() {
  if (!is_last_short_) return;
  table_.notes.push_back("The last row, on line " + std::to_string(table_.lines.back()) +
                         ", is truncated and was dropped.");
  table_.values.resize(table_.values.size() - table_.names.size());
  table_.lines.pop_back();
  if (time_) table_.time.cells.pop_back();
}

void CsvTable::report() {
  report(long_rows_, "Values beyond the columns of the header are ignored in " + counted(long_rows_.count, "row"));
  report(other_counts_, "The count of shapes is not that of the header, which has " + std::to_string(columns_.size()) +
                            ", in " + counted(other_counts_.count, "row"));
}

bool begins_as_face_cap(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  text.remove_prefix(first);
  return text.starts_with("info,") || text.starts_with("bs,") || text.starts_with("k,");
}

}  // namespace

TakeTable parse_text_take(std::string_view text, const std::string& where) {
  std::string converted;
  text = decode_text(text, converted);
  return begins_as_face_cap(text) ? parse_face_cap(text, where) : parse_csv_take(text, where);
}

TakeTable parse_csv_take(std::string_view text, const std::string& where) {
  return CsvTable(text, find_header(text), where).run();
}

}  // namespace bisque
