// What decoding external terms needs, from a code realm. Lives on the stack for one decoding.
#pragma once

#include "code/realm.h"
#include "term/atom.h"
#include "term/external.h"

namespace hanse {

class RealmDecodeEnvironment : public DecodeEnvironment {
 public:
  // safe: as binary_to_term(Binary, [safe]): neither atoms nor references to functions come into being.
  enum class Mode : uint8_t { trusting, safe };
  explicit RealmDecodeEnvironment(Realm& realm, Mode mode = Mode::trusting) : realm_(realm), mode_(mode) {}

  Export* export_for(Term module, Term function, uint32_t arity) override {
    return mode_ == Mode::safe ? realm_.find_export(module, function, arity) : realm_.export_for(module, function, arity);
  }
  FunEntry* fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                      uint32_t free_count) override {
    return realm_.fun_entry(module, index, old_unique, md5, arity, free_count);
  }
  // A stranger's guess of a number must not lead to an object of the node.
  bool revives_objects() override { return mode_ == Mode::trusting; }
  Term atom(std::string_view utf8) override {
    return mode_ == Mode::safe ? existing_atom(utf8).value_or(Term::none()) : make_atom(utf8);
  }

 private:
  Realm& realm_;
  Mode mode_;
};

}  // namespace hanse
