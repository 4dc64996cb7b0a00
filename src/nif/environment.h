// What a native function sees of its call. The interface is OTP's (erl_nif.h, NIF version 2.16): a term of the library is a word of ours.
#pragma once

#include <erl_nif.h>

#include <memory>
#include <optional>
#include <vector>

#include "heap/fragment.h"
#include "process/call.h"

namespace hanse::nif {
class Library;
}

// Made for each call, or by enif_alloc_env() for terms that outlive calls.
struct enif_environment_t {
  enif_environment_t(hanse::Call& running, hanse::nif::Library* of) : arena(&running.arena()), call(&running), library(of) {}
  // Of a call on a dirty thread: meanwhile a scheduler may use the heap of the process. What is made joins it afterwards.
  enum class Dirty : uint8_t { call };
  enif_environment_t(hanse::Call& running, hanse::nif::Library* of, Dirty) : call(&running), library(of), is_dirty(true) {
    arena = &own.emplace(64);
  }
  // Of no process.
  explicit enif_environment_t(hanse::nif::Library* of) : library(of) { clear(); }

  // What it has made is gone.
  void clear() {
    own.emplace(64);
    arena = &*own;
    temporary.clear();
    raised = hanse::Term::none();
  }
  uint8_t* temporary_bytes(size_t size) { return temporary.emplace_back(std::make_unique<uint8_t[]>(size)).get(); }
  hanse::Process* process() const { return call ? &call->process : nullptr; }

  hanse::Arena* arena = nullptr;
  hanse::Call* call = nullptr;
  hanse::nif::Library* library;                       // nullptr: of no library
  const bool is_dirty = false;
  hanse::Term self = hanse::Term::none();             // of no call, but in the turn of this process
  hanse::Term raised = hanse::Term::none();           // the reason of the exception that the call ends with
  hanse::Export* scheduled = nullptr;                 // what the call goes on with
  std::vector<hanse::Term> scheduled_arguments;
  std::vector<std::unique_ptr<uint8_t[]>> temporary;  // bytes that the library may look at until the end of the call
  std::optional<hanse::FragmentArena> own;
};

namespace hanse::nif {

inline Term term(ERL_NIF_TERM word) { return Term::from_word(word); }
inline ERL_NIF_TERM word(Term value) { return value.word(); }
static_assert(sizeof(Term) == sizeof(ERL_NIF_TERM));
inline Term* terms(const ERL_NIF_TERM* words) { return reinterpret_cast<Term*>(const_cast<ERL_NIF_TERM*>(words)); }

// What stands for the term that an exception takes the place of.
inline constexpr ERL_NIF_TERM no_term = 0, no_term_yet = 8;  // yet: the call goes on elsewhere
inline ERL_NIF_TERM raise(ErlNifEnv* env, Term reason) {
  env->raised = reason;
  return no_term;
}
// none(): there was no room for it.
inline ERL_NIF_TERM made(ErlNifEnv* env, Term value) { return value.is_none() ? raise(env, am::system_limit) : word(value); }

}  // namespace hanse::nif
