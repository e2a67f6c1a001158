#include <bisque/renderer/takes/live_link_csv.h>

#include <algorithm>
#include <charconv>
#include <deque>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/rows.h>
#include <bisque/renderer/takes/shape_names.h>
#include <bisque/renderer/takes/timecode.h>

namespace bisque {
namespace {

constexpr std::string_view kTimecode = "Timecode";
constexpr std::string_view kCount = "BlendShapeCount";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// Walks over the lines of a CSV text and cuts them into fields.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& where) : rest_(text), where_(where) {
    constexpr std::string_view kBom = "\xEF\xBB\xBF";
    if (rest_.starts_with(kBom)) rest_.remove_prefix(kBom.size());
    const size_t last = rest_.find_last_not_of("\r\n");
    rest_ = rest_.substr(0, last == std::string_view::npos ? 0 : last + 1);
  }

  /// Steps to the next line; false after the last.
  bool next() {
    if (rest_.empty()) return false;
    ++line_;
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    split(line);
    return true;
  }

  /// The fields of the line, trimmed; valid until next().
  const std::vector<std::string_view>& fields() const { return fields_; }
  std::string where_line() const { return where_line(line_); }
  std::string where_line(size_t line) const { return where_ + ": line " + std::to_string(line); }

 private:
  void split(std::string_view line) {
    fields_.clear();
    unquoted_.clear();
    for (;;) {
      if (const std::string_view field = trimmed(line); field.starts_with('"')) {
        line.remove_prefix(static_cast<size_t>(field.data() - line.data()));
        fields_.push_back(unquote(line));
      } else {
        const size_t end = std::min(line.find(','), line.size());
        fields_.push_back(trimmed(line.substr(0, end)));
        line.remove_prefix(end);
      }
      if (line.empty()) return;
      line.remove_prefix(1);  // the comma
    }
  }

  // Takes a quoted field off the front of `line`, up to its comma.
  std::string_view unquote(std::string_view& line) {
    std::string& value = unquoted_.emplace_back();
    size_t i = 1;
    for (;; ++i) {
      if (i >= line.size()) fail(where_line(), ", column ", fields_.size() + 1, ": a quoted field does not end.");
      if (line[i] != '"') {
        value += line[i];
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        value += line[i++];
      } else {
        break;
      }
    }
    line.remove_prefix(i + 1);
    const size_t end = std::min(line.find(','), line.size());
    if (!trimmed(line.substr(0, end)).empty()) {
      fail(where_line(), ", column ", fields_.size() + 1, ": a quoted field is followed by ",
           quoted_text(line.substr(0, end)), ", expected a comma.");
    }
    line.remove_prefix(end);
    return value;
  }

  std::string_view rest_;
  const std::string& where_;
  size_t line_ = 0;
  std::vector<std::string_view> fields_;
  std::deque<std::string> unquoted_;  // what fields_ points to where a field was quoted
};

// Which columns of the file are what.
struct Header {
  std::vector<std::string> all;    // every column
  std::vector<std::string> names;  // the columns with values
  std::vector<size_t> columns;     // where they stand
  size_t timecode = 0;
  size_t count = 0;
};

size_t find_column(const Header& header, std::string_view name, const std::string& where) {
  const auto found = std::find(header.all.begin(), header.all.end(), name);
  if (found == header.all.end()) {
    fail(where, ": has no column ", name, ", expected Timecode, BlendShapeCount and the 61 names of Live Link.");
  }
  return static_cast<size_t>(found - header.all.begin());
}

Header read_header(const CsvReader& reader) {
  Header header;
  const std::string where = reader.where_line();
  header.all.assign(reader.fields().begin(), reader.fields().end());
  header.timecode = find_column(header, kTimecode, where);
  header.count = find_column(header, kCount, where);
  check_column_names(header.all, where);
  for (const std::string& name : live_link_names()) find_column(header, name, where);
  for (size_t i = 0; i < header.all.size(); ++i) {
    if (i == header.timecode || i == header.count) continue;
    header.names.push_back(header.all[i]);
    header.columns.push_back(i);
  }
  return header;
}

float parse_value(std::string_view text, size_t column, const Header& header, const CsvReader& reader) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !fits_float(value)) {
    fail(reader.where_line(), ", column ", column + 1, " (", printable(header.all[column]), "): ", quoted_text(text),
         " is no finite number.");
  }
  return static_cast<float>(value);
}

void read_row(const CsvReader& reader, const Header& header, TakeRows& rows, std::vector<Timecode>& timecodes) {
  const auto& fields = reader.fields();
  if (fields.size() != header.all.size()) {
    fail(reader.where_line(), ": has ", fields.size(), " values, expected ", header.all.size(),
         " as the header has columns.");
  }
  const auto timecode = parse_timecode(fields[header.timecode]);
  if (!timecode) {
    fail(reader.where_line(), ", column ", header.timecode + 1, " (", kTimecode,
         "): ", quoted_text(fields[header.timecode]), " is no timecode, expected HH:MM:SS:FF.fff.");
  }
  if (fields[header.count] != std::to_string(header.names.size())) {
    fail(reader.where_line(), ", column ", header.count + 1, " (", kCount, "): says ",
         quoted_text(fields[header.count]), ", expected ", header.names.size(), " as the header has names.");
  }
  timecodes.push_back(*timecode);
  for (const size_t column : header.columns) {
    rows.values.push_back(parse_value(fields[column], column, header, reader));
  }
}

}  // namespace

TakeRows parse_live_link_csv(std::string_view text, const std::string& where, const std::optional<FrameRate>& rate) {
  CsvReader reader(text, where);
  if (!reader.next()) fail(where, ": is empty, expected the header line of a Live Link Face CSV.");
  const Header header = read_header(reader);
  TakeRows rows;
  rows.names = header.names;
  std::vector<Timecode> timecodes;
  while (reader.next()) read_row(reader, header, rows, timecodes);
  if (timecodes.empty()) fail(where, ": holds no row below its header.");
  constexpr size_t kHeaderLines = 1;
  place_timecodes(
      timecodes, rate, [&](size_t row) { return reader.where_line(row + kHeaderLines + 1); }, rows);
  return rows;
}

}  // namespace bisque
