// Input of one connection: frames become signals to local processes. Everything here comes from a stranger. One user at a
// time: whoever puts frames in.
#pragma once

#include <unordered_map>

#include "dist/encoded_term.h"
#include "dist/frame_header.h"

namespace hanse::dist {

class Receiver {
 public:
  explicit Receiver(Connection& connection) : connection_(connection) {}
  // False: the peer broke the protocol; that has been logged.
  bool frame(Bytes frame);

 private:
  // A signal of which not all fragments are here.
  struct Partial {
    std::vector<Term> atoms;
    Ref<OffHeapBinary> storage;
    uint64_t fragments_left;
  };
  bool refuse(const char* expected) {
    connection_.fail(expected);
    return false;
  }
  bool plain_frame(Bytes frame);
  bool first_fragment(const FrameStart& start, Bytes rest);
  bool later_fragment(const FrameStart& start, Bytes rest);
  bool append(Partial& partial, Bytes bytes);
  void trim(Partial& partial);
  // Control tuple and payload. storage: of `bytes`, if they may be kept.
  bool signal(std::span<const Term> atoms, Bytes bytes, OffHeapBinary* storage);

  Connection& connection_;
  ReceiveCache cache_;
  std::unordered_map<uint64_t, Partial> partials_;
  size_t partial_bytes_ = 0;
};

}  // namespace hanse::dist
