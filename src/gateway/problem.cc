#include "gateway/problem.h"

namespace hanse::gateway {

std::string Problem::json() const {
  std::string text = R"({"type":"urn:hanse:problem:)" + std::string(kind) + R"(","title":")" + reason_phrase(status) + R"(","status":)" +
                     std::to_string(status) + R"(,"detail":")" + detail + '"';
  for (auto& [name, value] : members) text += ",\"" + std::string(name) + "\":" + std::to_string(value);
  return text + "}\n";
}

const char* reason_phrase(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 507: return "Insufficient Storage";
    default: return "Other";
  }
}

}  // namespace hanse::gateway
