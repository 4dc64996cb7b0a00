#include "main/verbs.h"

#include "process/node_settings.h"

namespace hanse {

static const char usage[] = R"(usage: hanse [FLAG OF erl]...            the shell, or what the flags say
       hanse run PATH [ARGUMENT]...      compile PATH.erl or the .erl files of a folder, call main/1
       hanse epmd [OPTION]...            the port mapper: names of nodes of this host (hanse epmd -help)
       hanse --version | --help

Flags are those of erl of Erlang/OTP 25: -noshell, -pa DIR, -eval EXPRESSION, -s MODULE FUNCTION, -sname NAME,
-setcookie COOKIE, +S SCHEDULERS, ... What the virtual machine does not know is OTP's.
)";

// Compiles to memory, loads, calls Module:main(Arguments); the exit status is 1 if anything fails. A process of its own, so
// that init goes on serving requests to stop.
static const char run_program[] = R"(
spawn(fun() ->
    [Path | Arguments] = init:get_plain_arguments(),
    Module = list_to_atom(filename:basename(filename:absname(Path), ".erl")),
    Files = case filelib:is_dir(Path) of
                true ->
                    case filelib:wildcard(filename:join(Path, "*.erl")) ++ filelib:wildcard(filename:join([Path, "src", "*.erl"])) of
                        [] -> io:format(standard_error, "hanse: ~ts has no .erl files~n", [Path]), [];
                        Found -> Found
                    end;
                false -> [Path]
            end,
    Load = fun(File) ->
               case compile:file(File, [binary, report]) of
                   {ok, Name, Code} -> {module, Name} =:= code:load_binary(Name, File, Code);
                   error -> false
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

std::optional<VerbAnswer> take_verb(std::vector<std::string>& arguments) {
  if (arguments.empty()) return std::nullopt;
  const std::string& verb = arguments[0];
  if (verb == "--help") return VerbAnswer{usage};
  if (verb == "--version")
    return VerbAnswer{std::string("Hanse ") + hanse_version + " (Erlang/OTP " + otp_release + ", erts " + erts_version + ")\n"};
  if (verb != "run") return std::nullopt;
  if (arguments.size() < 2) return VerbAnswer{"hanse run: which file or folder?\n", 2};
  std::vector<std::string> flags = {"-noshell", "-eval", run_program, "-extra"};
  flags.insert(flags.end(), arguments.begin() + 1, arguments.end());
  arguments = std::move(flags);
  return std::nullopt;
}

}  // namespace hanse
