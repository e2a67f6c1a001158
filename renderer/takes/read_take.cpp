#include <bisque/renderer/takes/read_take.h>

#include <algorithm>
#include <any>
#include <array>
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

struct BuiltInFormat {
  std::string_view extension;
  std::string_view source;
  bool (*begins)(std::string_view text);  // whether a text looks like this format
  TakeTable (*parse)(std::string_view text, const std::string& path);
};

const std::array<BuiltInFormat, 9> kBuiltInFormats{{
    {".csv", "CSV", begins_as_csv, parse_text_take},
    {".packets", "Live Link packets",
     [](std::string_view text) { return text.starts_with(std::string_view("\0\0", 2)); },
     [](std::string_view text, const std::string& path) { return parse_live_link_packets(as_bytes(text), path); }},
    {".gesichter", "Live Link packets", [](std::string_view text) { return text.starts_with("\x1F\x8B"); },
     [](std::string_view text, const std::string& path) { return parse_live_link_gesichter(as_bytes(text), path); }},
    {".json", "JSON", begins_as_json, parse_json_take},
    {".jsonl", "JSON", begins_as_json, parse_json_take},
    {".npy", "npy", [](std::string_view text) { return text.starts_with("\x93NUMPY"); }, parse_npy_with_names},
    {".safetensors", "safetensors", [](std::string_view text) { return text.size() > 8 && text[8] == '{'; },
     [](std::string_view text, const std::string& path) { return parse_safetensors_take(as_bytes(text), path); }},
    {".txt", "text", begins_as_csv, parse_text_take},
    {".tsv", "text", begins_as_csv, parse_text_take},
}};

const BuiltInFormat* find_built_in(const std::string& extension) {
  const auto* found = std::find_if(kBuiltInFormats.begin(), kBuiltInFormats.end(),
                                   [&](const BuiltInFormat& format) { return format.extension == extension; });
  return found == kBuiltInFormats.end() ? nullptr : found;
}

// Error: a file that does not begin like its extension, but like another format.
void check_contents(const BuiltInFormat& format, std::string_view text, const std::string& path) {
  if (format.begins(text)) return;
  for (const BuiltInFormat& other : kBuiltInFormats) {
    if (other.parse != format.parse && other.begins(text)) {
      fail(path, ": is named ", format.extension, " but begins like a ", other.extension, " file.");
    }
  }
}

TakeTable parse_table(const BuiltInFormat& format, std::string_view text, const std::string& path) {
  check_contents(format, text, path);
  return format.parse(text, path);
}

[[noreturn]] void fail_of_extension(const std::string& path) {
  fail(path, ": the extension ", quoted_text(lower_extension(path)), " is none of a take, expected one of ",
       comma_list(take_extensions()), ".");
}

TakeTable read_table(const std::string& path) {
  const std::string extension = lower_extension(path);
  if (const BuiltInFormat* format = find_built_in(extension)) {
    return parse_table(*format, MappedFile::open(path)->text(), path);
  }
  if (const std::any reader = formats().find(kTakeFormat, extension); reader.has_value()) {
    return std::any_cast<const TakeReader&>(reader)(path);
  }
  fail_of_extension(path);
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
  const BuiltInFormat* format = find_built_in(extension);
  take.source = format != nullptr ? format->source : extension;
  note_unknown_names(take);
  return take;
}

}  // namespace

std::vector<std::string> take_extensions() {
  std::vector<std::string> extensions;
  for (const BuiltInFormat& format : kBuiltInFormats) extensions.emplace_back(format.extension);
  for (std::string& extension : formats().extensions(kTakeFormat)) extensions.push_back(std::move(extension));
  return extensions;
}

bool is_take_path(const std::string& path) {
  const std::vector<std::string> extensions = take_extensions();
  return std::find(extensions.begin(), extensions.end(), lower_extension(path)) != extensions.end();
}

TakeRows read_take_rows(const std::string& path, const std::optional<FrameRate>& rate) {
  return order_rows(read_table(path), rate, path);
}

Take read_take(const std::string& path, const std::optional<FrameRate>& rate) {
  return take_of(read_take_rows(path, rate), path);
}

Take parse_take(std::string_view text, const std::string& path, const std::optional<FrameRate>& rate) {
  const BuiltInFormat* format = find_built_in(lower_extension(path));
  if (format == nullptr) fail_of_extension(path);
  return take_of(order_rows(parse_table(*format, text, path), rate, path), path);
}

}  // namespace bisque
