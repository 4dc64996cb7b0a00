#include "process/mailbox.h"

namespace hanse {

Mailbox::~Mailbox() {
  for (Message *message = first_, *next; message; message = next) {
    next = static_cast<Message*>(message->next);
    message->undeliverable();
  }
}

Message* Mailbox::remove() {
  Message* message = *cursor_;
  *cursor_ = static_cast<Message*>(message->next);
  auto** behind = reinterpret_cast<Message**>(&message->next);
  if (tail_ == behind) tail_ = cursor_;
  if (marker_position_ == behind) marker_position_ = cursor_;
  length_--;
  rewind();
  return message;
}

Term Mailbox::reserve_marker() {
  marker_position_ = tail_;
  marker_bound_ = false;
  marker_serial_++;
  return Term::small(marker_serial_);
}

void Mailbox::bind_marker(Term id, Term reference) {
  if (id != Term::small(marker_serial_) || !marker_position_ || !reference.is_internal_reference()) return;
  marker_bound_ = true;
  marker_reference_ = reference_number(reference);
}

void Mailbox::use_marker(Term reference) {
  if (!marker_bound_ || !marker_position_ || !reference.is_internal_reference()) return;
  if (reference_number(reference) == marker_reference_) cursor_ = marker_position_;
}

void Mailbox::clear_marker(Term id) {
  if (id != Term::small(marker_serial_)) return;
  marker_position_ = nullptr;
  marker_bound_ = false;
}

void Mailbox::visit_roots(RootVisitor& visitor) {
  for (Message* message = first_; message; message = static_cast<Message*>(message->next))
    if (message->attached) visitor.visit({&message->term, 1});
}

}  // namespace hanse
