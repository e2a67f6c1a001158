#include <bisque/renderer/takes/read_take.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/array_take.h>
#include <bisque/renderer/takes/json_take.h>
#include <bisque/renderer/takes/live_link_csv.h>
#include <bisque/renderer/takes/live_link_packets.h>

namespace bisque {
namespace {

using Rate = std::optional<FrameRate>;

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TakeRows parse_npy_with_names(std::string_view text, const std::string& path, const Rate& rate) {
  const std::string names_path = std::filesystem::path(path).replace_extension(".names.json").string();
  std::optional<ColumnNames> columns;
  std::error_code unreadable;  // then MappedFile tells why
  if (std::filesystem::exists(names_path, unreadable) || unreadable) {
    columns = parse_column_names(MappedFile::open(names_path)->text(), names_path);
  }
  return parse_npy_take(as_bytes(text), path, columns, rate);
}

std::string_view without_bom(std::string_view text) {
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  return text.starts_with(kBom) ? text.substr(kBom.size()) : text;
}

bool begins_as_csv(std::string_view text) {
  const std::string_view line = text.substr(0, std::min<size_t>(text.find('\n'), 4096));
  return line.find("Timecode,") != std::string_view::npos;
}

bool begins_as_json(std::string_view text) {
  text = without_bom(text);
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

struct Format {
  std::string_view extension;
  std::string_view source;
  bool (*begins)(std::string_view text);  // whether a text looks like this format
  TakeRows (*parse)(std::string_view text, const std::string& path, const Rate& rate);
};

const std::array<Format, 6> kFormats{{
    {".csv", "Live Link Face CSV", begins_as_csv,
     [](std::string_view text, const std::string& path, const Rate& rate) {
       return parse_live_link_csv(text, path, rate);
     }},
    {".packets", "Live Link packets",
     [](std::string_view text) { return text.starts_with(std::string_view("\0\0", 2)); },
     [](std::string_view text, const std::string& path, const Rate& rate) {
       return parse_live_link_packets(as_bytes(text), path, rate);
     }},
    {".gesichter", "Live Link packets", [](std::string_view text) { return text.starts_with("\x1F\x8B"); },
     [](std::string_view text, const std::string& path, const Rate& rate) {
       return parse_live_link_gesichter(as_bytes(text), path, rate);
     }},
    {".json", "JSON", begins_as_json,
     [](std::string_view text, const std::string& path, const Rate& rate) {
       return parse_json_take(text, path, rate);
     }},
    {".npy", "npy", [](std::string_view text) { return text.starts_with("\x93NUMPY"); }, parse_npy_with_names},
    {".safetensors", "safetensors", [](std::string_view text) { return text.size() > 8 && text[8] == '{'; },
     [](std::string_view text, const std::string& path, const Rate& rate) {
       return parse_safetensors_take(as_bytes(text), path, rate);
     }},
}};

const Format& format_of(const std::string& path) {
  const std::string extension = lower_extension(path);
  const auto* found = std::find_if(kFormats.begin(), kFormats.end(),
                                   [&](const Format& format) { return format.extension == extension; });
  if (found != kFormats.end()) return *found;
  std::vector<std::string_view> extensions;
  for (const Format& format : kFormats) extensions.push_back(format.extension);
  fail(path, ": the extension ", quoted_text(extension), " is none of a take, expected one of ", comma_list(extensions),
       ".");
}

// Error: a file that does not begin as its extension says, but as another one would.
void check_contents(const Format& format, std::string_view text, const std::string& path) {
  if (format.begins(text)) return;
  for (const Format& other : kFormats) {
    if (other.begins(text)) {
      fail(path, ": is named ", format.extension, " but begins as a ", other.extension, " file does.");
    }
  }
}

}  // namespace

TakeRows read_take_rows(const std::string& path, const std::optional<FrameRate>& rate) {
  const Format& format = format_of(path);
  const auto file = MappedFile::open(path);
  check_contents(format, file->text(), path);
  return format.parse(file->text(), path, rate);
}

Take read_take(const std::string& path, const std::optional<FrameRate>& rate) {
  Take take = resample(read_take_rows(path, rate), path);
  take.source = format_of(path).source;
  return take;
}

}  // namespace bisque
