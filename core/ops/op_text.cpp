#include <bisque/core/ops/op_text.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include <bisque/core/error.h>

namespace bisque::op {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// The parts between commas that are inside no brackets and no quotes.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  int depth = 0;
  char quote = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && (text[i] == '"' || text[i] == '\'') && (!quote || quote == text[i])) {
      quote = quote ? '\0' : text[i];
    }
    if (i < text.size() && quote) continue;
    if (i < text.size()) depth += (text[i] == '[' || text[i] == '(') - (text[i] == ']' || text[i] == ')');
    if (i < text.size() && (text[i] != ',' || depth != 0)) continue;
    if (const auto part = trimmed(text.substr(begin, i - begin)); !part.empty()) parts.push_back(part);
    begin = i + 1;
  }
  return parts;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// A type without what kernels do not see: "Tensor(a!)" is a Tensor, "int[2]" an int[], "SymInt" an int.
std::string plain_type(const std::string& type) {
  std::string plain;
  bool inside = false;  // of round or square brackets
  for (const char c : type) {
    if (c == ')' || c == ']') inside = false;
    if (!inside && c != '(' && c != ')') plain += c;
    if (c == '(' || c == '[') inside = true;
  }
  if (plain.starts_with("SymInt")) plain.replace(0, 6, "int");
  return plain;
}

/// "Tensor? lengths1=None" or, of a result, "Tensor".
SchemaItem parse_item(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return {std::string(text), ""};
  const auto name = trimmed(text.substr(space + 1));
  return {std::string(text.substr(0, space)), std::string(name.substr(0, name.find('=')))};
}

/// Which names a size may bind: `N` the size of an argument, `*V` one that is counted.
enum class Binds { kNothing, kSizes, kCounted };

/// Parses one size.
class SizeParser {
 public:
  SizeParser(const std::string& op, std::string_view text, Names& names, Binds binds)
      : op_(op), text_(trimmed(text)), names_(names), binds_(binds) {}

  SizeExpression parse() {
    size_.text = text_;
    if (binds_ == Binds::kCounted && take_one_of("*")) {
      counted();
    } else {
      sum();
    }
    if (at_ != text_.size()) not_understood();
    check_depth();
    return std::move(size_);
  }

 private:
  void check_depth() const {
    size_t depth = 0;
    for (const auto& part : size_.parts) {
      const bool is_value = part.kind == SizeExpression::Part::kNumber || part.kind == SizeExpression::Part::kName;
      depth += is_value ? 1 : -1;
      if (depth > kMaxSizes) fail(op_, ": the size \"", text_, "\" is nested too deep.");
    }
  }

  void counted() {
    const auto name = word();
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0]))) not_understood();
    int64_t index = names_.find(name);
    if (index < 0) {
      index = add(name);
      names_.counted.push_back(index);
    } else if (!names_.is_counted(index)) {
      fail(op_, ": the size \"", text_, "\" is expected to be a new name, but ", name, " is known before the op runs.");
    }
    size_.parts.push_back({SizeExpression::Part::kName, index});
  }

  void sum() {
    product();
    while (const char sign = take_one_of("+-")) {
      product();
      size_.parts.push_back({sign == '+' ? SizeExpression::Part::kAdd : SizeExpression::Part::kSubtract});
    }
  }

  void product() {
    atom();
    while (const char sign = take_one_of("*/")) {
      if (sign == '/' && !take_one_of("/")) not_understood();
      atom();
      size_.parts.push_back({sign == '*' ? SizeExpression::Part::kMultiply : SizeExpression::Part::kDivide});
    }
  }

  void atom() {
    if (take_one_of("(")) {
      sum();
      if (!take_one_of(")")) not_understood();
      return;
    }
    const auto name = word();
    if (name.empty()) not_understood();
    if (std::isdigit(static_cast<unsigned char>(name[0]))) {
      size_.parts.push_back({SizeExpression::Part::kNumber, std::stoll(std::string(name))});
      return;
    }
    int64_t index = names_.find(name);
    if (index < 0) {
      size_.binds = binds_ == Binds::kSizes && name == text_;
      if (!size_.binds) fail(op_, ": the size \"", text_, "\" uses ", name, ", which nothing binds.");
      index = add(name);
    }
    size_.parts.push_back({SizeExpression::Part::kName, index});
  }

  int64_t add(std::string_view name) {
    names_.list.emplace_back(name);
    return static_cast<int64_t>(names_.list.size()) - 1;
  }

  std::string_view word() {
    skip_spaces();
    const size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  char take_one_of(std::string_view signs) {
    skip_spaces();
    return at_ < text_.size() && signs.find(text_[at_]) != std::string_view::npos ? text_[at_++] : '\0';
  }
  [[noreturn]] void not_understood() const {
    fail(op_, ": the size \"", text_,
         "\" is not understood, expected a number, a name, or arithmetic with + - * // and ().");
  }

  const std::string& op_;
  std::string_view text_;
  Names& names_;
  Binds binds_;
  size_t at_ = 0;
  SizeExpression size_;
};

/// "[N, V, 3]".
SizeList parse_sizes(const std::string& op, std::string_view text, Names& names, Binds binds) {
  text = trimmed(text);
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    fail(op, ": the sizes \"", text, "\" are expected to be a list as [N, 3].");
  }
  SizeList list{std::string(text), {}};
  for (const auto part : split(text.substr(1, text.size() - 2))) {
    list.sizes.push_back(SizeParser(op, part, names, binds).parse());
  }
  if (list.sizes.size() > kMaxSizes)
    fail(op, ": the shape ", text, " is expected to have at most ", kMaxSizes, " sizes.");
  return list;
}

ShapeText parse_shape(const std::string& op, std::string_view text, Names& names, Binds binds) {
  const auto open = text.find('['), close = text.find(']');
  if (open == std::string_view::npos || close == std::string_view::npos || open == 0) {
    fail(op, ": the shape \"", text, "\" is expected to be NAME [SIZES] or NAME DTYPE [SIZES].");
  }
  ShapeText shape;
  const auto head = trimmed(text.substr(0, open));
  const auto space = head.find(' ');
  shape.name = head.substr(0, space);
  if (space != std::string_view::npos) shape.dtype = trimmed(head.substr(space));
  const auto rest = trimmed(text.substr(close + 1));
  if (!rest.empty() && binds == Binds::kSizes) binds = Binds::kNothing;  // there may be no such size
  shape.sizes = parse_sizes(op, text.substr(open, close - open + 1), names, binds);
  if (rest.empty()) return shape;
  const auto otherwise = rest.find(" else ");
  if (!rest.starts_with("if ") || otherwise == std::string_view::npos) {
    fail(op, ": the shape \"", text, "\" is expected to end as [SIZES] if FLAG else [SIZES].");
  }
  shape.flag = trimmed(rest.substr(3, otherwise - 3));
  shape.otherwise = parse_sizes(op, rest.substr(otherwise + 6), names, Binds::kNothing);
  return shape;
}

std::vector<ShapeText> parse_list(const std::string& op, std::string_view text, Names& names, Binds binds) {
  std::vector<ShapeText> shapes;
  for (const auto part : split(text)) shapes.push_back(parse_shape(op, part, names, binds));
  return shapes;
}

/// What follows a comparison of integers.
std::vector<SizeExpression> parse_right(const std::string& op, Condition::Kind kind, std::string_view text,
                                        Names& names) {
  if (kind == Condition::kOneOf) return parse_sizes(op, text, names, Binds::kNothing).sizes;
  return {SizeParser(op, text, names, Binds::kNothing).parse()};
}

/// The number that a float argument is compared with. False where `text` is none.
bool parse_number(Condition::Kind kind, std::string_view text, double* number) {
  if (kind == Condition::kFinite) return text.empty();
  if (kind >= Condition::kEqual) return false;
  const auto end = text.data() + text.size();
  return std::from_chars(text.data(), end, *number).ptr == end && !text.empty();
}

Condition parse_condition(const Schema& schema, std::string_view text, Names& names) {
  static const std::pair<std::string_view, Condition::Kind> kinds[] = {{">=", Condition::kAtLeast},
                                                                       {"<=", Condition::kAtMost},
                                                                       {">", Condition::kAbove},
                                                                       {"<", Condition::kBelow},
                                                                       {"==", Condition::kEqual},
                                                                       {" in ", Condition::kOneOf},
                                                                       {" multiple of ", Condition::kMultipleOf},
                                                                       {" finite", Condition::kFinite}};
  const std::string& op = schema.short_name;
  const auto found = std::find_if(std::begin(kinds), std::end(kinds),
                                  [&](const auto& kind) { return text.find(kind.first) != std::string_view::npos; });
  if (found == std::end(kinds)) {
    fail(op, ": the condition \"", text, "\" is expected to compare by >=, <=, >, <, ==, in, multiple of or finite.");
  }
  const auto& [sign, kind] = *found;
  const size_t at = text.find(sign);
  const auto right = trimmed(text.substr(at + sign.size()));
  Condition condition{kind, std::string(trimmed(text.substr(0, at))), {}, {}};
  const int64_t argument = schema.argument(condition.name);
  if (argument >= 0 && schema.arguments[argument].type.starts_with("float")) {
    condition.argument = argument;
    if (!parse_number(kind, right, &condition.number)) {
      fail(op, ": the condition \"", text, "\" on a float is expected to compare with a number by >=, <=, > or <,",
           " or to be \"", condition.name, " finite\".");
    }
    return condition;
  }
  if (kind == Condition::kFinite) fail(op, ": the condition \"", text, "\" is expected to name a float argument.");
  condition.left = SizeParser(op, condition.name, names, Binds::kNothing).parse();
  condition.right = parse_right(op, kind, right, names);
  return condition;
}

}  // namespace

int64_t Schema::argument(std::string_view argument_name) const {
  const auto found = std::find_if(arguments.begin(), arguments.end(),
                                  [&](const SchemaItem& item) { return item.name == argument_name; });
  return found == arguments.end() ? -1 : found - arguments.begin();
}

std::string Schema::signature() const {
  const auto types = [](const std::vector<SchemaItem>& items) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ", ") + plain_type(item.type);
    return text;
  };
  const std::string of_results = types(results);
  return "(" + types(arguments) + ") -> " + (results.size() == 1 ? of_results : "(" + of_results + ")");
}

Schema parse_schema(std::string_view text) {
  const auto open = text.find('('), colons = text.find("::"), arrow = text.find(") ->");
  if (open == std::string_view::npos || colons == std::string_view::npos || colons > open ||
      arrow == std::string_view::npos) {
    fail("the schema \"", text, "\" is expected to be NAMESPACE::NAME(ARGUMENTS) -> RESULTS.");
  }
  Schema schema;
  schema.name = trimmed(text.substr(0, open));
  schema.short_name = trimmed(text.substr(colons + 2, open - colons - 2));
  for (const auto argument : split(text.substr(open + 1, arrow - open - 1))) {
    if (argument != "*") schema.arguments.push_back(parse_item(argument));
  }
  auto results = trimmed(text.substr(arrow + 4));
  if (results.starts_with("(") && results.ends_with(")")) results = results.substr(1, results.size() - 2);
  for (const auto result : split(results)) schema.results.push_back(parse_item(result));
  return schema;
}

int64_t Names::find(std::string_view name) const {
  const auto found = std::find(list.begin(), list.end(), name);
  return found == list.end() ? -1 : found - list.begin();
}

bool Names::is_counted(int64_t name) const { return std::find(counted.begin(), counted.end(), name) != counted.end(); }

ShapesText parse_shapes(const std::string& op, std::string_view shapes, Names& names) {
  const auto arrow = shapes.find("->");
  if (arrow == std::string_view::npos) {
    fail(op, ": its shapes \"", shapes, "\" are expected to be ARGUMENTS -> RESULTS.");
  }
  ShapesText parsed;
  parsed.arguments = parse_list(op, shapes.substr(0, arrow), names, Binds::kSizes);
  parsed.results = parse_list(op, shapes.substr(arrow + 2), names, Binds::kCounted);
  return parsed;
}

ShapeNames shape_names(std::string_view shapes) {
  const auto names_of = [](std::string_view list) {
    std::vector<std::string> names;
    for (const auto part : split(list)) names.emplace_back(part.substr(0, part.find(' ')));
    return names;
  };
  const auto arrow = shapes.find("->");
  if (arrow == std::string_view::npos) return {names_of(shapes), {}};
  return {names_of(shapes.substr(0, arrow)), names_of(shapes.substr(arrow + 2))};
}

std::vector<ShapeText> parse_scratch(const std::string& op, std::string_view scratch, Names& names) {
  return parse_list(op, scratch, names, Binds::kCounted);
}

std::vector<Condition> parse_conditions(const Schema& schema, std::string_view conditions, Names& names) {
  std::vector<Condition> parsed;
  for (const auto part : split(conditions)) parsed.push_back(parse_condition(schema, part, names));
  return parsed;
}

}  // namespace bisque::op
