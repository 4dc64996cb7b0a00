// Requests and answers of the port mapper's protocol, version 6 (Erlang's documentation, "Distribution Protocol",
// section "EPMD Protocol"). Pure functions over bytes; a request comes from anybody and is not trusted.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hanse::epmd {

constexpr uint16_t default_port = 4369;
// A request, without its two bytes of length, has at most this many bytes.
constexpr size_t request_limit_bytes = 2048;
// An atom has at most 255 characters, and so has what stands before the @ in a node's name.
constexpr size_t name_limit_characters = 255;

// What a node tells about itself when it registers.
struct Registration {
  std::string name;  // before the @, UTF-8
  uint16_t port = 0;
  uint8_t type = 0;  // 77 visible, 72 hidden; others are kept as they come
  uint8_t protocol = 0;
  uint16_t highest_version = 0;
  uint16_t lowest_version = 0;
  std::string extra;
};

struct PortRequest {
  std::string name;
};
struct NamesRequest {};
struct DumpRequest {};
struct KillRequest {};
struct StopRequest {
  std::string name;
};
// Well formed, but the name is not one a node can have: refused with an answer.
struct BadName {
  uint16_t highest_version = 0;
  std::string reason;
};
using Request = std::variant<Registration, BadName, PortRequest, NamesRequest, DumpRequest, KillRequest, StopRequest>;

// What a client has sent so far: a request needs all of it, or more, or it can be none.
struct Framed {
  enum class State : uint8_t { incomplete, complete, refused } state;
  std::span<const uint8_t> request;  // complete: without its two bytes of length
  std::string problem;               // refused: what is wrong
};
Framed frame_request(std::span<const uint8_t> received);

// The request behind the two bytes of length. The error says what is wrong with it; such a client gets no answer.
std::expected<Request, std::string> decode_request(std::span<const uint8_t> bytes);

enum class RegistrationResult : uint8_t { registered = 0, refused = 1 };

// Clients of version 6 get a creation of 32 bits, older ones one of 1 to 3.
std::vector<uint8_t> registration_answer(RegistrationResult result, uint16_t highest_version, uint32_t creation);
std::vector<uint8_t> port_answer(const Registration& found);
std::vector<uint8_t> port_unknown_answer();
// Names and dumps: the mapper's own port, then text.
std::vector<uint8_t> text_answer(uint16_t own_port, std::string_view text);

// One request as it goes over the wire, with its length.
std::vector<uint8_t> encode_query(char tag, std::string_view name = {});

}  // namespace hanse::epmd
