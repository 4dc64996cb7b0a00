#include "epmd/epmd_request.h"

namespace hanse::epmd {

namespace {

enum Tag : uint8_t {
  tag_alive = 'x',
  tag_alive_answer = 'y',
  tag_alive_answer_wide = 'v',
  tag_port = 'z',
  tag_port_answer = 'w',
  tag_names = 'n',
  tag_dump = 'd',
  tag_kill = 'k',
  tag_stop = 's',
};

// Reads big-endian numbers; past the end it gives zeros and remembers.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  uint8_t u8() {
    if (at_ >= bytes_.size()) return ok_ = false, uint8_t{0};
    return bytes_[at_++];
  }
  uint16_t u16() {
    uint16_t high = u8();
    return static_cast<uint16_t>(high << 8 | u8());
  }
  std::string text(size_t length) {
    if (length > bytes_.size() - at_) return ok_ = false, std::string();
    at_ += length;
    return {bytes_.begin() + static_cast<ptrdiff_t>(at_ - length), bytes_.begin() + static_cast<ptrdiff_t>(at_)};
  }
  std::string rest() { return text(bytes_.size() - at_); }
  bool ok() const { return ok_; }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

void put_u16(std::vector<uint8_t>& out, uint32_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}
void put_u32(std::vector<uint8_t>& out, uint32_t value) {
  put_u16(out, value >> 16);
  put_u16(out, value & 0xffff);
}
void put_text(std::vector<uint8_t>& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

// Characters of well-formed UTF-8, or -1.
ptrdiff_t characters(std::string_view text) {
  ptrdiff_t count = 0;
  for (size_t i = 0; i < text.size(); count++) {
    auto lead = static_cast<uint8_t>(text[i]);
    size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return -1;
    uint32_t point = length == 1 ? lead : lead & (0xffu >> (length + 1));
    for (size_t k = 1; k < length; k++) {
      auto next = static_cast<uint8_t>(text[i + k]);
      if ((next & 0xc0) != 0x80) return -1;
      point = point << 6 | (next & 0x3f);
    }
    bool shortest = length == 1 || point >= (length == 2 ? 0x80u : length == 3 ? 0x800u : 0x10000u);
    if (!shortest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return -1;
    i += length;
  }
  return count;
}

std::expected<Request, std::string> decode_registration(Reader reader) {
  Registration asked;
  asked.port = reader.u16();
  asked.type = reader.u8();
  asked.protocol = reader.u8();
  asked.highest_version = reader.u16();
  asked.lowest_version = reader.u16();
  asked.name = reader.text(reader.u16());
  asked.extra = reader.text(reader.u16());
  if (!reader.ok()) return std::unexpected("registration: a length points behind the end");
  if (asked.name.empty()) return std::unexpected("registration: the name is empty");
  if (asked.name.find('\0') != std::string::npos) return std::unexpected("registration: the name has a zero byte");
  ptrdiff_t length = characters(asked.name);
  if (length < 0) return BadName{asked.highest_version, "the name is not UTF-8"};
  if (length > static_cast<ptrdiff_t>(name_limit_characters))
    return BadName{asked.highest_version,
                   "the name has " + std::to_string(length) + " characters, at most 255 are allowed"};
  return asked;
}

// A name that fills the rest of the request; a C client may have sent its terminating zero too.
std::expected<std::string, std::string> decode_name(Reader reader, const char* request) {
  std::string name = reader.rest();
  if (!name.empty() && name.back() == '\0') name.pop_back();
  ptrdiff_t length = characters(name);
  if (length <= 0 || length > static_cast<ptrdiff_t>(name_limit_characters) || name.find('\0') != std::string::npos)
    return std::unexpected(std::string(request) + ": expected a name of 1 to 255 characters in UTF-8");
  return name;
}

}  // namespace

Framed frame_request(std::span<const uint8_t> received) {
  if (received.size() < 2) return {Framed::State::incomplete, {}, {}};
  size_t length = static_cast<size_t>(received[0]) << 8 | received[1];
  if (length == 0 || length > request_limit_bytes)
    return {Framed::State::refused, {}, "expected a length from 1 to 2048, got " + std::to_string(length)};
  if (received.size() < length + 2) return {Framed::State::incomplete, {}, {}};
  if (received.size() > length + 2) return {Framed::State::refused, {}, "bytes behind the end of the request"};
  return {Framed::State::complete, received.subspan(2), {}};
}

std::expected<Request, std::string> decode_request(std::span<const uint8_t> bytes) {
  if (bytes.empty()) return std::unexpected("an empty request");
  if (bytes.size() > request_limit_bytes)
    return std::unexpected("a request of " + std::to_string(bytes.size()) + " bytes");
  Reader reader(bytes);
  uint8_t tag = reader.u8();
  switch (tag) {
    case tag_alive: return decode_registration(reader);
    case tag_port: {
      auto name = decode_name(reader, "port query");
      if (!name) return std::unexpected(name.error());
      return PortRequest{*name};
    }
    case tag_names: return NamesRequest{};
    case tag_dump: return DumpRequest{};
    case tag_kill: return KillRequest{};
    case tag_stop: {
      auto name = decode_name(reader, "stop");
      if (!name) return std::unexpected(name.error());
      return StopRequest{*name};
    }
    default: return std::unexpected("unknown request " + std::to_string(tag));
  }
}

std::vector<uint8_t> registration_answer(RegistrationResult result, uint16_t highest_version, uint32_t creation) {
  std::vector<uint8_t> out;
  bool wide = highest_version >= 6;
  out.push_back(wide ? tag_alive_answer_wide : tag_alive_answer);
  out.push_back(static_cast<uint8_t>(result));
  if (wide)
    put_u32(out, creation);
  else
    put_u16(out, creation % 3 + 1);
  return out;
}

std::vector<uint8_t> port_answer(const Registration& found) {
  std::vector<uint8_t> out = {tag_port_answer, 0};
  put_u16(out, found.port);
  out.push_back(found.type);
  out.push_back(found.protocol);
  put_u16(out, found.highest_version);
  put_u16(out, found.lowest_version);
  put_u16(out, static_cast<uint32_t>(found.name.size()));
  put_text(out, found.name);
  put_u16(out, static_cast<uint32_t>(found.extra.size()));
  put_text(out, found.extra);
  return out;
}

std::vector<uint8_t> port_unknown_answer() { return {tag_port_answer, 1}; }

std::vector<uint8_t> text_answer(uint16_t own_port, std::string_view text) {
  std::vector<uint8_t> out;
  put_u32(out, own_port);
  put_text(out, text);
  return out;
}

std::vector<uint8_t> encode_query(char tag, std::string_view name) {
  std::vector<uint8_t> out;
  put_u16(out, static_cast<uint32_t>(name.size() + 1));
  out.push_back(static_cast<uint8_t>(tag));
  put_text(out, name);
  return out;
}

}  // namespace hanse::epmd
