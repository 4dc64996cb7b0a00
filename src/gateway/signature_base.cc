#include "gateway/signature_base.h"

#include <algorithm>

#include "gateway/crypto.h"
#include "gateway/percent.h"

namespace hanse::gateway {

namespace {

using Value = std::expected<std::string, std::string>;

std::unexpected<std::string> missing(const Item& component) { return std::unexpected("the message has no " + serialize(component)); }

std::string_view trim(std::string_view text) {
  size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Section 2.2.8: names and values are compared decoded, and encoded again.
Value query_parameter(const Message& message, const Item& component) {
  const BareItem* name = find_parameter(component.parameters, "name");
  if (name == nullptr || name->kind != BareItem::Kind::string) return std::unexpected(std::string("\"@query-param\" needs a name"));
  std::string_view query = query_of(message.target);
  if (query.empty()) return missing(component);
  query.remove_prefix(1);
  std::optional<std::string> found;
  while (!query.empty()) {
    std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    std::string_view key = pair.substr(0, pair.find('='));
    auto decoded = form_decode(key);
    if (!decoded || form_encode(*decoded) != name->text) continue;
    if (found) return std::unexpected("the query has " + serialize(component) + " twice");
    auto value = form_decode(pair.size() > key.size() ? pair.substr(key.size() + 1) : std::string_view{});
    if (!value) return missing(component);
    found = form_encode(*value);
  }
  if (!found) return missing(component);
  return *found;
}

Value derived(const Message& message, const Item& component) {
  std::string_view name = component.value.text;
  if (name == "@status") {
    if (message.status == 0) return missing(component);
    return std::to_string(message.status);
  }
  if (message.status != 0) return missing(component);
  if (name == "@method") return std::string(message.method);
  if (name == "@scheme") return std::string(message.scheme);
  if (name == "@authority") return normal_authority(message.scheme, message.authority);
  if (name == "@target-uri")
    return std::string(message.scheme) + "://" + normal_authority(message.scheme, message.authority) + std::string(message.target);
  if (name == "@request-target") return std::string(message.target);
  if (name == "@path") {
    std::string_view path = path_of(message.target);
    return std::string(path.empty() ? "/" : path);
  }
  if (name == "@query") {
    std::string_view query = query_of(message.target);
    return std::string(query.empty() ? "?" : query);
  }
  if (name == "@query-param") return query_parameter(message, component);
  return missing(component);
}

Value field_value(const Message& message, const Item& component) {
  bool as_bytes = find_parameter(component.parameters, "bs") != nullptr;
  std::string joined;
  bool found = false;
  for (const Field& field : message.fields) {
    if (field.name != component.value.text) continue;
    if (found) joined += ", ";
    found = true;
    std::string_view value = trim(field.value);
    joined += as_bytes ? ":" + base64(bytes_of(value)) + ":" : std::string(value);
  }
  if (!found) return missing(component);
  const BareItem* key = find_parameter(component.parameters, "key");
  if (key == nullptr) return joined;
  auto dictionary = parse_dictionary(joined);
  const Member* member = dictionary && key->kind == BareItem::Kind::string ? find_member(*dictionary, key->text) : nullptr;
  if (member == nullptr) return missing(component);
  return serialize(*member);
}

Value component_value(const Message& message, const Item& component) {
  for (const char* unsupported : {"sf", "tr"})
    if (find_parameter(component.parameters, unsupported) != nullptr)
      return std::unexpected("not supported: " + serialize(component));
  if (find_parameter(component.parameters, "req") != nullptr) {
    if (message.request == nullptr) return missing(component);
    Item own = component;
    std::erase_if(own.parameters, [](const auto& parameter) { return parameter.first == "req"; });
    return component_value(*message.request, own);
  }
  return component.value.text.starts_with('@') ? derived(message, component) : field_value(message, component);
}

}  // namespace

std::string normal_authority(std::string_view scheme, std::string_view host) {
  std::string authority(host);
  std::ranges::transform(authority, authority.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::string_view usual = scheme == "https" ? ":443" : ":80";
  if (authority.ends_with(usual)) authority.resize(authority.size() - usual.size());
  return authority;
}

std::expected<std::string, std::string> signature_base(const Message& message, const Member& covered) {
  std::string base;
  for (size_t i = 0; i < covered.items.size(); i++) {
    const Item& component = covered.items[i];
    if (component.value.kind != BareItem::Kind::string) return std::unexpected(std::string("component identifiers are strings"));
    for (size_t earlier = 0; earlier < i; earlier++)
      if (covered.items[earlier] == component) return std::unexpected(serialize(component) + " is covered twice");
    auto value = component_value(message, component);
    if (!value) return value;
    if (value->contains('\n') || value->contains('\r')) return std::unexpected(serialize(component) + " has a line break");
    base += serialize(component);
    base += ": ";
    base += *value;
    base += '\n';
  }
  base += "\"@signature-params\": ";
  base += serialize(covered);
  return base;
}

}  // namespace hanse::gateway
