#include "epmd/name_table.h"

namespace hanse::epmd {

constexpr size_t former_limit = 1000;

std::optional<uint32_t> NameTable::add(Registration registration, int owner) {
  if (by_name_.contains(registration.name)) return std::nullopt;
  std::erase_if(former_, [&](const NameEntry& entry) { return entry.registration.name == registration.name; });
  while (next_ < 4 || entries_.contains(next_))
    next_++;  // 0 to 3 are creations of nodes without a port mapper of today
  uint32_t creation = next_++;
  std::string name = registration.name;
  auto entry = entries_.emplace(creation, NameEntry{std::move(registration), owner}).first;
  by_name_.emplace(std::move(name), entry);
  by_owner_.emplace(owner, entry);
  return creation;
}

bool NameTable::remove_owner(int owner) {
  auto found = by_owner_.find(owner);
  if (found == by_owner_.end()) return false;
  Entries::iterator entry = found->second;
  by_owner_.erase(found);
  by_name_.erase(entry->second.registration.name);
  former_.push_back(std::move(entry->second));
  if (former_.size() > former_limit) former_.pop_front();
  entries_.erase(entry);
  return true;
}

const NameEntry* NameTable::find(const std::string& name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second->second;
}

std::string NameTable::names_text() const {
  std::string text;
  for (const auto& [creation, entry] : entries_)
    text += "name " + entry.registration.name + " at port " + std::to_string(entry.registration.port) + "\n";
  return text;
}

// Programs read this: each line ends with a newline and a zero byte.
std::string NameTable::dump_text() const {
  std::string text;
  for (const auto& [creation, entry] : entries_)
    (text += "active name     <" + entry.registration.name + "> at port " + std::to_string(entry.registration.port) +
             ", fd = " + std::to_string(entry.owner) + "\n") += '\0';
  for (const NameEntry& entry : former_)
    (text += "old/unused name <" + entry.registration.name + ">, port = " + std::to_string(entry.registration.port) +
             ", fd = " + std::to_string(entry.owner) + " \n") += '\0';
  return text;
}

}  // namespace hanse::epmd
