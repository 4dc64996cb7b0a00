// The port mapper's side of several conversations: requests that arrive in pieces, what they say, the names they leave. Input: pieces, each
// after a byte with the number of its client (the upper half: 15 and it leaves) and a byte of length.
#include <array>
#include <cstdlib>

#include "base/check.h"
#include "base/fuzz_target.h"
#include "epmd/epmd_request.h"
#include "epmd/name_table.h"

namespace hanse::epmd {

namespace {

struct Client {
  std::vector<uint8_t> received;
  bool registered = false;
};

struct World {
  NameTable names{1};
  std::array<Client, 8> clients;

  void leave(int number) {
    Client& client = clients[static_cast<size_t>(number)];
    CHECK(names.remove_owner(number) == client.registered);
    client = {};
  }

  void serve(int number, const Request& request) {
    Client& client = clients[static_cast<size_t>(number)];
    if (auto* asked = std::get_if<Registration>(&request)) {
      CHECK(!asked->name.empty() && asked->name.size() <= 4 * name_limit_characters);
      CHECK(port_answer(*asked).size() == 14 + asked->name.size() + asked->extra.size());
      bool taken = names.find(asked->name) != nullptr;
      auto creation = names.add(*asked, number);
      CHECK(creation.has_value() == !taken);
      registration_answer(RegistrationResult::registered, asked->highest_version, creation.value_or(99));
      client.registered = creation.has_value();
      if (client.registered) return;
    } else if (auto* wanted = std::get_if<PortRequest>(&request)) {
      if (const NameEntry* found = names.find(wanted->name)) CHECK(found->registration.name == wanted->name);
    } else if (auto* bad = std::get_if<BadName>(&request)) {
      CHECK(!bad->reason.empty());
    } else if (auto* stop = std::get_if<StopRequest>(&request)) {
      if (const NameEntry* found = names.find(stop->name)) leave(found->owner);
    } else {
      text_answer(default_port, names.names_text());
      text_answer(default_port, names.dump_text());
    }
    leave(number);  // the answer is the end of the conversation
  }

  void receive(int number, std::span<const uint8_t> piece) {
    Client& client = clients[static_cast<size_t>(number)];
    if (client.registered) return leave(number);
    client.received.insert(client.received.end(), piece.begin(), piece.end());
    Framed framed = frame_request(client.received);
    if (framed.state == Framed::State::incomplete) return;
    if (framed.state == Framed::State::refused) return leave(number);
    auto request = decode_request(framed.request);
    client.received.clear();
    if (!request) return leave(number);
    serve(number, *request);
  }
};

}  // namespace

FUZZ_TARGET(epmd_request) {
  World world;
  for (size_t at = 0; at + 2 <= size;) {
    int number = data[at] % 8;
    bool leaves = data[at] >> 4 == 15;
    size_t length = std::min<size_t>(data[at + 1], size - at - 2);
    at += 2;
    if (leaves) world.leave(number);
    else world.receive(number, {data + at, length});
    at += length;
  }
  for (int number = 0; number < 8; number++) world.leave(number);
  CHECK(world.names.size() == 0);
  return 0;
}

}  // namespace hanse::epmd
