#include <bisque/core/serialization/json.h>

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

using nlohmann::json;

// Builds the value from the parser's events. (The library's parser with a callback would work, but for each object that
// ends it searches all of its siblings.)
class JsonBuilder : public nlohmann::json_sax<json> {
 public:
  JsonBuilder(const std::string& where, const JsonLimits& limits) : where_(where), limits_(limits) {}

  json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(int64_t value) override { return add(value); }
  bool number_unsigned(uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string&) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(json::binary_t&) override { return false; }  // not part of JSON text
  bool start_object(size_t) override { return open(json::object()); }
  bool start_array(size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    const auto [place, is_new] = open_.back()->emplace(name, nullptr);
    if (!is_new) fail(where_, ": JSON key ", quoted_text(name), " appears twice in one object.");
    member_ = &*place;
    return true;
  }

  bool parse_error(size_t position, const std::string&, const json::exception& error) override {
    if (dynamic_cast<const json::out_of_range*>(&error) != nullptr) {
      fail(where_, ": byte ", position, " of the JSON is a number out of range.");
    }
    fail(where_, ": byte ", position, " of the JSON is not what JSON allows there.");
  }

 private:
  // The destination of the next value: the root, the open list, or the member of the last key.
  json& place(json value) {
    if (open_.empty()) return root_ = std::move(value);
    if (open_.back()->is_object()) return *member_ = std::move(value);
    open_.back()->push_back(std::move(value));
    return open_.back()->back();
  }

  bool add(json value) {
    place(std::move(value));
    return true;
  }

  bool open(json container) {
    if (open_.size() >= static_cast<size_t>(limits_.max_depth)) {
      fail(where_, ": JSON is nested deeper than ", limits_.max_depth, " levels.");
    }
    open_.push_back(&place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const std::string& where_;
  const JsonLimits& limits_;
  json root_;
  std::vector<json*> open_;  // open lists and objects; their addresses are stable while they are open
  json* member_ = nullptr;
};

}  // namespace

json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    fail(where, ": holds ", text.size(), " bytes of JSON, expected at most ", limits.max_bytes, ".");
  }
  // The library treats a zero byte as the end of the text.
  if (const size_t zero = text.find('\0'); zero != std::string_view::npos) {
    fail(where, ": byte ", zero + 1, " of the JSON is not what JSON allows there.");
  }
  JsonBuilder builder(where, limits);
  json::sax_parse(text, &builder);
  return builder.take();
}

}  // namespace bisque
