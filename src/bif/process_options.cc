#include "bif/process_options.h"

#include "heap/heap_sizes.h"
#include "process/node_settings.h"
#include "process/scheduler.h"
#include "process/spawn.h"
#include "term/map.h"

namespace hanse {

bool parse_heap_number(Term value, uint32_t least, uint32_t& out) {
  if (!value.is_small() || value.as_small() < 0 || value.as_small() > 0x7fffffff) return false;
  out = std::max(least, static_cast<uint32_t>(next_heap_size(static_cast<size_t>(value.as_small()))));
  return true;
}

static bool parse_boolean(Term map, Term key, bool& out) {
  Term value = map_get(map, key);
  if (value.is_none()) return true;
  out = value == am::true_;
  return out || value == am::false_;
}

bool parse_max_heap_size(Term value, HeapSettings& settings) {
  if (value.is_map()) {
    if (!parse_boolean(value, am::kill, settings.maximum_kills)) return false;
    if (!parse_boolean(value, am::error_logger, settings.maximum_logs)) return false;
    value = map_get(value, am::size);
    if (value.is_none()) return false;
  }
  if (!value.is_small() || value.as_small() < 0) return false;
  auto size = static_cast<size_t>(value.as_small());
  if (size != 0 && size < settings.minimum_words) return false;
  settings.maximum_words = size;
  return true;
}

Term max_heap_size_map(Arena& arena, const HeapSettings& settings) {
  Term keys[] = {am::error_logger, am::kill, am::size};
  Term values[] = {boolean(settings.maximum_logs), boolean(settings.maximum_kills),
                   make_unsigned(arena, settings.maximum_words)};
  return map_from_pairs(arena, keys, values);
}

static constexpr Term priority_atoms[] = {am::max, am::high, am::normal, am::low};
bool parse_priority(Term value, Priority& priority) {
  for (size_t i = 0; i < 4; i++)
    if (priority_atoms[i] == value) {
      priority = static_cast<Priority>(i);
      return true;
    }
  return false;
}
Term priority_atom(Priority priority) { return priority_atoms[static_cast<size_t>(priority)]; }

bool parse_monitor_options(Term list, AliasMode& alias, Term& tag) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (!is_tuple_of_arity(option, 2)) return false;
    Term key = as_tuple(option)->elements[0], value = as_tuple(option)->elements[1];
    if (key == am::tag) tag = value;
    else if (key != am::alias) return false;
    else if (value == am::explicit_unalias) alias = AliasMode::explicit_unalias;
    else if (value == am::demonitor) alias = AliasMode::demonitor;
    else if (value == am::reply_demonitor) alias = AliasMode::reply_demonitor;
    else return false;
  }
  return list.is_nil();
}

static bool parse_reply(Term value, SpawnReply& reply) {
  if (value == am::yes) reply.on_success = reply.on_error = true;
  else if (value == am::no) reply.on_success = reply.on_error = false;
  else if (value == am::error_only) reply.on_success = false, reply.on_error = true;
  else if (value == am::success_only) reply.on_success = true, reply.on_error = false;
  else return false;
  return true;
}

static bool parse_spawn_pair(Term key, Term value, SpawnOptions& options, SpawnReply* reply) {
  if (key == am::monitor) {
    options.monitor = true;
    return parse_monitor_options(value, options.alias, options.tag);
  }
  if (key == am::priority) return parse_priority(value, options.priority);
  if (key == am::message_queue_data) {
    options.message_queue_off_heap = value == am::off_heap;
    return value == am::off_heap || value == am::on_heap;
  }
  if (key == am::min_heap_size) return parse_heap_number(value, default_heap_settings().minimum_words, options.heap.minimum_words);
  if (key == am::min_bin_vheap_size) 
    return parse_heap_number(value, default_heap_settings().minimum_binary_words, options.heap.minimum_binary_words);
  if (key == am::max_heap_size) return parse_max_heap_size(value, options.heap);
  if (key == am::fullsweep_after) {
    if (!value.is_small() || value.as_small() < 0) return false;
    options.heap.full_sweep_after = static_cast<uint32_t>(std::min<int64_t>(value.as_small(), 65535));
    return true;
  }
  if (key == am::scheduler)  // 0: any
    return value.is_small() && value.as_small() >= 0 && value.as_small() <= static_cast<int64_t>(scheduler_options().schedulers);
  if (reply && key == am::reply_tag) {
    reply->tag = value;
    return true;
  }
  return reply && key == am::reply && parse_reply(value, *reply);
}

OptionError parse_spawn_options(Term list, SpawnOptions& options, SpawnReply* reply) {
  options.heap = default_heap_settings();
  options.message_queue_off_heap = node_settings().message_queue_off_heap;
  OptionError error = OptionError::none;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    bool valid = true;
    if (option == am::link) options.link = true;
    else if (option == am::monitor) options.monitor = true;
    else if (is_tuple_of_arity(option, 2))
      valid = parse_spawn_pair(as_tuple(option)->elements[0], as_tuple(option)->elements[1], options, reply);
    else valid = false;
    if (!valid) error = OptionError::bad_option;
  }
  return list.is_nil() ? error : OptionError::not_a_list;
}

}  // namespace hanse
