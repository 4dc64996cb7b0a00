%% @doc error_logger of a machine, by way of its logger.
-module(error_logger).

-export([format/2, error_msg/1, error_msg/2, warning_msg/1, warning_msg/2, info_msg/1, info_msg/2, error_report/1, error_report/2,
         warning_report/1, warning_report/2, info_report/1, info_report/2, get_format_depth/0, limit_term/1, tty/1]).

format(Format, Arguments) -> logger:log(error, Format, Arguments).
error_msg(Format) -> format(Format, []).
error_msg(Format, Arguments) -> format(Format, Arguments).
warning_msg(Format) -> warning_msg(Format, []).
warning_msg(Format, Arguments) -> logger:log(warning, Format, Arguments).
info_msg(Format) -> info_msg(Format, []).
info_msg(Format, Arguments) -> logger:log(notice, Format, Arguments).
error_report(Report) -> report(error, Report).
error_report(_Type, Report) -> report(error, Report).
warning_report(Report) -> report(warning, Report).
warning_report(_Type, Report) -> report(warning, Report).
info_report(Report) -> report(notice, Report).
info_report(_Type, Report) -> report(notice, Report).

report(Level, Report) -> logger:log(Level, "~0tp", [Report]).

get_format_depth() -> unlimited.
limit_term(Term) -> Term.
tty(_) -> ok.
