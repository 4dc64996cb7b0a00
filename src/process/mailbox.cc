#include "process/mailbox.h"

#include "heap/process_heap.h"

namespace hanse {

Mailbox::~Mailbox() {
  for (Message *message = first_, *next; message; message = next) {
    next = static_cast<Message*>(message->next);
    message->undeliverable();
  }
}

Message* Mailbox::unlink(Message** place) {
  Message* message = *place;
  *place = static_cast<Message*>(message->next);
  auto** behind = reinterpret_cast<Message**>(&message->next);
  if (tail_ == behind) tail_ = place;
  if (markers_)
    for (Marker& marker : markers_->all)
      if (marker.position == behind) marker.position = place;
  if (message->attached) attached_--;
  length_--;
  return message;
}

Message* Mailbox::remove() {
  Message* message = unlink(cursor_);
  rewind();
  return message;
}

void Mailbox::discard_unreadable() {
  for (Message** place = &first_; *place != nullptr;) {
    if (!(*place)->term.is_none()) {
      place = reinterpret_cast<Message**>(&(*place)->next);
      continue;
    }
    if (cursor_ == reinterpret_cast<Message**>(&(*place)->next)) cursor_ = place;
    auto* message = static_cast<UnreadableMessage*>(unlink(place));
    message->found();
    message->undeliverable();
  }
}

void Mailbox::settle(ProcessHeap& heap) {
  static constexpr size_t small_words = 64;
  Message* message = *cursor_;
  Fragment* fragment = message->fragment;
  if (fragment->used_words > small_words) return;
  if (!message->in_fragment || message->is_tagged || fragment->next != nullptr || fragment->off_heap.first != nullptr) return;
  if (!heap.absorb(*fragment, message->term)) return;
  message->fragment = nullptr;
  message->attached = true;
  attached_++;
  Fragment::free(fragment);  // the message itself stays: it is in the same block
}

Term Mailbox::reserve_marker() {
  if (!markers_) markers_ = std::make_unique<Markers>();
  int64_t serial = ++markers_->last_serial;
  Marker* oldest = &markers_->all[0];
  for (Marker& marker : markers_->all)
    if (marker.position == nullptr || (oldest->position != nullptr && marker.serial < oldest->serial)) oldest = &marker;
  *oldest = {.position = tail_, .serial = serial};
  return Term::small(serial);
}

void Mailbox::bind_marker(Term id, Term reference) {
  if (!markers_ || !reference.is_internal_reference()) return;
  for (Marker& marker : markers_->all) {
    if (marker.position == nullptr || id != Term::small(marker.serial)) continue;
    marker.bound = true;
    marker.reference = reference_number(reference);
  }
}

void Mailbox::use_marker(Term reference) {
  if (!markers_ || !reference.is_internal_reference()) return;
  ReferenceNumber number = reference_number(reference);
  for (Marker& marker : markers_->all)
    if (marker.position != nullptr && marker.bound && marker.reference == number) cursor_ = marker.position;
}

void Mailbox::clear_marker(Term id_or_reference) {
  if (!markers_) return;
  bool is_reference = id_or_reference.is_internal_reference();
  ReferenceNumber number = is_reference ? reference_number(id_or_reference) : ReferenceNumber{};
  for (Marker& marker : markers_->all)
    if (is_reference ? marker.bound && marker.reference == number : id_or_reference == Term::small(marker.serial)) marker = {};
}

void Mailbox::visit_roots(RootVisitor& visitor) {
  // Most often it is the one under the cursor alone, behind many others.
  size_t left = attached_;
  auto visit = [&](Message* from, const Message* end) {
    for (Message* message = from; message != end && left > 0; message = static_cast<Message*>(message->next)) {
      if (!message->attached) continue;
      visitor.visit({&message->term, 1});
      if (message->is_tagged) visitor.visit({&message->tagged().token, 1});
      left--;
    }
  };
  visit(*cursor_, nullptr);
  visit(first_, *cursor_);
}

}  // namespace hanse
