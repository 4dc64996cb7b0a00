// Small answers about the node: dynamic tracing (which is not there), the terminal, the error logger.
#include "bif/tables.h"
#include "process/call.h"
#include "process/node_settings.h"
#include "term/node.h"

namespace hanse {
namespace {

// Dynamic trace tags (dtrace and the like) are not compiled in: tags are never set, data passes through unchanged.
Result erlang_dt_put_tag_1(Call&) { return am::undefined; }
Result erlang_dt_get_tag_0(Call&) { return am::undefined; }
Result erlang_dt_get_tag_data_0(Call&) { return am::undefined; }
Result erlang_dt_spread_tag_1(Call& call) {
  if (call.args[0] != am::true_ && call.args[0] != am::false_) return raise_badarg(call);
  return am::true_;
}
Result erlang_dt_restore_tag_1(Call& call) {
  if (call.args[0] != am::true_) return raise_badarg(call);
  return am::true_;
}
Result erlang_dt_vm_tag_data_1(Call& call) { return call.args[0]; }

// Whether the node of an I/O device understands Unicode; the local one does.
Result net_kernel_dflag_unicode_io_1(Call& call) {
  if (!call.args[0].is_pid()) return raise_badarg(call);
  return am::true_;
}

Result io_printable_range_0(Call&) { return node_settings().printable_unicode ? am::unicode : am::latin1; }
Result error_logger_warning_map_0(Call&) {
  char level = node_settings().warning_level;
  return level == 'i' ? am::info : level == 'e' ? am::error : am::warning;
}

Result erts_internal_system_check_1(Call& call) {
  if (call.args[0] != am::schedulers) return raise_badarg(call);
  return am::ok;
}

// The number that tells incarnations of a node apart; none while it is not alive.
Result erts_internal_get_creation_0(Call& call) {
  uint32_t creation = this_node().creation;
  if (creation == 0) return am::undefined;
  return make_unsigned(call.arena(), creation);
}

constexpr BifRow rows[] = {
    {"erlang", "dt_append_vm_tag_data", 1, erlang_dt_vm_tag_data_1, BifKind::plain, Authority::own_process},
    {"erlang", "dt_get_tag", 0, erlang_dt_get_tag_0, BifKind::plain, Authority::own_process},
    {"erlang", "dt_get_tag_data", 0, erlang_dt_get_tag_data_0, BifKind::plain, Authority::own_process},
    {"erlang", "dt_prepend_vm_tag_data", 1, erlang_dt_vm_tag_data_1, BifKind::plain, Authority::own_process},
    {"erlang", "dt_put_tag", 1, erlang_dt_put_tag_1, BifKind::plain, Authority::own_process},
    {"erlang", "dt_restore_tag", 1, erlang_dt_restore_tag_1, BifKind::plain, Authority::own_process},
    {"erlang", "dt_spread_tag", 1, erlang_dt_spread_tag_1, BifKind::plain, Authority::own_process},
    {"error_logger", "warning_map", 0, error_logger_warning_map_0, BifKind::plain, Authority::pure},
    {"erts_internal", "get_creation", 0, erts_internal_get_creation_0, BifKind::plain, Authority::host},
    {"erts_internal", "system_check", 1, erts_internal_system_check_1, BifKind::plain, Authority::host},
    {"io", "printable_range", 0, io_printable_range_0, BifKind::plain, Authority::pure},
    {"net_kernel", "dflag_unicode_io", 1, net_kernel_dflag_unicode_io_1, BifKind::plain, Authority::own_machine},
};

}  // namespace
const BifTable node_query_bifs = rows;

}  // namespace hanse
