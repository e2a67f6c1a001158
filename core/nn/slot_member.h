// Common base of Parameter, Buffer and Child: keeps a member and its entry in the Module consistent.
#pragma once
#include <utility>

#include <bisque/core/nn/slots.h>

namespace bisque {

/// Links a member to a slot. A Member has `held_value()`, its value, and `own_flags()`, which apply while it has no
/// slot.
///
/// A member constructed by a move takes over the slot of the source. The source remembers the slot as its place. When
/// it is assigned again, it takes its place back, and the other member moves to the slot of the assigned value. So
/// swaps, rotations and sorting exchange values, and each value stays registered throughout.
template <class Member, class Slot>
class SlotMember {
 public:
  /// Whether a Module holds it under a name.
  bool is_registered() const { return held_slot() != nullptr; }

 protected:
  using Value = decltype(Slot::own);
  using Flags = decltype(Slot::flags);

  /// The slot that holds this member, or null.
  Slot* held_slot() const { return slot_ && slot_->member == &self() ? slot_ : nullptr; }
  /// The same, or the slot that it gave away by a move.
  Slot* place() const { return slot_; }

  /// Takes over a slot of the registry and its value.
  void enter_slot(Slot& slot) noexcept {
    self().held_value() = std::move(slot.own);
    slot.own = Value();
    slot.value = &self().held_value();
    slot.member = &self();
    if (slot.former == &self()) slot.former = nullptr;
    slot_ = &slot;
  }

  /// Releases the slot, whose value becomes None.
  void exit_slot() noexcept {
    self().own_flags() = slot_->flags;
    slot_->value = &slot_->own;
    slot_->member = nullptr;
    slot_ = nullptr;
  }

  /// Returns the slot and the value to the registry.
  void hand_back() noexcept {
    slot_->own = std::move(self().held_value());
    self().held_value() = Value();
    exit_slot();
  }

  /// Implements the move constructor.
  void take_over(Member& source) noexcept {
    Slot* slot = source.held_slot();
    if (!slot) {
      self().held_value() = std::exchange(source.held_value(), Value());
      return;
    }
    source.hand_back();
    enter_slot(*slot);
    source.remember_place(*slot);
  }

  /// Implements the destructor: the slot returns to the member whose place it is, or is erased.
  void leave_module() noexcept {
    Slot* slot = held_slot();
    if (!slot) {
      forget_place();
      return;
    }
    exit_slot();
    if (slot->former) {
      slot->former->enter_slot(*slot);
    } else {
      slot->owner->drop(*slot);
    }
  }

  /// Assigns a new value to this member, which has a place: `set(slot)` registers it there, or throws and changes
  /// nothing. `source` is the member that the value is moved from, if any.
  template <class Set>
  void assign_in_place(Member* source, const Set& set) {
    Slot& slot = *slot_;
    Member* other = slot.member == &self() ? nullptr : slot.member;
    const Value kept = other ? other->held_value() : Value();
    const Flags kept_flags = slot.flags;
    set(slot);
    if (other) {
      other->hand_back();
      enter_slot(slot);
    }
    if (other && other != source) other->settle_in(kept, kept_flags, source ? source->held_slot() : nullptr);
    if (source) source->held_value() = Value();
  }

  void forget_place() noexcept {
    if (slot_) slot_->former = nullptr;
    slot_ = nullptr;
  }

 private:
  friend class Module;

  /// Records that its place is this slot, which another member holds. The first moved-from member has priority.
  void remember_place(Slot& slot) noexcept {
    if (slot.former) return;
    slot.former = &self();
    slot_ = &slot;
  }

  /// Holds this value, in the slot of another member if there is one.
  void settle_in(const Value& value, const Flags& flags, Slot* slot) {
    if (!slot) {
      self().held_value() = value;
      self().own_flags() = flags;
      return;
    }
    Member* giver = slot->member;
    giver->hand_back();
    slot->own = value;
    slot->flags = flags;
    enter_slot(*slot);
    giver->remember_place(*slot);
  }

  Member& self() { return static_cast<Member&>(*this); }
  const Member& self() const { return static_cast<const Member&>(*this); }

  Slot* slot_ = nullptr;  // its place; another member may hold the slot
};

}  // namespace bisque
