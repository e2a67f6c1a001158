#include <bisque/renderer/takes/read_take.h>

#include <algorithm>
#include <any>
#include <filesystem>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/formats.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/near_names.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/array_take.h>
#include <bisque/renderer/takes/csv_take.h>
#include <bisque/renderer/takes/json_take.h>
#include <bisque/renderer/takes/live_link_packets.h>
#include <bisque/renderer/takes/shape_names.h>

namespace bisque {
namespace {

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TakeTable parse_npy_with_names(std::string_view text, const std::string& path) {
  const std::string names_path = std::filesystem::path(path).replace_extension(".names.json").string();
  std::optional<ColumnNames> columns;
  std::error_code unreadable;  // then MappedFile reports why
  if (std::filesystem::exists(names_path, unreadable) || unreadable) {
    columns = parse_column_names(MappedFile::open(names_path)->text(), names_path);
  }
  return parse_npy_take(as_bytes(text), path, columns);
}

std::string_view without_bom(std::string_view text) {
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  return text.starts_with(kBom) ? text.substr(kBom.size()) : text;
}

bool begins_as_csv(std::string_view text) {
  text = without_bom(text);
  const std::string line = lower_case(text.substr(0, std::min<size_t>(text.find('\n'), 4096)));
  return line.starts_with("timecode,") || line.starts_with("bs,") || line.starts_with("info,");
}

bool begins_as_json(std::string_view text) {
  text = without_bom(text);
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

std::vector<std::pair<std::string, TakeFormat>> built_in_take_formats() {
  const TakeFormat json{parse_json_take, begins_as_json, "JSON"};
  const TakeFormat text{parse_text_take, begins_as_csv, "text"};
  return {
      {".csv", {parse_text_take, begins_as_csv, "CSV"}},
      {".packets",
       {[](std::string_view bytes, const std::string& path) { return parse_live_link_packets(as_bytes(bytes), path); },
        [](std::string_view bytes) { return bytes.starts_with(std::string_view("\0\0", 2)); }, "Live Link packets"}},
      {".gesichter",
       {[](std::string_view bytes, const std::string& path) {
          return parse_live_link_gesichter(as_bytes(bytes), path);
        },
        [](std::string_view bytes) { return bytes.starts_with("\x1F\x8B"); }, "Live Link packets"}},
      {".json", json},
      {".jsonl", json},
      {".npy", {parse_npy_with_names, [](std::string_view bytes) { return bytes.starts_with("\x93NUMPY"); }, "npy"}},
      {".safetensors",
       {[](std::string_view bytes, const std::string& path) { return parse_safetensors_take(as_bytes(bytes), path); },
        [](std::string_view bytes) { return bytes.size() > 8 && bytes[8] == '{'; }, "safetensors"}},
      {".txt", text},
      {".tsv", text},
  };
}

const bool take_formats_added = add_formats(kTakeFormat, built_in_take_formats());

// A format without a parser if there is none.
TakeFormat find_take_format(const std::string& extension) {
  const std::any format = formats().find(kTakeFormat, extension);
  return format.has_value() ? std::any_cast<const TakeFormat&>(format) : TakeFormat{};
}

// Error: a file that does not begin like its extension, but like another format.
void check_contents(const TakeFormat& format, std::string_view text, const std::string& path) {
  if (!format.begins || format.begins(text)) return;
  for (const std::string& extension : take_extensions()) {
    const TakeFormat other = find_take_format(extension);
    if (other.begins && other.begins != format.begins && other.begins(text)) {
      fail(path, ": is named ", lower_extension(path), " but begins like a ", extension, " file.");
    }
  }
}

[[noreturn]] void fail_of_extension(const std::string& path) {
  fail(path, ": the extension ", quoted_text(lower_extension(path)), " is none of a take, expected one of ",
       comma_list(take_extensions()), nearest_note(lower_extension(path), take_extensions()), ".");
}

TakeTable parse_table(std::string_view text, const std::string& path) {
  const TakeFormat format = find_take_format(lower_extension(path));
  check_contents(format, text, path);
  return format.parse(text, path);
}

TakeTable read_table(const std::string& path) {
  if (!is_take_path(path)) fail_of_extension(path);
  return parse_table(MappedFile::open(path)->text(), path);
}

// Columns that are not in any vocabulary: they bind only to shapes of the same name.
void note_unknown_names(Take& take) {
  std::vector<std::string> unknown;
  std::copy_if(take.names.begin(), take.names.end(), std::back_inserter(unknown),
               [](const std::string& name) { return !is_known_name(name); });
  if (!unknown.empty()) take.notes.push_back("Columns with unknown names: " + comma_list(unknown) + ".");
}

Take take_of(const TakeRows& rows, const std::string& path) {
  Take take = resample(rows, path);
  const std::string extension = lower_extension(path);
  const std::string source = find_take_format(extension).source;
  take.source = source.empty() ? extension : source;
  note_unknown_names(take);
  return take;
}

}  // namespace

std::vector<std::string> take_extensions() { return formats().extensions(kTakeFormat); }

bool is_take_path(const std::string& path) { return find_take_format(lower_extension(path)).parse != nullptr; }

TakeRows read_take_rows(const std::string& path, const std::optional<FrameRate>& rate) {
  return order_rows(read_table(path), rate, path);
}

Take read_take(const std::string& path, const std::optional<FrameRate>& rate) {
  return take_of(read_take_rows(path, rate), path);
}

Take parse_take(std::string_view text, const std::string& path, const std::optional<FrameRate>& rate) {
  if (!is_take_path(path)) fail_of_extension(path);
  return take_of(order_rows(parse_table(text, path), rate, path), path);
}

}  // namespace bisque
