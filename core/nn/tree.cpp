#include <bisque/core/nn/tree.h>

#include <bisque/core/error.h>

namespace bisque {

TreeWalk::TreeWalk(const Module& root, std::string prefix, Repeats repeats)
    : repeats_(repeats), prefix_(std::move(prefix)) {
  enter(const_cast<Module&>(root));  // callers with a const Module only get const access
  step_ = kEnd;
}

TreeWalk::Step TreeWalk::next() {
  if (step_ == kEnd) return step_ = frames_.empty() ? kEnd : kEnter;
  if (step_ == kLeave) leave();
  if (frames_.empty()) return step_ = kEnd;
  return step_ = enter_next_child() ? kEnter : kLeave;
}

std::string TreeWalk::path() const { return prefix_.empty() ? "" : prefix_.substr(0, prefix_.size() - 1); }

void TreeWalk::enter(Module& module) {
  Frame frame;
  frame.module = &module;
  frame.prefix_length = prefix_.size();
  frames_.push_back(std::move(frame));
  seen_.insert(&module);
}

void TreeWalk::leave() {
  if (repeats_ != Repeats::kOnce) seen_.erase(frames_.back().module);
  frames_.pop_back();
  if (!frames_.empty()) prefix_.resize(frames_.back().prefix_length);
}

bool TreeWalk::enter_next_child() {
  Frame& frame = frames_.back();
  const auto& children = frame.module->children_;
  if (!frame.started) frame.at = children.begin();
  frame.started = true;
  while (frame.at != children.end()) {
    const auto& [name, slot] = *frame.at++;
    Module* child = slot.value->get();
    if (!child || !is_new(*child, name)) continue;
    prefix_ += name;
    prefix_ += '.';
    enter(*child);
    return true;
  }
  return false;
}

bool TreeWalk::is_new(Module& module, const std::string& name) {
  if (repeats_ == Repeats::kOnce) return !seen_.contains(&module);
  if (seen_.contains(&module)) {
    fail(module.type_name(), ": contains itself at \"", prefix_, name, "\"; expected a tree of Modules.");
  }
  return repeats_ == Repeats::kEveryWay || frames_.back().seen.insert(&module).second;
}

}  // namespace bisque
