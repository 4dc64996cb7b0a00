#include "dist/outgoing.h"

#include "base/per_thread.h"
#include "dist/frame_header.h"
#include "term/atom.h"
#include "term/binary_view.h"
#include "term/external_encoder.h"
#include "term/external_tags.h"

#include <algorithm>

namespace hanse::dist {

namespace {

// Numbers the atoms of one message. Atoms that share a place in the cache cannot both be numbered. One for each thread;
// entries of earlier messages are recognised by their stamp.
class AtomNumbers {
 public:
  void begin(std::vector<Term>& atoms) {
    atoms_ = &atoms;
    stamp_++;
  }
  // -1: it must be written out.
  int number_of(Term atom) {
    Entry& entry = entries_[cache_place(atom)];
    if (entry.stamp == stamp_) return entry.atom == atom ? entry.number : -1;
    if (atoms_->size() == header_max_atoms) return -1;
    entry = {stamp_, atom, static_cast<uint8_t>(atoms_->size())};
    atoms_->push_back(atom);
    return entry.number;
  }

 private:
  struct Entry {
    uint64_t stamp = 0;
    Term atom;
    uint8_t number = 0;
  };
  std::vector<Term>* atoms_ = nullptr;
  uint64_t stamp_ = 0;
  Entry entries_[atom_cache_size];
};

class SignalEncoder final : public ExternalEncoder {
 public:
  SignalEncoder(ByteBuffer& out, Outgoing& signal, AtomNumbers* numbers)
      : ExternalEncoder(out, {.minor_version = 2}), signal_(signal), numbers_(numbers) {}

  // A binary has more bytes than the format can say.
  bool too_large = false;

 private:
  // A copy is cheaper than a piece of its own below this.
  static constexpr size_t cut_limit = 4096;

  void put_atom(Term atom) override {
    int number = numbers_ ? numbers_->number_of(atom) : -1;
    if (number < 0) return ExternalEncoder::put_atom(atom);
    uint8_t* to = out_.append(2);
    to[0] = external_tag::atom_cache_ref;
    to[1] = static_cast<uint8_t>(number);
  }
  void put_large_bytes(Term binary, Bytes bytes) override {
    if (bytes.size() > UINT32_MAX) {
      too_large = true;
      return;
    }
    OffHeapBinary* owner = bytes.size() >= cut_limit ? off_heap_owner(binary) : nullptr;
    if (owner == nullptr) return out_.put(bytes.data(), bytes.size());
    signal_.cuts.push_back({out_.size(), Ref<OffHeapBinary>(owner), bytes});
    out_.count_elsewhere(bytes.size());
  }
  Outgoing& signal_;
  AtomNumbers* numbers_;
};

}  // namespace

std::unique_ptr<Outgoing> encode_signal(Word sender, Term control, Term payload, EncodingFlags flags) {
  static thread_local PerThread<AtomNumbers> atom_numbers;
  AtomNumbers& numbers = atom_numbers.get();
  auto signal = std::make_unique<Outgoing>();
  signal->sender = sender;
  numbers.begin(signal->atoms);
  ByteBuffer buffer;
  SignalEncoder encoder(buffer, *signal, flags.atom_cache ? &numbers : nullptr);
  if (!flags.atom_cache) buffer.put8(external_tag::version);
  encoder.encode(control);
  signal->control_size = buffer.position();
  if (!payload.is_none()) {
    if (!flags.atom_cache) buffer.put8(external_tag::version);
    encoder.encode(payload);
  }
  if (encoder.too_large) return nullptr;
  signal->total_size = buffer.position();
  signal->byte_count = buffer.size();
  signal->bytes = buffer.take();
  return signal->bytes ? std::move(signal) : nullptr;
}

Bytes Outgoing::next_run(size_t limit, OffHeapBinary*& owner) const {
  size_t place = 0, taken = 0;  // of all bytes, and of `bytes`
  for (const Cut& cut : cuts) {
    size_t own = cut.offset - taken;
    if (sent < place + own) {
      owner = bytes.get();
      return Bytes(bytes->data + taken + (sent - place), std::min(limit, place + own - sent));
    }
    place += own;
    taken = cut.offset;
    if (sent < place + cut.data.size()) {
      owner = cut.owner.get();
      return cut.data.subspan(sent - place, std::min(limit, place + cut.data.size() - sent));
    }
    place += cut.data.size();
  }
  owner = bytes.get();
  return Bytes(bytes->data + taken + (sent - place), std::min(limit, total_size - sent));
}

}  // namespace hanse::dist
