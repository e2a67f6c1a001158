// Internal. A traversal of a Module and all its descendants.
#pragma once
#include <list>
#include <string>
#include <unordered_set>
#include <vector>

#include <bisque/core/nn/module_base.h>

namespace bisque {

/// How repeated Modules are treated.
enum class Repeats {
  kOnce,        // skipped
  kEveryWay,    // visited on every path that leads to it
  kOnceAParent  // the same, but once per parent
};

/// Enters each Module before its children and leaves it after them, without recursion, so any depth works. Children
/// that are None are skipped. Error: a Module contains itself, and repeats are visited.
class TreeWalk {
 public:
  enum Step { kEnter, kLeave, kEnd };

  /// `prefix` is prepended to all names: "" or one that ends in a dot.
  TreeWalk(const Module& root, std::string prefix, Repeats repeats);

  Step next();
  Step step() const { return step_; }
  Module& module() const { return *frames_.back().module; }
  /// "a.b." for the child b of the child a.
  const std::string& prefix() const { return prefix_; }
  /// The same without the last dot.
  std::string path() const;

  /// The buffers of one Module, also those that are None.
  static const OrderedMap<TensorSlot>& buffer_slots(const Module& module) { return module.buffers_; }

 private:
  struct Frame {
    Module* module;
    size_t prefix_length;
    bool started = false;
    OrderedMap<ChildSlot>::const_iterator at;  // the next child
    std::unordered_set<const Module*> seen;    // visited children, for kOnceAParent
  };

  void enter(Module& module);
  void leave();
  bool enter_next_child();
  bool is_new(Module& module, const std::string& name);

  Repeats repeats_;
  Step step_ = kEnd;
  std::string prefix_;
  std::vector<Frame> frames_;
  std::unordered_set<const Module*> seen_;  // all visited so far, or those on the current path
};

}  // namespace bisque
