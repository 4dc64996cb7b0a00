#include "main/verbs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "main/command_line.h"
#include "process/node_settings.h"

namespace hanse {

static const char usage[] = R"(usage: hanse [FLAG OF erl]...            the shell, or what the flags say
       hanse run PATH [ARGUMENT]...      PATH.erl, PATH.beam, the modules of a folder: calls main/1; or an escript
       hanse epmd [OPTION]...            the port mapper: names of nodes of this host (hanse epmd -help)
       hanse scripts FILE.config | COMMAND [ARGUMENT]...
                                         pools of scripts in Python, Ruby, any language (hanse scripts help)
       hanse machine COMMAND [ARGUMENT]...
                                         jails for code that is not trusted (hanse machine help)
       hanse gateway serve FILE...       lends functions to strangers, over signed HTTP (hanse gateway help):
       hanse key | grant | audit COMMAND...
                                         to whom, which, and what they did with them (hanse grant help)
       hanse call URL MODULE:FUNCTION [ARGUMENTS] --key KEY
                                         calls what another node lends (hanse call help)
       hanse demo                        plays the story of lending and borrowing on this computer
       hanse --version | --help

Flags are those of erl of Erlang/OTP 25. Those that one needs most:

  -noshell                 no shell: output goes to standard output as it is
  -eval EXPRESSION         evaluates it after the start; end it with halt(). to end the node
  -s MODULE [FUNCTION [ARGUMENT]...], -run ...
                           calls a function after the start, arguments are atoms (-run: strings)
  -pa FOLDER, -pz FOLDER   folders with .beam files, before or behind OTP's
  -config FILE             settings of applications
  -sname NAME, -name NAME@HOST, -setcookie COOKIE
                           the node takes part in a cluster
  -detached, -heart        runs in the background; is started again (HEART_COMMAND) if it dies
  -env NAME VALUE, -args_file FILE, -boot FILE, -mode embedded, -extra ARGUMENT...
  +S SCHEDULERS, +P PROCESSES, +Q PORTS, +t ATOMS
                           how many of each at most
  +B, +Bc, +Bi, +Bd        what Ctrl-C does: a menu, interrupts the shell, nothing, ends the node

ERL_AFLAGS, ERL_FLAGS and ERL_ZFLAGS hold more flags, ERL_LIBS more libraries; ERL_CRASH_DUMP names the file that tells why a node
had to end. bin/ has erl, erlc, escript and epmd for programs that look for these. docs/command-line.md has more.
)";

// Compiles to memory, loads, calls Module:main(Arguments); the exit status is 1 if anything fails. A process of its own, so
// that init goes on serving requests to stop.
static const char run_program[] = R"(
spawn(fun() ->
    [Path | Arguments] = init:get_plain_arguments(),
    Base = filename:basename(filename:absname(Path)),
    Module = list_to_atom(filename:rootname(filename:rootname(Base, ".erl"), ".beam")),
    Files = case filelib:is_dir(Path) of
                true ->
                    Found = fun(Patterns) -> lists:append([filelib:wildcard(filename:join(Path, P)) || P <- Patterns]) end,
                    case Found(["*.erl", "src/*.erl"]) of
                        [] -> Found(["*.beam", "ebin/*.beam"]);
                        Sources -> Sources
                    end;
                false -> [Path]
            end,
    Files =:= [] andalso io:format(standard_error, "hanse: ~ts has no .erl or .beam files~n", [Path]),
    Include = [{i, filename:join(Path, "include")} || filelib:is_dir(Path)],
    Load = fun(File) ->
               case filename:extension(File) of
                   ".beam" ->
                       case code:load_abs(filename:rootname(filename:absname(File))) of
                           {module, _} -> true;
                           {error, Why} -> io:format(standard_error, "hanse: cannot load ~ts: ~tp~n", [File, Why]), false
                       end;
                   _ ->
                       case compile:file(File, [binary, report | Include]) of
                           {ok, Name, Code} -> {module, Name} =:= code:load_binary(Name, File, Code);
                           error -> false
                       end
               end
           end,
    case Files =/= [] andalso lists:all(fun(Loaded) -> Loaded end, [Load(File) || File <- Files]) of
        false -> init:stop(1);
        true ->
            try Module:main(Arguments) of
                _ -> init:stop()
            catch
                Class:Reason:Trace ->
                    io:put_chars(standard_error, [erl_error:format_exception(Class, Reason, Trace), $\n]),
                    init:stop(1)
            end
    end
end).)";

// Verbs that are modules of lib/hanse: their main/0 finds the words behind the verb.
struct Program {
  std::string_view verb;
  const char* module;
};
static constexpr Program programs[] = {
    {"audit", "hanse_audit_cli"}, {"call", "hanse_call_cli"}, {"demo", "hanse_demo"}, {"gateway", "hanse_gateway_cli"}, {"grant", "hanse_grant_cli"},
    {"key", "hanse_key_cli"},     {"machine", "hanse_machine_cli"}, {"scripts", "hanse_script_cli"},
};

// The flags on a line of an escript that begins with %%!: its second or third.
static std::vector<std::string> flags_of_script(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  for (int number = 1; number <= 3 && std::getline(in, line); number++)
    if (number > 1 && line.starts_with("%%!")) return split_words(line.substr(3), false);
  return {};
}

std::optional<VerbAnswer> take_verb(std::vector<std::string>& arguments) {
  if (arguments.empty()) return std::nullopt;
  const std::string& verb = arguments[0];
  if (verb == "--help") return VerbAnswer{usage};
  if (verb == "--version")
    return VerbAnswer{std::string("Hanse ") + hanse_version + " (Erlang/OTP " + otp_release + ", erts " + erts_version + ")\n"};
  if (auto program = std::ranges::find(programs, verb, &Program::verb); program != std::end(programs)) {
    std::vector<std::string> flags = {"+Bd", "-noshell", "-noinput", "-boot", "no_dot_erlang", "-s", program->module, "main", "-extra"};
    flags.insert(flags.end(), arguments.begin() + 1, arguments.end());
    arguments = std::move(flags);
    return std::nullopt;
  }
  if (verb != "run") return std::nullopt;
  if (arguments.size() < 2) return VerbAnswer{"hanse run: which file or folder?\n", 2};
  const std::string& path = arguments[1];
  std::error_code error;
  bool is_module = path.ends_with(".erl") || path.ends_with(".beam") || !std::filesystem::is_regular_file(path, error);
  std::vector<std::string> flags = {"-noshell", "-eval", run_program, "-extra"};
  if (!is_module) {
    flags = {"+B", "-boot", "no_dot_erlang", "-noshell"};
    for (std::string& flag : flags_of_script(path)) flags.push_back(std::move(flag));
    flags.insert(flags.end(), {"-run", "escript", "start", "-extra"});
  }
  flags.insert(flags.end(), arguments.begin() + 1, arguments.end());
  arguments = std::move(flags);
  return std::nullopt;
}

}  // namespace hanse
