// Vectors and queues of binaries, and ports.
#include <cstdlib>
#include <cstring>
#include <deque>

#include "nif/environment.h"
#include "process/ports_interface.h"

using namespace hanse;
using namespace hanse::nif;

namespace {

struct QueuedBytes {
  Ref<OffHeapBinary> owner;
  uint8_t* data;
  size_t size;
};

// Bytes of their own; nullptr: there is no memory.
OffHeapBinary* copied(const void* bytes, size_t size) {
  OffHeapBinary* copy = OffHeapBinary::create(size);
  if (copy != nullptr && size > 0) std::memcpy(copy->data, bytes, size);
  return copy;
}

// Of ErlNifIOVec::flags.
constexpr int holds_binaries = 1, has_own_arrays = 2, is_own = 4;

}  // namespace

struct erts_io_queue {
  std::deque<QueuedBytes> pieces;
  size_t size = 0;
  std::vector<SysIOVec> view;

  bool add(OffHeapBinary* owner, void* data, size_t length) {
    Ref<OffHeapBinary> kept = owner != nullptr ? Ref<OffHeapBinary>(owner) : Ref<OffHeapBinary>::adopt(copied(data, length));
    if (kept.get() == nullptr) return false;
    if (owner == nullptr) data = kept->data;
    if (length > 0) pieces.push_back({kept, static_cast<uint8_t*>(data), length});
    size += length;
    return true;
  }
};

extern "C" {

// --- queues ---

ErlNifIOQueue* enif_ioq_create(ErlNifIOQueueOpts options) { return options == ERL_NIF_IOQ_NORMAL ? new erts_io_queue : nullptr; }
void enif_ioq_destroy(ErlNifIOQueue* queue) { delete queue; }
size_t enif_ioq_size(ErlNifIOQueue* queue) { return queue->size; }

// The binary becomes the queue's, but for its first `skip` bytes.
int enif_ioq_enq_binary(ErlNifIOQueue* queue, ErlNifBinary* binary, size_t skip) {
  if (skip > binary->size) return 0;
  bool added = queue->add(static_cast<OffHeapBinary*>(binary->ref_bin), binary->data + skip, binary->size - skip);
  enif_release_binary(binary);
  return added;
}

int enif_ioq_enqv(ErlNifIOQueue* queue, ErlNifIOVec* vector, size_t skip) {
  if (skip > vector->size) return 0;
  for (int i = 0; i < vector->iovcnt; i++) {
    const SysIOVec& piece = vector->iov[i];
    size_t skipped = std::min(skip, piece.iov_len);
    skip -= skipped;
    auto* owner = static_cast<OffHeapBinary*>(vector->ref_bins[i]);
    if (skipped < piece.iov_len && !queue->add(owner, piece.iov_base + skipped, piece.iov_len - skipped)) return 0;
  }
  return 1;
}

int enif_ioq_deq(ErlNifIOQueue* queue, size_t count, size_t* size) {
  if (count > queue->size) return 0;
  queue->size -= count;
  while (count > 0) {
    QueuedBytes& first = queue->pieces.front();
    size_t taken = std::min(count, first.size);
    first.data += taken;
    first.size -= taken;
    count -= taken;
    if (first.size == 0) queue->pieces.pop_front();
  }
  if (size != nullptr) *size = queue->size;
  return 1;
}

// Valid until the queue changes.
SysIOVec* enif_ioq_peek(ErlNifIOQueue* queue, int* count) {
  queue->view.clear();
  for (const QueuedBytes& piece : queue->pieces) queue->view.push_back({reinterpret_cast<char*>(piece.data), piece.size});
  *count = static_cast<int>(queue->view.size());
  return queue->view.empty() ? nullptr : queue->view.data();
}

int enif_ioq_peek_head(ErlNifEnv* env, ErlNifIOQueue* queue, size_t* size, ERL_NIF_TERM* head) {
  if (queue->pieces.empty()) return 0;
  const QueuedBytes& first = queue->pieces.front();
  if (size != nullptr) *size = first.size;
  *head = made(env, make_binary(*env->arena, std::span<const uint8_t>(first.data, first.size)));
  return 1;
}

// --- vectors ---

// At most max_length binaries of the list. Without an environment the vector keeps them until enif_free_iovec().
int enif_inspect_iovec(ErlNifEnv* env, size_t max_length, ERL_NIF_TERM list, ERL_NIF_TERM* tail, ErlNifIOVec** to) {
  std::vector<SysIOVec> pieces;
  std::vector<OffHeapBinary*> owners;
  auto give_back = [&] {
    for (OffHeapBinary* owner : owners)
      if (owner != nullptr && env == nullptr) owner->release();
  };
  size_t size = 0;
  Term at = term(list);
  for (; at.is_cons() && pieces.size() < max_length; at = at.as_cons()->tail) {
    Term head = at.as_cons()->head;
    if (!head.is_bitstring() || !bit_view(head).is_whole_bytes()) return give_back(), 0;
    BitView view = bit_view(head);
    OffHeapBinary* owner = view.is_aligned() ? off_heap_owner(head) : nullptr;
    ErlNifBinary bytes;
    enif_environment_t scratch(nullptr);
    if (!enif_inspect_binary(env ? env : &scratch, word(head), &bytes)) return give_back(), 0;
    uint8_t* data = bytes.data;
    if (env == nullptr) {
      if (owner != nullptr) owner->retain();
      else if ((owner = copied(bytes.data, bytes.size)) == nullptr) return give_back(), 0;
      else data = owner->data;
    }
    pieces.push_back({reinterpret_cast<char*>(data), bytes.size});
    owners.push_back(owner);
    size += bytes.size;
  }
  if (!at.is_list()) return give_back(), 0;
  auto room = [env](size_t bytes) -> void* { return env ? env->temporary_bytes(bytes) : std::malloc(bytes); };
  int flags = env == nullptr ? holds_binaries : 0;
  ErlNifIOVec* vector = *to;
  if (vector == nullptr) {
    vector = static_cast<ErlNifIOVec*>(room(sizeof(ErlNifIOVec)));
    flags |= env == nullptr ? is_own : 0;
  }
  vector->iov = vector->small_iov;
  vector->ref_bins = vector->small_ref_bin;
  if (pieces.size() > ERL_NIF_IOVEC_SIZE) {
    vector->iov = static_cast<SysIOVec*>(room(pieces.size() * sizeof(SysIOVec)));
    vector->ref_bins = static_cast<void**>(room(pieces.size() * sizeof(void*)));
    flags |= env == nullptr ? has_own_arrays : 0;
  }
  std::copy(pieces.begin(), pieces.end(), vector->iov);
  std::copy(owners.begin(), owners.end(), vector->ref_bins);
  vector->iovcnt = static_cast<int>(pieces.size());
  vector->size = size;
  vector->flags = flags;
  *to = vector;
  *tail = word(at);
  return 1;
}

void enif_free_iovec(ErlNifIOVec* vector) {
  for (int i = 0; (vector->flags & holds_binaries) != 0 && i < vector->iovcnt; i++) static_cast<OffHeapBinary*>(vector->ref_bins[i])->release();
  if ((vector->flags & has_own_arrays) != 0) {
    std::free(vector->iov);
    std::free(vector->ref_bins);
  }
  if ((vector->flags & is_own) != 0) std::free(vector);
}

// --- ports ---

int enif_is_port_alive(ErlNifEnv*, ErlNifPort* port) { return port_signals() && port_signals()->is_alive(term(port->port_id)); }

// The data is copied. 0: there is no such port, or no iodata.
int enif_port_command(ErlNifEnv* env, const ErlNifPort* port, ErlNifEnv* message_env, ERL_NIF_TERM data) {
  Term from = env != nullptr && env->call != nullptr ? env->process()->self : term(port->port_id);
  bool is_sent = port_signals() && port_signals()->output(from, term(port->port_id), term(data));
  if (message_env != nullptr) message_env->clear();
  return is_sent;
}

}  // extern "C"
