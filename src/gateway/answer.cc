#include "gateway/answer.h"

#include <algorithm>
#include <ctime>

namespace hanse::gateway {

namespace {

// RFC 9110, section 5.6.7. Made once a second.
const std::string& http_date(int64_t now_s) {
  thread_local int64_t made_s = 0;
  thread_local std::string text;
  if (made_s != now_s) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = now_s;
    tm utc;
    gmtime_r(&seconds, &utc);
    char buffer[64];
    std::snprintf(buffer, sizeof(buffer), "%s, %02d %s %d %02d:%02d:%02d GMT", days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
                  utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    text = buffer;
    made_s = now_s;
  }
  return text;
}

}  // namespace

bool is_valid_field(const Field& field) {
  auto is_token = [](char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || std::string_view("!#$%&'*+-.^_`|~").contains(c); };
  auto is_visible = [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 127; };
  return !field.name.empty() && std::ranges::all_of(field.name, is_token) && std::ranges::all_of(field.value, is_visible);
}

std::string answer_bytes(const Request& request, const Authenticator& authenticator, unsigned status, std::vector<Field> fields, const std::string& body,
                         BodyKind kind, bool persistent) {
  int64_t now_s = unix_seconds();
  if (request.caller) {
    if (kind == BodyKind::whole) fields.push_back({"content-digest", content_digest(body)});
    Message asked = request.message();
    Message answer{.status = status, .fields = fields, .request = &asked};
    SignatureFields signature = authenticator.sign_answer(answer, *request.caller, now_s);
    fields.push_back({"signature-input", std::move(signature.input)});
    fields.push_back({"signature", std::move(signature.signature)});
  }
  std::string bytes;
  bytes.reserve(512 + body.size());
  bytes += "HTTP/1.1 ";
  bytes += std::to_string(status);
  bytes += ' ';
  bytes += reason_phrase(status);
  bytes += "\r\ndate: ";
  bytes += http_date(now_s);
  for (const Field& field : fields) {
    bytes += "\r\n";
    bytes += field.name;
    bytes += ": ";
    bytes += field.value;
  }
  if (kind == BodyKind::stream) {
    bytes += "\r\ncache-control: no-store\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    return bytes;
  }
  bytes += "\r\ncontent-length: ";
  bytes += std::to_string(body.size());
  if (!persistent) bytes += "\r\nconnection: close";
  bytes += "\r\n\r\n";
  if (kind == BodyKind::whole) bytes += body;
  return bytes;
}

}  // namespace hanse::gateway
