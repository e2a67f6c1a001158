// Internal. A walk over a Module and all below it.
#pragma once
#include <list>
#include <string>
#include <unordered_set>
#include <vector>

#include <bisque/core/nn/module_base.h>

namespace bisque {

/// What becomes of a Module that is met again.
enum class Repeats {
  kOnce,        // it is left out
  kEveryWay,    // it is visited by every way that leads to it
  kOnceAParent  // the same, but once among the children of one Module
};

/// Enters each Module before its children and leaves it after them, without recursion: any depth will do. Children that
/// are None are left out. Error: a Module holds itself, and repeats are visited.
class TreeWalk {
 public:
  enum Step { kEnter, kLeave, kEnd };

  /// `prefix` is put before all names: "" or one that ends in a dot.
  TreeWalk(const Module& root, std::string prefix, Repeats repeats);

  Step next();
  Step step() const { return step_; }
  Module& module() const { return *frames_.back().module; }
  /// "a.b." for the child b of the child a.
  const std::string& prefix() const { return prefix_; }
  /// The same without the last dot.
  std::string path() const;

 private:
  struct Frame {
    Module* module;
    size_t prefix_length;
    bool started = false;
    OrderedMap<ChildSlot>::const_iterator at;  // the next child, once started
    std::unordered_set<const Module*> seen;    // children, for kOnceAParent
  };

  void enter(Module& module);
  void leave();
  bool enter_next_child();
  bool is_new(Module& module, const std::string& name);

  Repeats repeats_;
  Step step_ = kEnd;
  std::string prefix_;
  std::vector<Frame> frames_;
  std::unordered_set<const Module*> seen_;  // all so far, or those on the way down
};

}  // namespace bisque
