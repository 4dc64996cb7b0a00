// One connection to another node, from the first wish for it to its end. Reference counted; any thread.
//
//   pending   somebody wants to talk to the node: net_kernel shakes hands, signals wait as terms
//   up        signals are encoded by their senders and queued; a carrier (a port, or a process that asks for data) takes
//             bytes out and puts bytes in, one thread at a time in each direction
//   ended     nothing goes in or out; every process that shared anything with it has been told
//
// Fairness: there are two queues, small signals in the order of sending, and those larger than a fragment, which give up
// their turn after each fragment. Turns go to both alternately, by bytes: a small signal waits for one fragment at most for
// each fragment's worth of small ones sent before it, however many large ones there are. What keeps the order of one sender:
// later signals wait behind its large one, and a large one begins in the first queue if earlier ones of its sender are there.
//
// Backpressure: senders wait while more than busy_limit() is queued. A large signal counts as one fragment there, since
// that is how far it holds up others; its own sender waits until less than the limit of what it has sent is left.
#pragma once

#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "base/mutex.h"
#include "base/ref.h"
#include "dist/frame_header.h"
#include "dist/outgoing.h"
#include "dist/remote_node.h"
#include "process/carrier.h"
#include "process/scheduler.h"
#include "process/stored_term.h"

namespace hanse::dist {

class Receiver;

class Connection final : public RefCounted<Connection>, public CarrierClient, public PutOff {
 public:
  enum class State : uint8_t { pending, up, ended };

  const uint64_t id;
  RemoteNode& node;

  Connection(RemoteNode& remote, uint64_t number);
  static void destroy(Connection* connection) { delete connection; }

  // --- the life of it ---
  State state();
  // False: it is not pending any more. carrier: the port or process that does the writing.
  bool go_up(uint64_t flags, uint32_t creation, Term carrier);
  // What go_up() began: what has been waiting is sent.
  void start();
  // Does nothing the second time. No lock is held by the caller, or a port's at most.
  void end(Term reason);
  // The peer broke the protocol, or its bytes: logs and ends the carrier, which ends the connection.
  void fail(const char* expected);

  // Set by go_up(), constant afterwards.
  bool has(uint64_t protocol_flag) const { return (flags_ & protocol_flag) != 0; }
  uint64_t flags() const { return flags_; }
  uint32_t creation() const { return creation_; }
  Term carrier() const { return carrier_; }
  bool is_hidden() const;

  // --- sending ---
  // control: a tuple of the newest form, payload: none() if there is none. About how many bytes that was; 0: it has ended;
  // too_large: of the payload or for memory.
  static constexpr size_t too_large = SIZE_MAX;
  size_t transmit(Word sender, Term control, Term payload = Term::none());
  // Whether this sender should wait.
  bool is_busy(Term sender);
  // The same; it will wait, and is woken when it need not any more.
  bool delays(Term sender);
  // A process that has ended, but for what it has sent here. True: continue_exit() will be called when that is done.
  bool delays_end(Process& process);
  // Whether the process waits here.
  bool holds_up(Term process);
  size_t queued_bytes();

  // The process shares something with this connection from now on. False: it has ended.
  bool involve(Term process);
  // After something of this connection has been handed to the process: it may have ended in between, and have told everybody.
  void tell_if_ended(Term process);

  // --- the carrier's side (CarrierClient) ---
  void retain_client() override { retain(); }
  void release_client() override { release(); }
  bool input(Bytes frame) override;
  int output(iovec* pieces, int capacity) override;
  void consume_output(size_t bytes) override;
  size_t output_size() override;
  bool is_full() override;
  size_t take_frame_count() override;
  void send_raw(Bytes frame) override;
  void closed(Term reason) override;

  // Signals that a process sends in one slice are written together.
  void slice_ended() override;

  // --- carriers that are processes (erlang:dist_ctrl_*) ---
  // One frame without its length as pieces that share memory; false: there is none.
  struct Piece {
    Ref<OffHeapBinary> owner;
    Bytes data;
  };
  bool take_frame(std::vector<Piece>& frame);
  // The process gets the message dist_data when there is something to take.
  void notify(Term process);
  bool get_size_option = false;  // written by the carrier process only
  std::atomic<Word> input_handler{0};  // a process that may put data; written by the carrier process
  uint64_t frames_in() const { return frames_in_.load(std::memory_order_relaxed); }
  uint64_t frames_out() const { return frames_out_.load(std::memory_order_relaxed); }
  size_t frames_pending();

 private:
  ~Connection();
  using Queued = std::unique_ptr<Outgoing>;
  struct Waiting {
    Word sender;
    StoredTerm control, payload;
  };

  // size: as transmit() returns.
  Queued encode(Word sender, Term control, Term payload, size_t& size) const;
  void answer_unsent_request(Term control);
  void enqueue(Queued signal) REQUIRES_LOCK(mutex_);
  Queued next_signal() REQUIRES_LOCK(mutex_);
  void finish_turn(Queued signal) REQUIRES_LOCK(mutex_);
  void put_last(Queued signal) REQUIRES_LOCK(mutex_);
  bool has_signals() const REQUIRES_LOCK(mutex_) { return !small_.empty() || !large_.empty(); }
  bool is_over_limit(Term sender) const REQUIRES_LOCK(mutex_);
  void write_turn() REQUIRES_LOCK(mutex_);
  void append_small(Bytes bytes) REQUIRES_LOCK(mutex_);
  void append_shared(OffHeapBinary* owner, Bytes bytes) REQUIRES_LOCK(mutex_);
  void wake_senders() REQUIRES_LOCK(mutex_);
  void tell_busy(Term sender);
  // Tells the carrier, once, that there is something to write. The lock is not held.
  void announce_output();
  bool wants_announcement() REQUIRES_LOCK(mutex_);
  // True: output is announced when the slice of the running process ends.
  bool put_off() REQUIRES_LOCK(mutex_);

  Mutex<LockRank::connection> mutex_;
  State state_ GUARDED_BY(mutex_) = State::pending;
  uint64_t flags_ = 0;
  uint32_t creation_ = 0;
  Term carrier_;
  std::vector<Waiting> waiting_ GUARDED_BY(mutex_);       // pending only
  std::unordered_set<Word> involved_ GUARDED_BY(mutex_);  // local pids
  size_t prune_at_ GUARDED_BY(mutex_) = 64;
  std::vector<Term> suspended_ GUARDED_BY(mutex_);
  std::vector<Process*> ending_ GUARDED_BY(mutex_);

  // Senders, then the queues, then what the carrier is writing.
  std::deque<Queued> small_ GUARDED_BY(mutex_);
  std::deque<Queued> large_ GUARDED_BY(mutex_);
  size_t small_turn_bytes_ GUARDED_BY(mutex_) = 0;  // of small_ since the last turn of large_
  struct Held {
    std::deque<Queued> signals;  // behind a large one of their sender, which is in one of the queues
    size_t bytes = 0;            // with that one
  };
  std::unordered_map<Word, Held> held_ GUARDED_BY(mutex_);  // by sender
  size_t queued_signal_bytes_ GUARDED_BY(mutex_) = 0;
  size_t load_bytes_ GUARDED_BY(mutex_) = 0;  // what backpressure counts of the queues, or of waiting_
  std::deque<Piece> out_ GUARDED_BY(mutex_);
  size_t out_bytes_ GUARDED_BY(mutex_) = 0;
  size_t out_consumed_ GUARDED_BY(mutex_) = 0;  // of the first piece
  Ref<OffHeapBinary> stage_ GUARDED_BY(mutex_);  // small bytes are gathered here
  size_t stage_used_ GUARDED_BY(mutex_) = 0;
  SendCache send_cache_ GUARDED_BY(mutex_);
  uint64_t next_sequence_ GUARDED_BY(mutex_) = 1;
  size_t frame_count_ GUARDED_BY(mutex_) = 0;
  bool announced_ GUARDED_BY(mutex_) = false;  // the carrier knows that there is something to write
  bool length_prefix_ GUARDED_BY(mutex_) = true;
  Term notified_ GUARDED_BY(mutex_) = Term::none();

  std::unique_ptr<Receiver> receiver_;  // used by whoever puts input in, one at a time
  std::atomic<bool> failed_{false};    // fail() was called; set once, by anybody
  std::atomic<uint64_t> frames_in_{0}, frames_out_{0};
};

// erlang:system_info(dist_buf_busy_limit), +zdbbl: bytes.
size_t busy_limit();
void set_busy_limit(size_t bytes);

}  // namespace hanse::dist
