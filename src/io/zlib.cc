// zlib: compression streams. The Erlang side enqueues input and then asks for output chunk by chunk, so that no call takes
// long. A stream is a magic reference that one process controls; only that process may use it.
#include <zlib.h>

#include <algorithm>
#include <vector>

#include "bif/iolist.h"
#include "bif/tables.h"
#include "io/contiguous_bytes.h"
#include "process/call.h"
#include "process/stored_term.h"

namespace hanse {
namespace {

enum class StreamState : uint8_t { uninitialized, deflating, inflating, closed };
enum class EndBehavior : uint8_t { error, reset, cut };

struct Stream {
  explicit Stream(Term controlling) : controller(controlling) {}
  ~Stream() { end_codec(); }

  void end_codec() {
    if (state == StreamState::deflating) deflateEnd(&codec);
    if (state == StreamState::inflating) inflateEnd(&codec);
  }
  void begin(StreamState new_state, bool raw) {
    state = new_state;
    wants_checksum = raw;
    checksum = crc32(0, nullptr, 0);
    reset();
  }
  void reset() {
    end_seen = false;
    dictionary_reported = false;
    queue.clear();
    queue_start = 0;
  }
  size_t queued() const { return queue.size() - queue_start; }
  void consume(size_t bytes) {
    queue_start += bytes;
    if (queue_start == queue.size()) {
      queue.clear();
      queue_start = 0;
    }
  }

  Term controller;  // local pid
  StreamState state = StreamState::uninitialized;
  EndBehavior end_behavior = EndBehavior::cut;
  bool end_seen = false;            // the last byte of a compressed stream has been written or read
  bool dictionary_reported = false; // the guest knows that a dictionary is missing
  bool wants_checksum = false;      // raw streams carry none: zlib:crc32/1 has it
  uLong checksum = 0;
  size_t buffer_size = 4000;        // for inflateChunk/1
  std::vector<uint8_t> queue;
  size_t queue_start = 0;
  StoredTerm stash;
  z_stream codec = {};
};
using MagicStream = Magic<Stream>;

Stream* stream_argument(Call& call) {
  if (!call.args[0].is_boxed_kind(Boxed::magic_reference)) return nullptr;
  return MagicStream::get(call.args[0].as<MagicReference>()->off_heap.value);
}

// The stream in the first argument if the caller controls it, or an early return.
#define STREAM_OR_RETURN(name)               \
  Stream* name = stream_argument(call);      \
  if (name == nullptr) return raise_badarg(call); \
  if (name->controller != call.process.self) return raise_error(call, am::not_on_controlling_process)
#define STREAM_IN_STATE_OR_RETURN(name, wanted) \
  STREAM_OR_RETURN(name);                       \
  if (name->state != (wanted)) return raise_error(call, am::not_initialized)

Result codec_error(Call& call, int code) {
  switch (code) {
    case Z_STREAM_ERROR: return raise_error(call, am::stream_error);
    case Z_DATA_ERROR: return raise_error(call, am::data_error);
    case Z_MEM_ERROR: return raise_error(call, am::mem_error);
    case Z_BUF_ERROR: return raise_error(call, am::buf_error);
    case Z_VERSION_ERROR: return raise_error(call, am::version_error);
    default: return raise_error(call, am::unknown_error);
  }
}
Result ok_or_error(Call& call, int code) {
  if (code == Z_OK) return am::ok;
  return codec_error(call, code);
}

bool int_argument(Term term, int& out) {
  if (!term.is_small() || term.as_small() < INT32_MIN || term.as_small() > INT32_MAX) return false;
  out = static_cast<int>(term.as_small());
  return true;
}
bool size_argument(Term term, size_t& out) {
  if (!term.is_small() || term.as_small() < 0) return false;
  out = static_cast<size_t>(term.as_small());
  return true;
}

// --- making, controlling, closing ---
Result zlib_open_nif_0(Call& call) { return make_magic_reference(call.arena(), MagicStream::create(call.process.self)); }

Result zlib_close_nif_1(Call& call) {
  STREAM_OR_RETURN(stream);
  if (stream->state == StreamState::closed) return raise_error(call, am::not_initialized);
  stream->end_codec();
  stream->state = StreamState::closed;
  stream->reset();
  return am::ok;
}

Result zlib_set_controller_nif_2(Call& call) {
  Stream* stream = stream_argument(call);
  if (stream == nullptr || !call.args[1].is_local_pid()) return raise_badarg(call);
  if (stream->controller != call.process.self) return raise_error(call, am::not_on_controlling_process);
  stream->controller = call.args[1];
  return am::ok;
}

// --- input ---
Result zlib_enqueue_nif_2(Call& call) {
  STREAM_OR_RETURN(stream);
  if (stream->state != StreamState::deflating && stream->state != StreamState::inflating)
    return raise_error(call, am::not_initialized);
  Term list = call.args[1];
  for (; list.is_cons(); list = list.as_cons()->tail)
    if (!list.as_cons()->head.is_binary()) return raise_badarg(call);
  if (!list.is_nil()) return raise_badarg(call);
  size_t before = stream->queue.size();
  for (list = call.args[1]; list.is_cons(); list = list.as_cons()->tail) {
    ContiguousBytes bytes(list.as_cons()->head);
    stream->queue.insert(stream->queue.end(), bytes.bytes().begin(), bytes.bytes().end());
  }
  call.charge((stream->queue.size() - before) / 1024);
  return am::ok;
}

// --- output ---
// One step of either codec: input of at most `input_limit` bytes, output of at most `output_limit`.
struct Step {
  int code;
  Term output;  // list of at most one binary
  bool output_full;
};
Step run_step(Call& call, Stream& stream, size_t input_limit, size_t output_limit, int flush, int (*codec)(z_streamp, int)) {
  z_stream& z = stream.codec;
  uint8_t* input = stream.queue.data() + stream.queue_start;
  size_t available = std::min({stream.queued(), input_limit, size_t{1} << 30});
  bool is_last = available == stream.queued();
  std::vector<uint8_t> output(std::min(output_limit, size_t{1} << 30));
  z.next_in = input;
  z.avail_in = static_cast<uInt>(available);
  z.next_out = output.data();
  z.avail_out = static_cast<uInt>(output.size());
  int code = codec(&z, is_last ? flush : Z_NO_FLUSH);
  size_t used = available - z.avail_in, made = output.size() - z.avail_out;
  if (stream.wants_checksum) {
    bool deflating = stream.state == StreamState::deflating;
    stream.checksum = deflating ? crc32(stream.checksum, input, static_cast<uInt>(used))
                                : crc32(stream.checksum, output.data(), static_cast<uInt>(made));
  }
  stream.consume(used);
  call.charge((used + made) / 256);
  Term list = Term::nil();
  if (made > 0) list = make_cons(call.arena(), make_binary(call.arena(), Bytes(output.data(), made)), list);
  // Neither input nor room was missing for real: there was nothing to do.
  if (code == Z_BUF_ERROR) code = Z_OK;
  return {code, list, z.avail_out == 0};
}

Result progress(Call& call, Term mark, Term output) { return make_tuple(call.arena(), mark, output); }

Result zlib_deflate_nif_4(Call& call) {
  STREAM_IN_STATE_OR_RETURN(stream, StreamState::deflating);
  size_t input_limit, output_limit;
  int flush;
  if (!size_argument(call.args[1], input_limit) || !size_argument(call.args[2], output_limit) ||
      !int_argument(call.args[3], flush))
    return raise_badarg(call);
  if (stream->end_seen && stream->queued() > 0) return raise_error(call, am::stream_error);
  Step step = run_step(call, *stream, input_limit, output_limit, flush, deflate);
  if (step.code == Z_STREAM_END) {
    stream->end_seen = true;
    return progress(call, am::finished, step.output);
  }
  if (step.code != Z_OK) return codec_error(call, step.code);
  bool more = step.output_full || stream->queued() > 0;
  return progress(call, more ? am::continue_ : am::finished, step.output);
}

// What happens to input behind the end of a stream. False: an error.
bool continue_after_end(Stream& stream) {
  switch (stream.end_behavior) {
    case EndBehavior::error: return false;
    case EndBehavior::cut: stream.consume(stream.queued()); return true;
    case EndBehavior::reset:
      stream.end_seen = false;
      return inflateReset(&stream.codec) == Z_OK;
  }
  return false;
}

Result zlib_inflate_nif_4(Call& call) {
  STREAM_IN_STATE_OR_RETURN(stream, StreamState::inflating);
  size_t input_limit, output_limit;
  int flush;
  if (!size_argument(call.args[1], input_limit) || !size_argument(call.args[2], output_limit) ||
      !int_argument(call.args[3], flush))
    return raise_badarg(call);
  if (stream->end_seen && stream->queued() > 0 && !continue_after_end(*stream)) return raise_error(call, am::data_error);
  if (stream->end_seen) return progress(call, am::finished, Term::nil());
  Step step = run_step(call, *stream, input_limit, output_limit, flush, inflate);
  switch (step.code) {
    case Z_NEED_DICT: {
      if (std::exchange(stream->dictionary_reported, true)) return raise_error(call, am::data_error);
      Term checksum = make_unsigned(call.arena(), stream->codec.adler);
      return make_tuple(call.arena(), am::need_dictionary, checksum, step.output);
    }
    case Z_STREAM_END:
      stream->end_seen = true;
      [[fallthrough]];
    case Z_OK: {
      bool more = step.output_full || stream->queued() > 0;  // a full chunk may have been the last: the next call says so
      return progress(call, more ? am::continue_ : am::finished, step.output);
    }
    default: return codec_error(call, step.code);
  }
}

// --- deflate ---
Result zlib_deflateInit_nif_6(Call& call) {
  int level, method, window_bits, memory_level, strategy;
  if (!int_argument(call.args[1], level) || !int_argument(call.args[2], method) || !int_argument(call.args[3], window_bits) ||
      !int_argument(call.args[4], memory_level) || !int_argument(call.args[5], strategy))
    return raise_badarg(call);
  STREAM_OR_RETURN(stream);
  if (stream->state != StreamState::uninitialized) return raise_error(call, am::already_initialized);
  stream->codec = {};
  int code = deflateInit2(&stream->codec, level, method, window_bits, memory_level, strategy);
  if (code == Z_OK) stream->begin(StreamState::deflating, window_bits < 0);
  return ok_or_error(call, code);
}

Result zlib_deflateSetDictionary_nif_2(Call& call) {
  STREAM_IN_STATE_OR_RETURN(stream, StreamState::deflating);
  IodataBytes dictionary(call.args[1]);
  if (!dictionary.is_valid()) return raise_badarg(call);
  int code = deflateSetDictionary(&stream->codec, dictionary.data(), static_cast<uInt>(dictionary.size()));
  if (code != Z_OK) return codec_error(call, code);
  return make_unsigned(call.arena(), stream->codec.adler);
}

Result zlib_deflateReset_nif_1(Call& call) {
  STREAM_IN_STATE_OR_RETURN(stream, StreamState::deflating);
  stream->begin(StreamState::deflating, stream->wants_checksum);
  return ok_or_error(call, deflateReset(&stream->codec));
}

// Nothing is pending: the Erlang side has flushed.
Result zlib_deflateParams_nif_3(Call& call) {
  STREAM_IN_STATE_OR_RETURN(stream, StreamState::deflating);
  int level, strategy;
  if (!int_argument(call.args[1], level) || !int_argument(call.args[2], strategy)) return raise_badarg(call);
  // The codec may write the rest of a block that it ends here; there is none after a flush.
  uint8_t rest[64];
  stream->codec.next_in = nullptr;
  stream->codec.avail_in = 0;
  stream->codec.next_out = rest;
  stream->codec.avail_out = sizeof(rest);
  int code = deflateParams(&stream->codec, level, strategy);
  return ok_or_error(call, code == Z_BUF_ERROR ? Z_OK : code);
}

Result zlib_deflateEnd_nif_1(Call& call) {
  STREAM_IN_STATE_OR_RETURN(stream, StreamState::deflating);
  bool unread = stream->queued() > 0;
  int code = deflateEnd(&stream->codec);
  stream->state = StreamState::uninitialized;
  stream->reset();
  return ok_or_error(call, code == Z_OK && unread ? Z_DATA_ERROR : code);
}

// --- inflate ---
Result zlib_inflateInit_nif_3(Call& call) {
  int window_bits, behavior;
  if (!int_argument(call.args[1], window_bits) || !int_argument(call.args[2], behavior) || behavior < 0 || behavior > 2)
    return raise_badarg(call);
  STREAM_OR_RETURN(stream);
  if (stream->state != StreamState::uninitialized) return raise_error(call, am::already_initialized);
  stream->codec = {};
  int code = inflateInit2(&stream->codec, window_bits);
  if (code == Z_OK) {
    stream->begin(StreamState::inflating, window_bits < 0);
    stream->end_behavior = static_cast<EndBehavior>(behavior);
  }
  return ok_or_error(call, code);
}

Result zlib_inflateSetDictionary_nif_2(Call& call) {
  STREAM_IN_STATE_OR_RETURN(stream, StreamState::inflating);
  IodataBytes dictionary(call.args[1]);
  if (!dictionary.is_valid()) return raise_badarg(call);
  int code = inflateSetDictionary(&stream->codec, dictionary.data(), static_cast<uInt>(dictionary.size()));
  if (code == Z_OK) stream->dictionary_reported = false;
  return ok_or_error(call, code);
}

Result zlib_inflateGetDictionary_nif_1(Call& call) {
  STREAM_IN_STATE_OR_RETURN(stream, StreamState::inflating);
  uint8_t dictionary[32768];
  uInt size = 0;
  int code = inflateGetDictionary(&stream->codec, dictionary, &size);
  if (code != Z_OK) return codec_error(call, code);
  return make_binary(call.arena(), Bytes(dictionary, size));
}

Result zlib_inflateReset_nif_1(Call& call) {
  STREAM_IN_STATE_OR_RETURN(stream, StreamState::inflating);
  stream->begin(StreamState::inflating, stream->wants_checksum);
  return ok_or_error(call, inflateReset(&stream->codec));
}

// An error if the compressed data did not end, or more than that was given.
Result zlib_inflateEnd_nif_1(Call& call) {
  STREAM_IN_STATE_OR_RETURN(stream, StreamState::inflating);
  bool complete = stream->end_seen && stream->queued() == 0;
  int code = inflateEnd(&stream->codec);
  stream->state = StreamState::uninitialized;
  stream->reset();
  return ok_or_error(call, code == Z_OK && !complete ? Z_DATA_ERROR : code);
}

// --- the rest ---
Result zlib_crc32_nif_1(Call& call) {
  STREAM_OR_RETURN(stream);
  if (stream->state != StreamState::deflating && stream->state != StreamState::inflating)
    return raise_error(call, am::not_initialized);
  return make_unsigned(call.arena(), stream->checksum);
}

Result zlib_getBufSize_nif_1(Call& call) {
  STREAM_OR_RETURN(stream);
  return make_unsigned(call.arena(), stream->buffer_size);
}

Result zlib_setBufSize_nif_2(Call& call) {
  size_t size;
  if (!size_argument(call.args[1], size)) return raise_badarg(call);
  STREAM_OR_RETURN(stream);
  stream->buffer_size = size;
  return am::ok;
}

// Output that the Erlang side keeps until the next call.
Result zlib_getStash_nif_1(Call& call) {
  STREAM_OR_RETURN(stream);
  if (stream->stash.is_none()) return am::empty_;
  return make_tuple(call.arena(), am::ok, stream->stash.read(call.arena()));
}
Result zlib_setStash_nif_2(Call& call) {
  STREAM_OR_RETURN(stream);
  if (!stream->stash.is_none()) return raise_badarg(call);
  stream->stash = StoredTerm(call.args[1]);
  return am::ok;
}
Result zlib_clearStash_nif_1(Call& call) {
  STREAM_OR_RETURN(stream);
  stream->stash = StoredTerm();
  return am::ok;
}

constexpr BifKind plain = BifKind::plain;
constexpr Authority own = Authority::own_process;
constexpr BifRow rows[] = {
    {"zlib", "clearStash_nif", 1, zlib_clearStash_nif_1, plain, own},
    {"zlib", "close_nif", 1, zlib_close_nif_1, plain, own},
    {"zlib", "crc32_nif", 1, zlib_crc32_nif_1, plain, own},
    {"zlib", "deflateEnd_nif", 1, zlib_deflateEnd_nif_1, plain, own},
    {"zlib", "deflateInit_nif", 6, zlib_deflateInit_nif_6, plain, own},
    {"zlib", "deflateParams_nif", 3, zlib_deflateParams_nif_3, plain, own},
    {"zlib", "deflateReset_nif", 1, zlib_deflateReset_nif_1, plain, own},
    {"zlib", "deflateSetDictionary_nif", 2, zlib_deflateSetDictionary_nif_2, plain, own},
    {"zlib", "deflate_nif", 4, zlib_deflate_nif_4, plain, own},
    {"zlib", "enqueue_nif", 2, zlib_enqueue_nif_2, plain, own},
    {"zlib", "getBufSize_nif", 1, zlib_getBufSize_nif_1, plain, own},
    {"zlib", "getStash_nif", 1, zlib_getStash_nif_1, plain, own},
    {"zlib", "inflateEnd_nif", 1, zlib_inflateEnd_nif_1, plain, own},
    {"zlib", "inflateGetDictionary_nif", 1, zlib_inflateGetDictionary_nif_1, plain, own},
    {"zlib", "inflateInit_nif", 3, zlib_inflateInit_nif_3, plain, own},
    {"zlib", "inflateReset_nif", 1, zlib_inflateReset_nif_1, plain, own},
    {"zlib", "inflateSetDictionary_nif", 2, zlib_inflateSetDictionary_nif_2, plain, own},
    {"zlib", "inflate_nif", 4, zlib_inflate_nif_4, plain, own},
    {"zlib", "open_nif", 0, zlib_open_nif_0, plain, own},
    {"zlib", "setBufSize_nif", 2, zlib_setBufSize_nif_2, plain, own},
    {"zlib", "setStash_nif", 2, zlib_setStash_nif_2, plain, own},
    {"zlib", "set_controller_nif", 2, zlib_set_controller_nif_2, plain, own},
};

}  // namespace
const BifTable zlib_bifs = rows;

}  // namespace hanse
