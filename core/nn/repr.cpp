#include <algorithm>
#include <ostream>
#include <sstream>
#include <unordered_set>

#include <bisque/core/error.h>
#include <bisque/core/nn/module_base.h>

namespace bisque {

/// Prints a tree of Modules as lines, without recursion.
class ReprWriter {
 public:
  explicit ReprWriter(const Module& root) {
    open(root, "");
    while (!frames_.empty()) step();
  }

  std::string text() const {
    std::string text;
    for (const Line& line : lines_) {
      if (!text.empty()) text += '\n';
      text.append(2 * line.depth, ' ');
      text += line.label;
      text += line.text;
    }
    return text;
  }

 private:
  struct Line {
    size_t depth;
    std::string label;  // "(name): " before a child
    std::string text;

    bool says_the_same(const Line& other) const { return depth == other.depth && text == other.text; }
  };
  /// A Module whose children are being printed. Equal adjacent children may be merged: `block` is the start of the last
  /// child that differs from the previous one, `current` the start of the current child.
  struct Frame {
    const Module* module;
    OrderedMap<ChildSlot>::const_iterator next;
    size_t index = 0;
    size_t block = 0, block_index = 0, current = 0;
  };

  /// Prints a Module up to its children.
  void open(const Module& module, const std::string& label) {
    const size_t depth = frames_.size();
    const bool has_children = !module.children_.empty();
    const std::string extra = module.collapses_repr() ? "" : module.extra_repr();
    std::string head = module.type_name() + "(";
    if (!has_children && extra.find('\n') == std::string::npos) {
      lines_.push_back({depth, label, head + extra + ")"});
      return child_done();
    }
    lines_.push_back({depth, label, std::move(head)});
    for (size_t begin = 0; !extra.empty() && begin <= extra.size();) {
      const size_t end = std::min(extra.find('\n', begin), extra.size());
      lines_.push_back({depth + 1, "", extra.substr(begin, end - begin)});
      begin = end + 1;
    }
    if (!on_path_.insert(&module).second) {
      fail(module.type_name(), ": contains itself through other Modules, so it cannot be printed.");
    }
    frames_.push_back({&module, module.children_.begin()});
  }

  /// Prints the next child of the innermost Module, or its end.
  void step() {
    Frame& frame = frames_.back();
    if (frame.next == frame.module->children_.end()) {
      on_path_.erase(frame.module);
      frames_.pop_back();
      lines_.push_back({frames_.size(), "", ")"});
      return child_done();
    }
    const auto& [name, slot] = *frame.next++;
    frame.current = lines_.size();
    const std::string label = "(" + name + "): ";
    if (const Module* child = slot.value->get()) return open(*child, label);
    lines_.push_back({frames_.size(), label, "None"});
    child_done();
  }

  void child_done() {
    if (frames_.empty()) return;
    Frame& frame = frames_.back();
    const size_t index = frame.index++;
    if (!frame.module->collapses_repr()) return;
    const auto at = [&](size_t line) { return lines_.begin() + static_cast<std::ptrdiff_t>(line); };
    const bool repeats = index > 0 && std::equal(at(frame.block), at(frame.current), at(frame.current), lines_.end(),
                                                 [](const Line& a, const Line& b) { return a.says_the_same(b); });
    if (!repeats) {
      frame.block = frame.current;
      frame.block_index = index;
      return;
    }
    lines_.resize(frame.current);
    const size_t first = frame.block_index;
    std::ostringstream label;
    label << "(" << first << "-" << index << "): " << index - first + 1 << " x ";
    lines_[frame.block].label = label.str();
  }

  std::vector<Line> lines_;
  std::vector<Frame> frames_;
  std::unordered_set<const Module*> on_path_;
};

std::string Module::repr() const { return ReprWriter(*this).text(); }

std::ostream& operator<<(std::ostream& stream, const Module& module) { return stream << module.repr(); }

}  // namespace bisque
