#include "main/command_line.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "main/thread_flags.h"
#include "process/processors.h"

namespace hanse {

std::vector<std::string> split_words(const std::string& text, bool comments) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      else if (c == '\\' && quote == '"' && i + 1 < text.size()) word += text[++i];
      else word += c;
    } else if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
      in_word = true;
    } else if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (comments && c == '#' && !in_word) {
      while (i < text.size() && text[i] != '\n') i++;
    } else if (isspace(static_cast<unsigned char>(c)) != 0) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (in_word) words.push_back(word);
  return words;
}

namespace {

std::vector<std::string> words_of_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::vector<std::string>{} : split_words(value, false);
}

// The folder with the compiled modules of lib/hanse; empty if there is none.
std::string own_application() {
  std::error_code error;
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return {};
  std::filesystem::path folder = self.parent_path() / "lib/hanse/ebin";
  return std::filesystem::exists(folder / "hanse.app", error) ? folder.string() : std::string();
}

// Arguments before -extra, and those behind it.
struct Part {
  std::vector<std::string> plain;
  std::vector<std::string> extra;
};
Part split_extra(const std::vector<std::string>& words) {
  Part part;
  bool behind = false;
  for (const std::string& word : words) {
    if (!behind && word == "-extra") behind = true;
    else (behind ? part.extra : part.plain).push_back(word);
  }
  return part;
}

// Flags of the emulator that take one value, attached (+S4) or as the next word, and what is done with it. nullptr: the
// flag has no effect here, which is worth a warning unless it only tunes what Hanse does by itself.
struct EmulatorFlag {
  const char* name;
  bool takes_value;
  bool silent;
};
constexpr EmulatorFlag ignored_flags[] = {
    {"a", true, true},      {"ec", false, true},    {"hpds", true, true},   {"IOp", true, true},
    {"IOt", true, true},    {"IOPp", true, true},   {"IOPt", true, true},   {"IOs", true, true},    {"JPperf", true, false},
    {"JDdump", true, false}, {"L", false, true},    {"R", true, false},     {"rg", true, true},
    {"r", false, true},     {"secio", true, true},  {"zebwt", true, true},
    {"sbwt", true, true},   {"sbwtdcpu", true, true}, {"sbwtdio", true, true}, {"scl", true, true},
    {"sfwi", true, true},   {"spp", true, false},   {"src", true, false},   {"srct", true, true},   {"sss", true, true},
    {"sssdcpu", true, true}, {"sssdio", true, true}, {"sub", true, true},   {"swct", true, true},   {"stbt", true, true},
    {"swt", true, true},    {"swtdcpu", true, true}, {"swtdio", true, true}, {"sws", true, true},   {"sacsla", true, true},
    {"T", true, false},     {"v", false, true},
    {"zosrl", true, true},  {"K", true, true},      {"d", false, true},
    {"dcg", true, true},    {"SP", true, true},     {"SDPcpu", true, true},
};

constexpr uint64_t least_ets_limit = 8192;
constexpr uint64_t most_heap_words = uint64_t{1} << 31;

class Parser {
 public:
  std::expected<NodeOptions, std::string> run(std::vector<std::string> arguments) {
    bool was_told_by_start_program = is_from_start_program(arguments);
    if (was_told_by_start_program ? !take_from_start_program(std::move(arguments)) : !take_all(std::move(arguments)))
      return std::unexpected(error_);
    if (no_epmd_ && !other_carrier_) return std::unexpected("hanse: -no_epmd needs -proto_dist, a distribution that works without");
    const char* tables = std::getenv("ERL_MAX_ETS_TABLES");
    if (options_.ets_limit == 0 && tables != nullptr) options_.ets_limit = std::strtoul(tables, nullptr, 10);
    options_.ets_limit = std::max<uint64_t>(options_.ets_limit, least_ets_limit);
    std::string problem;
    if (topology_) define_topology_at_start(*topology_);
    if (bind_type_ && !set_scheduler_bind_type(*bind_type_))
      return std::unexpected("hanse: +sbt expects that something is known of the processors, as from +sct");
    auto threads = threads_.resolve(processors_configured(), processors_available(), problem);
    if (!threads) return std::unexpected(problem);
    options_.threads = *threads;
    options_.start_epmd = named_ && start_epmd_ && !no_epmd_;
    if (!was_told_by_start_program) finish();
    return std::move(options_);
  }

 private:
  bool fail(const std::string& message) {
    error_ = message;
    return false;
  }

  // The words of the command line, and those of the environment's variables before and behind them.
  bool take_all(std::vector<std::string> arguments) {
    auto take_variable = [this](const char* name) { return take_part(split_extra(words_of_variable(name)), 0, true); };
    return take_variable("ERL_OTP25_FLAGS") && take_variable("ERL_AFLAGS") && take_part(split_extra(arguments), 0, false) &&
           take_variable("ERL_FLAGS") && take_variable("ERL_ZFLAGS");
  }

  // What a variable or a file has behind -extra ends in --.
  bool take_part(const Part& part, int depth, bool is_marked) {
    if (depth == 0 && !part.plain.empty() && !user_.empty()) user_.push_back("--");
    if (!take(part.plain, depth)) return false;
    extra_.insert(extra_.end(), part.extra.begin(), part.extra.end());
    if (is_marked && !part.extra.empty()) extra_.push_back("--");
    return true;
  }

  // OTP's start program, erlexec, has read the command line and calls an emulator: EMULATOR-FLAG... -- -root R -bindir B ...
  static bool is_from_start_program(const std::vector<std::string>& words) {
    auto end = std::ranges::find(words, "--");
    return words.end() - end > 4 && end[1] == "-root" && end[3] == "-bindir";
  }

  // It has also set the environment, started the port mapper and gone to the background.
  bool take_from_start_program(std::vector<std::string> words) {
    size_t end = std::ranges::find(words, "--") - words.begin();
    options_.root = words[end + 2];
    options_.bindir = words[end + 4];
    options_.init_arguments.assign(words.begin() + end + 1, words.end());
    add_own_application();
    words.resize(end);
    for (size_t i = 0; i < words.size(); i++) {
      words[i][0] = '+';
      if (!take_emulator_flag(words, i)) return false;
    }
    return true;
  }

  bool take(const std::vector<std::string>& words, int depth) {
    for (size_t i = 0; i < words.size(); i++) {
      const std::string& word = words[i];
      auto value = [&](const char* what) -> const std::string* {
        if (i + 1 < words.size()) return &words[++i];
        fail("hanse: " + word + " needs " + what);
        return nullptr;
      };
      if (word.size() > 1 && word[0] == '+') {
        if (!take_emulator_flag(words, i)) return false;
      } else if (word == "-env") {
        const std::string* name = value("a name and a value");
        const std::string* text = name == nullptr ? nullptr : value("a name and a value");
        if (text == nullptr) return false;
        ::setenv(name->c_str(), text->c_str(), 1);
      } else if (word == "-args_file") {
        const std::string* file = value("a file name");
        if (file == nullptr || !take_file(*file, depth)) return false;
      } else if (word == "-detached") {
        options_.detached = true;
        user_.insert(user_.end(), {"-noshell", "-noinput"});
      } else if (word == "-noinput") {  // nobody could answer a shell
        user_.insert(user_.end(), {"-noshell", "-noinput"});
      } else if (word == "-configfd" && i + 1 < words.size() && words[i + 1] == "0") {  // the configuration is the input
        user_.insert(user_.end(), {"-noshell", "-noinput", "-configfd", words[++i]});
      } else if (word == "-sname" || word == "-name" || word == "-start_epmd" || word == "-epmd" || word == "-no_epmd" ||
                 word == "-proto_dist") {
        if (!take_distribution_flag(words, i)) return false;
      } else if (word == "-version" || word == "-V") {
        options_.show_version = true;
      } else if (word == "-emu_flavor") {
        if (i + 1 < words.size() && words[i + 1][0] != '-' && words[i + 1][0] != '+') i++;
      } else if (word == "-make") {  // by the Emakefile, and nothing else
        options_.break_mode = 'b';
        user_.insert(user_.end(), {"-noshell", "-noinput", "-s", "make", "all_or_nothing", "-s", "erlang", "halt"});
        return true;
      } else if (word == "-compile") {  // the files that follow
        options_.break_mode = 'b';
        user_.insert(user_.end(), {"-noshell", "-noinput", "-s", "c", "lc_batch"});
      } else {
        user_.push_back(word);
      }
    }
    return true;
  }

  // words[i] says whether this node has a name, and how its port mapper is started. OTP reads them too, except -epmd.
  bool take_distribution_flag(const std::vector<std::string>& words, size_t& i) {
    const std::string& flag = words[i];
    if (flag != "-epmd") user_.push_back(flag);
    if (flag == "-no_epmd") {
      no_epmd_ = true;
      return true;
    }
    if (i + 1 >= words.size()) return fail("hanse: " + flag + " needs a value");
    const std::string& value = words[++i];
    if (flag == "-epmd") {
      options_.epmd_command = value;
      return true;
    }
    user_.push_back(value);
    if (flag == "-start_epmd") {
      if (value != "true" && value != "false") return fail("hanse: -start_epmd expects true or false, got " + value);
      start_epmd_ = value == "true";
    } else if (flag == "-proto_dist") {
      other_carrier_ = true;
    } else {
      named_ = true;
    }
    return true;
  }

  bool take_file(const std::string& name, int depth) {
    if (depth > 20) return fail("hanse: -args_file " + name + ": files include each other");
    std::ifstream in(name);
    if (!in) return fail("hanse: cannot read the arguments file " + name);
    std::stringstream text;
    text << in.rdbuf();
    return take_part(split_extra(split_words(text.str(), true)), depth + 1, true);
  }

  // words[i] begins with +. Its value is attached or the next word.
  bool take_emulator_flag(const std::vector<std::string>& words, size_t& i) {
    const std::string& word = words[i];
    options_.emulator_arguments.push_back("-" + word.substr(1));
    std::string name = word.substr(1), text;
    auto attached = [&](size_t length) -> bool {
      if (name.size() > length) {
        text = name.substr(length);
        return true;
      }
      if (i + 1 >= words.size()) return false;
      text = words[++i];
      options_.emulator_arguments.push_back(text);
      return true;
    };
    auto number = [&](size_t length, uint64_t low, uint64_t high, uint64_t& out) {
      if (!attached(length)) return fail("hanse: " + word + " needs a number");
      char* end;
      errno = 0;
      uint64_t parsed = std::strtoull(text.c_str(), &end, 10);
      if (errno != 0 || end == text.c_str() || *end != 0 || parsed < low || parsed > high)
        return fail("hanse: +" + name.substr(0, length) + " expects a number from " + std::to_string(low) + " to " +
                    std::to_string(high) + ", got " + text);
      out = parsed;
      return true;
    };
    auto starts = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
    if (name == "ssrct") return never_detect_topology(), true;
    if (starts("sbt")) {
      bind_type_ = attached(3) ? bind_type_of_flag(text) : std::nullopt;
      return bind_type_ || fail("hanse: +sbt expects u, ns, ts, ps, s, nnts, nnps, tnnps or db, got " + text);
    }
    if (starts("sct")) {
      std::string problem = "a CPU topology";
      topology_ = attached(3) ? parse_topology(text, problem) : std::nullopt;
      return topology_ || fail("hanse: +sct expects " + problem + ", got " + text);
    }
    for (std::string flag : {"SDPcpu", "SDcpu", "SDio", "SP", "S"}) {
      if (!name.starts_with(flag)) continue;
      if (!attached(flag.size())) return fail("hanse: " + word + " needs numbers of threads");
      std::string problem = threads_.take(flag, text);
      return problem.empty() || fail(problem);
    }
    if (name == "P" || (name[0] == 'P' && name.size() > 1)) {
      if (name == "P" && i + 1 < words.size() && words[i + 1] == "legacy") return ++i, true;
      if (!number(1, 1024, 134217727, options_.process_limit)) return false;
      options_.process_limit = std::bit_ceil(options_.process_limit);  // as stock does
      return true;
    }
    if (name[0] == 'Q') {
      if (name == "Q" && i + 1 < words.size() && words[i + 1] == "legacy") return ++i, true;
      if (!number(1, 1024, 134217727, options_.port_limit)) return false;
      options_.port_limit = std::bit_ceil(options_.port_limit);
      return true;
    }
    if (name[0] == 'e' && name != "ec") return number(1, 0, 2147483647, options_.ets_limit);
    if (name[0] == 'A') {
      if (!number(1, 0, 1024, options_.async_threads)) return false;
      options_.async_threads = std::max<uint64_t>(options_.async_threads, 1);
      return true;
    }
    if (name[0] == 't') return number(1, 8192, 2147483647, options_.atom_limit);
    if (starts("hms")) return number(3, 1, most_heap_words, options_.minimum_heap_words);
    if (name == "h" || (name[0] == 'h' && isdigit(static_cast<unsigned char>(name[1])) != 0))
      return number(1, 1, most_heap_words, options_.minimum_heap_words);
    if (starts("zdbbl")) {
      if (!number(5, 1, 2097151, options_.busy_limit_bytes)) return false;
      options_.busy_limit_bytes *= 1024;
      return true;
    }
    if (starts("zdntgc")) {
      const std::string& given = name.size() > 6 || i + 1 >= words.size() ? name : words[i + 1];
      if (given.ends_with("infinity")) return options_.node_delay_ms = -1, attached(6);
      uint64_t seconds;
      if (!number(6, 0, 100000000, seconds)) return false;
      options_.node_delay_ms = static_cast<int64_t>(seconds) * 1000;
      return true;
    }
    if (starts("zpeernames")) return number(10, 1, 2147483647, options_.peer_name_limit);
    if (starts("hmbs")) return number(4, 1, most_heap_words, options_.minimum_binary_words);
    if (name == "hmax" || (starts("hmax") && isdigit(static_cast<unsigned char>(name[4])) != 0))
      return number(4, 0, uint64_t{1} << 40, options_.maximum_heap_words);
    auto truth = [&](size_t length, bool& out) {
      bool present = attached(length);
      if (!present || (text != "true" && text != "false"))
        return fail("hanse: +" + name.substr(0, length) + " expects true or false" + (present ? ", got " + text : ""));
      out = text == "true";
      return true;
    };
    if (starts("hmaxk")) return truth(5, options_.maximum_heap_kills);
    if (starts("hmaxel")) return truth(6, options_.maximum_heap_logs);
    if (name == "c" && (i + 1 >= words.size() || (words[i + 1] != "true" && words[i + 1] != "false"))) return options_.corrects_time = false, true;
    if (name[0] == 'c') return truth(1, options_.corrects_time);
    if (name[0] == 'C') return take_time_warp(attached(1), text);
    if (name == "B" && i + 1 < words.size() && (words[i + 1] == "i" || words[i + 1] == "c" || words[i + 1] == "d")) {
      options_.emulator_arguments.push_back(words[++i]);
      name += words[i];
    }
    if (name[0] == 'B') return take_break_mode(name, word);
    if (starts("fn")) return take_file_names(name, word);
    if (starts("hmqd")) {
      if (!attached(4) || (text != "off_heap" && text != "on_heap")) return fail("hanse: +hmqd expects off_heap or on_heap");
      options_.message_queue_off_heap = text == "off_heap";
      return true;
    }
    if (starts("pc")) {
      if (!attached(2) || (text != "unicode" && text != "latin1"))
        return fail("bad range of printable characters \"" + text + "\": +pc expects unicode or latin1");
      options_.printable_unicode = text == "unicode";
      return true;
    }
    if (name[0] == 'W') {
      if (!attached(1) || (text != "i" && text != "w" && text != "e")) return fail("hanse: +W expects i, w or e: what warnings are reported as");
      options_.warning_level = text[0];
      return true;
    }
    if (name[0] == 'n') return (attached(1) && (text == "s" || text == "a" || text == "d")) || fail("hanse: +n expects s, a or d");
    if (name == "V") return options_.show_version = true;
    if (name == "i") return attached(1) ? (options_.initial_module = text, true) : fail("hanse: +i needs a module");
    return take_ignored(name, word, words, i);
  }

  bool take_time_warp(bool present, const std::string& text) {
    static constexpr std::pair<std::string_view, TimeWarp> modes[] = {
        {"no_time_warp", TimeWarp::none}, {"single_time_warp", TimeWarp::single}, {"multi_time_warp", TimeWarp::multi}};
    for (auto [name, mode] : modes)
      if (present && text == name) return options_.time_warp = mode, true;
    return fail("hanse: +C expects no_time_warp, single_time_warp or multi_time_warp" + (present ? ", got " + text : ""));
  }

  bool take_break_mode(const std::string& name, const std::string& word) {
    if (name != "B" && name != "Bi" && name != "Bc" && name != "Bd") return fail("hanse: expected +B, +Bi, +Bc or +Bd, got " + word);
    options_.break_mode = name.size() == 1 ? 'b' : name[1];
    return true;
  }

  // What encoding the names of files have, and what becomes of names that are not in it.
  bool take_file_names(const std::string& name, const std::string& word) {
    static constexpr std::string_view encodings = "lua", reactions = "wie";  // a: by the locale, which is UTF-8
    static constexpr BadFileName bad_names[] = {BadFileName::warning, BadFileName::ignore, BadFileName::error};
    size_t reaction = name.size() < 4 ? 0 : reactions.find(name[3]);
    if (name.size() < 3 || encodings.find(name[2]) == std::string_view::npos || reaction == std::string_view::npos)
      return fail("hanse: expected +fnl, +fnu or +fna, and w, i or e behind it, got " + word);
    options_.file_names.encoding = name[2] == 'l' ? FileNameEncoding::latin1 : FileNameEncoding::utf8;
    options_.file_names.on_bad_name = bad_names[reaction];
    return true;
  }

  // Memory allocators (+MB...) and schedulers' tuning: accepted, without effect.
  bool take_ignored(const std::string& name, const std::string& word, const std::vector<std::string>& words, size_t& i) {
    if (name[0] == 'M') {
      static constexpr std::string_view allocators = "BDEFHILMRSTXYZdeu";
      if (name.size() < 3 || !allocators.contains(name[1])) return fail("hanse: expected +M, an allocator and a setting, got " + word);
      if (i + 1 < words.size() && words[i + 1][0] != '-' && words[i + 1][0] != '+') options_.emulator_arguments.push_back(words[++i]);
      return true;
    }
    const EmulatorFlag* best = nullptr;
    for (const EmulatorFlag& flag : ignored_flags)
      if (name.rfind(flag.name, 0) == 0 && (best == nullptr || std::string_view(flag.name).size() > std::string_view(best->name).size()))
        best = &flag;
    if (best == nullptr) return fail("hanse: unknown emulator flag " + word + "; see hanse --help for those that exist");
    if (!best->silent) options_.warnings.push_back("hanse: +" + std::string(best->name) + " has no effect in Hanse");
    if (best->takes_value && name == best->name && i + 1 < words.size() && words[i + 1][0] != '-' && words[i + 1][0] != '+')
      options_.emulator_arguments.push_back(words[++i]);
    return true;
  }

  // Hanse's own application, behind all others. It is built beside this program.
  void add_own_application() {
    std::string own = own_application();
    auto home = std::ranges::find(options_.init_arguments, "-home");
    if (!own.empty() && options_.init_arguments.end() - home > 1) options_.init_arguments.insert(home + 2, {"-pz", own});
  }

  void finish() {
    if (const char* root = std::getenv("HANSE_OTP_ROOT")) options_.root = root;
    options_.bindir = options_.root + "/erts-13.1.5/bin";
    const char* home = std::getenv("HOME");
    auto& out = options_.init_arguments;
    out = {"-root", options_.root, "-bindir", options_.bindir, "-progname", "erl", "--", "-home", home == nullptr ? "/" : home};
    add_own_application();
    out.push_back("--");
    // The only way by which OTP learns of it.
    if (const char* port = std::getenv("ERL_EPMD_PORT"); port != nullptr && *port != 0)
      out.insert(out.end(), {"-epmd_port", port});
    out.insert(out.end(), user_.begin(), user_.end());
    if (extra_.empty()) return;
    out.push_back("-extra");
    out.insert(out.end(), extra_.begin(), extra_.end());
  }

  NodeOptions options_;
  ThreadFlags threads_;
  std::optional<CpuTopology> topology_;
  std::optional<BindType> bind_type_;
  std::string error_;
  std::vector<std::string> user_;
  std::vector<std::string> extra_;  // what stands behind -extra
  bool named_ = false;
  bool start_epmd_ = true;
  bool no_epmd_ = false;
  bool other_carrier_ = false;
};

}  // namespace

std::expected<NodeOptions, std::string> parse_command_line(std::vector<std::string> arguments) {
  return Parser().run(std::move(arguments));
}

}  // namespace hanse
