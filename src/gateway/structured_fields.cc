#include "gateway/structured_fields.h"

#include <algorithm>
#include <charconv>

#include "gateway/crypto.h"

namespace hanse::gateway {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alpha(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_key_character(char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*'; }
bool is_token_character(char c) { return is_alpha(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~:/").contains(c); }

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::optional<Dictionary> dictionary() {
    skip(" ");
    Dictionary result;
    while (!rest_.empty()) {
      auto key = this->key();
      if (!key) return std::nullopt;
      Member member;
      if (take('=')) {
        if (!member_value(member)) return std::nullopt;
      } else {  // a member without a value is true
        member.items.push_back({});
        if (!parameters(member.parameters)) return std::nullopt;
      }
      std::erase_if(result, [&](const auto& known) { return known.first == *key; });
      result.emplace_back(std::move(*key), std::move(member));
      skip(" \t");
      if (rest_.empty()) return result;
      if (!take(',')) return std::nullopt;
      skip(" \t");
      if (rest_.empty()) return std::nullopt;  // a comma at the end
    }
    return result;
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip(std::string_view characters) { rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size())); }
  template <class Predicate>
  std::string_view take_while(Predicate wanted) {
    size_t length = 0;
    while (length < rest_.size() && wanted(rest_[length])) length++;
    std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  std::optional<std::string> key() {
    if (rest_.empty() || !(is_lower(rest_[0]) || rest_[0] == '*')) return std::nullopt;
    return std::string(take_while(is_key_character));
  }

  bool member_value(Member& member) {
    if (!take('(')) {
      Item item;
      if (!bare_item(item.value) || !parameters(member.parameters)) return false;
      member.items.push_back(std::move(item));
      return true;
    }
    member.is_list = true;
    for (;;) {
      skip(" ");
      if (take(')')) return parameters(member.parameters);
      Item item;
      if (!bare_item(item.value) || !parameters(item.parameters)) return false;
      member.items.push_back(std::move(item));
      if (!rest_.starts_with(' ') && !rest_.starts_with(')')) return false;
    }
  }

  bool parameters(Parameters& result) {
    while (take(';')) {
      skip(" ");
      auto name = key();
      if (!name) return false;
      BareItem value;
      if (take('=') && !bare_item(value)) return false;
      std::erase_if(result, [&](const auto& known) { return known.first == *name; });
      result.emplace_back(std::move(*name), std::move(value));
    }
    return true;
  }

  bool bare_item(BareItem& item) {
    if (rest_.empty()) return false;
    item.integer = 0;
    char first = rest_[0];
    if (first == '-' || is_digit(first)) return number(item);
    if (first == '"') return string(item);
    if (first == ':') return bytes(item);
    if (first == '?') return boolean(item);
    if (!is_alpha(first) && first != '*') return false;
    item.kind = BareItem::Kind::token;
    item.text = take_while(is_token_character);
    return true;
  }

  bool number(BareItem& item) {
    std::string_view start = rest_;
    take('-');
    std::string_view whole = take_while(is_digit);
    if (whole.empty()) return false;
    if (!rest_.starts_with('.')) {
      item.kind = BareItem::Kind::integer;
      std::string_view text = start.substr(0, start.size() - rest_.size());
      return whole.size() <= 15 && std::from_chars(text.data(), text.data() + text.size(), item.integer).ec == std::errc{};
    }
    take('.');
    std::string_view fraction = take_while(is_digit);
    item.kind = BareItem::Kind::decimal;
    item.text = start.substr(0, start.size() - rest_.size());
    return whole.size() <= 12 && !fraction.empty() && fraction.size() <= 3;
  }

  bool string(BareItem& item) {
    take('"');
    item.kind = BareItem::Kind::string;
    while (!rest_.empty()) {
      char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c == '\\') {
        if (!rest_.starts_with('"') && !rest_.starts_with('\\')) return false;
        c = rest_[0];
        rest_.remove_prefix(1);
      } else if (c < 0x20 || c > 0x7e) {
        return false;
      }
      item.text.push_back(c);
    }
    return false;
  }

  bool bytes(BareItem& item) {
    take(':');
    std::string_view encoded = take_while([](char c) { return c != ':'; });
    if (!take(':')) return false;
    auto decoded = base64_decode(encoded);
    if (!decoded) return false;
    item.kind = BareItem::Kind::bytes;
    item.text = std::move(*decoded);
    return true;
  }

  bool boolean(BareItem& item) {
    take('?');
    if (!rest_.starts_with('0') && !rest_.starts_with('1')) return false;
    item.kind = BareItem::Kind::boolean;
    item.integer = rest_[0] - '0';
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

void append(std::string& to, const BareItem& item) {
  switch (item.kind) {
    case BareItem::Kind::integer: to += std::to_string(item.integer); return;
    case BareItem::Kind::decimal:
    case BareItem::Kind::token: to += item.text; return;
    case BareItem::Kind::boolean: to += item.integer != 0 ? "?1" : "?0"; return;
    case BareItem::Kind::bytes:
      to += ':';
      to += base64(bytes_of(item.text));
      to += ':';
      return;
    case BareItem::Kind::string:
      to += '"';
      for (char c : item.text) {
        if (c == '"' || c == '\\') to += '\\';
        to += c;
      }
      to += '"';
      return;
  }
}

void append(std::string& to, const Parameters& parameters) {
  for (const auto& [name, value] : parameters) {
    to += ';';
    to += name;
    if (value == BareItem{}) continue;  // true
    to += '=';
    append(to, value);
  }
}

void append(std::string& to, const Item& item) {
  append(to, item.value);
  append(to, item.parameters);
}

}  // namespace

const BareItem* find_parameter(const Parameters& parameters, std::string_view name) {
  for (const auto& [known, value] : parameters)
    if (known == name) return &value;
  return nullptr;
}

const Member* find_member(const Dictionary& dictionary, std::string_view key) {
  for (const auto& [known, member] : dictionary)
    if (known == key) return &member;
  return nullptr;
}

std::optional<Dictionary> parse_dictionary(std::string_view text) { return Parser(text).dictionary(); }

std::string serialize(const Item& item) {
  std::string text;
  append(text, item);
  return text;
}

std::string serialize(const Member& member) {
  std::string text;
  if (member.is_list) text += '(';
  for (size_t i = 0; i < member.items.size(); i++) {
    if (i > 0) text += ' ';
    append(text, member.items[i]);
  }
  if (member.is_list) text += ')';
  append(text, member.parameters);
  return text;
}

}  // namespace hanse::gateway
