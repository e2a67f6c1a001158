// What Parameter, Buffer and Child share: how a member and the entry of its Module stay one.
#pragma once
#include <utility>

#include <bisque/core/nn/slots.h>

namespace bisque {

/// The tie of a member to a slot. A Member has `held_value()`, its value, and `own_flags()`, which count while it has
/// no slot.
///
/// A member that is made of another by a move takes over that one's slot. The other remembers it as its place, and when
/// it is assigned again, it takes its place back, while the member that had it goes to the slot of what was assigned.
/// So swaps, rotations and sorting exchange values, and each value stays registered throughout.
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
  /// The same, or the one that it gave away by a move.
  Slot* place() const { return slot_; }

  /// Takes over a slot of the registry, with its value.
  void enter_slot(Slot& slot) noexcept {
    self().held_value() = std::move(slot.own);
    slot.own = Value();
    slot.value = &self().held_value();
    slot.member = &self();
    if (slot.former == &self()) slot.former = nullptr;
    slot_ = &slot;
  }

  /// Leaves the slot to the registry, as None.
  void exit_slot() noexcept {
    self().own_flags() = slot_->flags;
    slot_->value = &slot_->own;
    slot_->member = nullptr;
    slot_ = nullptr;
  }

  /// Leaves the slot and the value to the registry.
  void hand_back() noexcept {
    slot_->own = std::move(self().held_value());
    self().held_value() = Value();
    exit_slot();
  }

  /// What a move constructor does.
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

  /// What a destructor does: the slot goes back to the member whose place it is, or is erased.
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

  /// Gives this member, which has a place, a new value: `set(slot)` registers it there, or raises an error and changes
  /// nothing. `source` is the member whose value that is, if it gives it away.
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

  /// Its place is this slot, which another member holds: the first to be moved from keeps the claim.
  void remember_place(Slot& slot) noexcept {
    if (slot.former) return;
    slot.former = &self();
    slot_ = &slot;
  }

  /// Holds this value, in the slot of another member where there is one.
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

  Slot* slot_ = nullptr;  // the place; another member may hold it
};

}  // namespace bisque
