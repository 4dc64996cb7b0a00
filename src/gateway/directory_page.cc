#include "gateway/directory_page.h"

#include <algorithm>

namespace hanse::gateway {

namespace {

constexpr size_t nodes_of_page = 1000;

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Hanse: who is there</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #ddd }
code { font-size: .9em; overflow-wrap: anywhere }
small { color: #666 }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } small { color: #999 } th, td { border-color: #444 } }
</style>
<h1>Who is there</h1>
)";

std::string age(int64_t seconds) {
  auto unit = [](int64_t count, const char* name) { return std::to_string(count) + ' ' + name + (count == 1 ? "" : "s"); };
  if (seconds < 120) return unit(std::max<int64_t>(seconds, 0), "second");
  if (seconds < 7200) return unit(seconds / 60, "minute");
  if (seconds < 172800) return unit(seconds / 3600, "hour");
  return unit(seconds / 86400, "day");
}

std::string row(const Node& node, int64_t now_s) {
  const Registration& registration = node.registration;
  std::string text = "<tr><td><strong>" + escape_html(registration.name) + "</strong>";
  if (!registration.note.empty()) text += "<br>" + escape_html(registration.note);
  text += "<td>";
  for (const std::string& function : registration.functions) text += "<code>" + escape_html(function) + "</code><br>";
  text += "<td>";
  text += registration.url.empty() ? "through the relay" : "<code>" + escape_html(registration.url) + "</code>";
  text += "<br><small>key <code>" + escape_html(node.thumbprint) + "</code></small><td>" + age(now_s - node.since_s) + "\n";
  return text;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string directory_page(const Directory& directory, std::string_view wanted_function, int64_t now_s) {
  std::string rows;
  size_t shown = 0;
  directory.each("", [&](const Node& node) {
    if (!wanted_function.empty() && !node.offers(wanted_function)) return true;
    rows += row(node, now_s);
    return ++shown < nodes_of_page;
  });
  std::string page(head);
  page += "<form><label>Who offers <input name=\"offers\" placeholder=\"module:function/arity\" value=\"" + escape_html(wanted_function) +
          "\"></label> <button>Look</button></form>\n";
  if (shown == 0) return page + "<p>Nobody.\n</html>\n";
  page += "<p>" + std::string(shown == nodes_of_page ? "The first " : "") + std::to_string(shown) + (shown == 1 ? " node" : " nodes") + ". A name belongs to the key that first took it; compare keys with what the owner told you.\n";
  return page + "<table>\n<tr><th>Node<th>Functions<th>Where<th>For\n" + rows + "</table>\n</html>\n";
}

std::vector<Field> page_fields() {
  return {{"content-type", "text/html; charset=utf-8"},
          {"content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
          {"x-content-type-options", "nosniff"},
          {"referrer-policy", "no-referrer"},
          {"cache-control", "no-store"}};
}

}  // namespace hanse::gateway
