// What the carrier of a connection takes out: signals become frames, one turn at a time.
#include <algorithm>

#include "dist/connection.h"
#include "process/send.h"
#include "term/build.h"

namespace hanse::dist {

// So much is made ready for one write; what is behind it can still be overtaken.
static constexpr size_t ready_bytes = 128 * 1024;
// Smaller runs of bytes are gathered.
static constexpr size_t gather_limit = 2048;
static constexpr size_t stage_bytes = 64 * 1024;

static size_t load_of(const Outgoing& signal) { return std::min(signal.total_size, fragment_bytes); }

void Connection::put_last(Queued signal) {
  load_bytes_ += load_of(*signal);
  auto is_of_same_sender = [&](const Queued& earlier) { return earlier->sender == signal->sender; };
  bool first = !signal->is_whole() && std::none_of(small_.begin(), small_.end(), is_of_same_sender);
  (first ? large_ : small_).push_back(std::move(signal));
}

void Connection::enqueue(Queued signal) {
  queued_signal_bytes_ += signal->total_size;
  if (!held_.empty()) {
    auto held = held_.find(signal->sender);
    if (held != held_.end()) {
      held->second.bytes += signal->total_size;
      held->second.signals.push_back(std::move(signal));
      return;
    }
  }
  // An entry of held_ means: a large signal of this sender is in one of the queues.
  if (!signal->is_whole()) held_[signal->sender].bytes = signal->total_size;
  put_last(std::move(signal));
}

Connection::Queued Connection::next_signal() {
  bool large = small_.empty() || (!large_.empty() && small_turn_bytes_ >= fragment_bytes);
  std::deque<Queued>& queue = large ? large_ : small_;
  Queued signal = std::move(queue.front());
  queue.pop_front();
  if (large) small_turn_bytes_ = 0;
  else small_turn_bytes_ += load_of(*signal);
  return signal;
}

void Connection::finish_turn(Queued signal) {
  if (signal->sent < signal->total_size) {
    large_.push_back(std::move(signal));
    return;
  }
  queued_signal_bytes_ -= std::min(queued_signal_bytes_, signal->total_size);
  load_bytes_ -= load_of(*signal);
  if (signal->is_whole()) return;
  auto entry = held_.find(signal->sender);
  if (entry == held_.end()) return;
  Held& held = entry->second;
  held.bytes -= signal->total_size;
  while (!held.signals.empty()) {
    bool large = !held.signals.front()->is_whole();
    if (!large) held.bytes -= held.signals.front()->total_size;
    put_last(std::move(held.signals.front()));
    held.signals.pop_front();
    if (large) return;
  }
  held_.erase(entry);
}

void Connection::append_small(Bytes bytes) {
  while (!bytes.empty()) {
    if (!stage_ || stage_used_ == stage_bytes) {
      stage_ = Ref<OffHeapBinary>::adopt(OffHeapBinary::create(stage_bytes));
      CHECK(stage_.get() != nullptr);
      stage_used_ = 0;
    }
    size_t size = std::min(bytes.size(), stage_bytes - stage_used_);
    uint8_t* to = stage_->data + stage_used_;
    std::memcpy(to, bytes.data(), size);
    stage_used_ += size;
    out_bytes_ += size;
    bytes = bytes.subspan(size);
    if (!out_.empty() && out_.back().data.data() + out_.back().data.size() == to && out_.back().owner.get() == stage_.get())
      out_.back().data = Bytes(out_.back().data.data(), out_.back().data.size() + size);
    else
      out_.push_back({stage_, Bytes(to, size)});
  }
}

void Connection::append_shared(OffHeapBinary* owner, Bytes bytes) {
  out_bytes_ += bytes.size();
  out_.push_back({Ref<OffHeapBinary>(owner), bytes});
}

static void append_be64(std::string& out, uint64_t value) {
  uint8_t bytes[8];
  store_be64(bytes, value);
  out.append(reinterpret_cast<const char*>(bytes), 8);
}

// One frame: a whole signal or a fragment of one.
void Connection::write_turn() {
  Queued signal = next_signal();
  bool cached = has(flag::header_atom_cache), fragmented = cached && has(flag::fragments) && !signal->is_whole();
  bool begins = signal->sent == 0;
  size_t part = signal->total_size - signal->sent;
  std::string header(4, '\0');
  if (!cached) {
    header.push_back(static_cast<char>(pass_through));
  } else {
    header.push_back(static_cast<char>(131));
    header.push_back(static_cast<char>(!fragmented ? normal_header : begins ? first_fragment : later_fragment));
  }
  if (fragmented) {
    if (begins) {
      signal->fragments_left = (signal->payload_size() + fragment_bytes - 1) / fragment_bytes;
      signal->sequence = next_sequence_++;
    }
    append_be64(header, signal->sequence);
    append_be64(header, signal->fragments_left--);
    part = std::min(part, fragment_bytes + (begins ? signal->control_size : 0));
  }
  if (cached && begins) send_cache_.append_references(header, signal->atoms);
  auto* raw = reinterpret_cast<uint8_t*>(header.data());
  store_be32(raw, static_cast<uint32_t>(header.size() - 4 + part));
  size_t skipped = length_prefix_ ? 0 : 4;
  append_small(Bytes(raw + skipped, header.size() - skipped));
  while (part > 0) {
    OffHeapBinary* owner = nullptr;
    Bytes run = signal->next_run(part, owner);
    if (run.size() <= gather_limit) append_small(run);
    else append_shared(owner, run);
    signal->sent += run.size();
    part -= run.size();
  }
  frame_count_++;
  frames_out_.fetch_add(1, std::memory_order_relaxed);
  finish_turn(std::move(signal));
}

int Connection::output(iovec* pieces, int capacity) {
  Lock lock(mutex_);
  while (out_bytes_ < ready_bytes && has_signals()) write_turn();
  int count = 0;
  size_t skipped = out_consumed_;
  for (const Piece& piece : out_) {
    if (count == capacity) break;
    pieces[count++] = {const_cast<uint8_t*>(piece.data.data()) + skipped, piece.data.size() - skipped};
    skipped = 0;
  }
  if (count == 0) announced_ = false;
  return count;
}

void Connection::consume_output(size_t bytes) {
  Lock lock(mutex_);
  out_bytes_ -= std::min(out_bytes_, bytes);
  while (bytes > 0 && !out_.empty()) {
    size_t left = out_.front().data.size() - out_consumed_;
    if (bytes < left) {
      out_consumed_ += bytes;
      break;
    }
    bytes -= left;
    out_consumed_ = 0;
    out_.pop_front();
  }
  if (out_.empty()) stage_used_ = stage_ && stage_->reference_count() == 1 ? 0 : stage_bytes;
  wake_senders();
}

size_t Connection::output_size() {
  Lock lock(mutex_);
  return out_bytes_ + queued_signal_bytes_;
}

bool Connection::is_full() {
  Lock lock(mutex_);
  return load_bytes_ + out_bytes_ >= busy_limit();
}

size_t Connection::take_frame_count() {
  Lock lock(mutex_);
  return std::exchange(frame_count_, 0);
}

void Connection::send_raw(Bytes frame) {
  uint8_t length[4];
  store_be32(length, static_cast<uint32_t>(frame.size()));
  Lock lock(mutex_);
  if (state_ != State::up) return;
  append_small(length);
  append_small(frame);
  frame_count_++;
  announced_ = true;
}

// --- carriers that are processes ---

bool Connection::take_frame(std::vector<Piece>& frame) {
  Lock lock(mutex_);
  if (!has_signals()) return false;
  write_turn();
  frame.assign(std::make_move_iterator(out_.begin()), std::make_move_iterator(out_.end()));
  out_.clear();
  out_bytes_ = 0;
  // Guests hold the bytes from now on.
  stage_ = nullptr;
  wake_senders();
  return true;
}

void Connection::notify(Term process) {
  {
    Lock lock(mutex_);
    if (state_ == State::ended) return;
    notified_ = process;
    if (!has_signals()) return;
  }
  announce_output();
}

size_t Connection::frames_pending() {
  Lock lock(mutex_);
  return small_.size() + large_.size();
}

}  // namespace hanse::dist
