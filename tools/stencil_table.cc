// Reads object files made from src/interp/*.cc with HANSE_STENCILS (src/interp/stencil.h) and writes a C++ table of their
// handlers: machine code, and what has to be filled in where. Handlers that refer to anything but holes and functions or
// data with a name of their own cannot be copied and are left out.
//
//   stencil-table short=a.o,b.o long=c.o,d.o floats-short=e.o floats-long=f.o > stencils.inc
//
// Of two stencils for the same operands the one that hands float registers on is taken, unless it is longer, because then it
// had to save them.
#include <cxxabi.h>
#include <elf.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

struct Patch {
  uint32_t offset;
  const char* width;  // abs32, abs32_signed, abs64, relative32
  std::string hole;   // Hole::x ...
  uint32_t which;     // operand, or symbol
  int64_t addend;
};

struct Stencil {
  std::string handler;
  bool is_short;
  std::string bytes;
  std::vector<Patch> patches;
  bool keeps_floats = false;
  uint32_t copies = 0;  // jit/stencils.h
  std::string readable = {};

  bool goes_on() const {
    return std::any_of(patches.begin(), patches.end(), [](const Patch& patch) { return patch.hole == "next"; });
  }
};

std::vector<Stencil> stencils;
std::map<std::string, uint32_t> symbols;
size_t left_out = 0;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "stencil-table: %s\n", what.c_str());
  std::exit(1);
}

bool is_handler(std::string_view name) {
  return name.starts_with("_ZN5hanse") && name.find("handler_") != name.npos && name.find("3runEPNS") != name.npos;
}

// hanse_hole_x_3 is operand 3 as the offset of an X register.
bool read_hole(std::string_view name, Patch& patch) {
  constexpr std::string_view prefix = "hanse_hole_";
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  size_t line = name.rfind('_');
  patch.hole = std::string(name.substr(0, line));
  patch.which = line == name.npos ? 0 : static_cast<uint32_t>(name[line + 1] - '0');
  return true;
}

// Functions that take four more doubles have the name of the one that they stand for, and those parameters.
std::string without_floats(std::string name) {
  if (name.ends_with("ldddd")) name.resize(name.size() - 4);
  return name;
}

std::string demangled(const std::string& name) {
  int status = 0;
  char* text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  if (text == nullptr) fail("no C++ name: " + name);
  std::string result = text;
  std::free(text);
  result.resize(result.find("::run("));
  std::erase(result, ' ');
  return result;
}

// FloatIn<2> becomes FloatWord and a digit.
void read_copies(Stencil& stencil) {
  constexpr std::string_view general = "FloatWord", copy = "FloatIn<";
  std::string& name = stencil.readable = demangled(stencil.handler);
  for (size_t at = 0; (at = name.find("Float", at)) != name.npos; at += general.size()) {
    uint32_t digit = 0;
    if (name.compare(at, copy.size(), copy) == 0) {
      digit = static_cast<uint32_t>(name[at + copy.size()] - '0') + 1;
      name.replace(at, copy.size() + 2, general);
    }
    stencil.copies = stencil.copies * 5 + digit;
  }
}

// Handlers of copies get the name of the handler in general, and one of two stencils for the same is left.
void choose_stencils() {
  std::map<std::string, std::string> general;
  for (Stencil& stencil : stencils) {
    if (!stencil.keeps_floats) continue;
    read_copies(stencil);
    if (stencil.copies == 0) general[stencil.readable] = stencil.handler;
  }
  std::map<std::tuple<std::string, bool, uint32_t>, Stencil*> chosen;
  for (Stencil& stencil : stencils) {
    if (stencil.keeps_floats) stencil.handler = general.at(stencil.readable);
    Stencil*& best = chosen[{stencil.handler, stencil.is_short, stencil.copies}];
    if (best == nullptr || stencil.bytes.size() < best->bytes.size() ||
        (stencil.bytes.size() == best->bytes.size() && stencil.keeps_floats))
      best = &stencil;
  }
  std::vector<Stencil> result;
  for (Stencil& stencil : stencils) {
    if (chosen[{stencil.handler, stencil.is_short, stencil.copies}] != &stencil) continue;
    stencil.keeps_floats = stencil.keeps_floats && stencil.goes_on();
    result.push_back(stencil);
  }
  stencils = std::move(result);
}

class ObjectFile {
 public:
  explicit ObjectFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail("cannot read " + path);
    data_.assign(std::istreambuf_iterator<char>(file), {});
    header_ = at<Elf64_Ehdr>(0);
    if (std::memcmp(header_->e_ident, ELFMAG, SELFMAG) != 0 || header_->e_machine != EM_X86_64)
      fail(path + " is no object file for x86-64");
    sections_ = at<Elf64_Shdr>(header_->e_shoff);
  }

  void collect(bool is_short, bool with_floats) {
    std::map<size_t, size_t> relocations;  // section -> its relocations' section
    size_t table = 0;
    for (size_t i = 0; i < header_->e_shnum; i++) {
      if (sections_[i].sh_type == SHT_RELA) relocations[sections_[i].sh_info] = i;
      if (sections_[i].sh_type == SHT_SYMTAB) table = i;
    }
    symbols_ = at<Elf64_Sym>(sections_[table].sh_offset);
    names_ = data_.data() + sections_[sections_[table].sh_link].sh_offset;
    size_t count = sections_[table].sh_size / sizeof(Elf64_Sym);
    for (size_t i = 0; i < count; i++) {
      const Elf64_Sym& symbol = symbols_[i];
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF || !is_handler(name_of(symbol))) continue;
      Stencil stencil{name_of(symbol), is_short, {}, {}, with_floats};
      if (with_floats) stencil.handler = without_floats(stencil.handler);
      stencil.bytes.assign(data_.data() + sections_[symbol.st_shndx].sh_offset + symbol.st_value, symbol.st_size);
      auto found = relocations.find(symbol.st_shndx);
      if (found == relocations.end() || read_patches(sections_[found->second], symbol, stencil)) stencils.push_back(stencil);
      else left_out++;
    }
  }

 private:
  template <class T> const T* at(size_t offset) const { return reinterpret_cast<const T*>(data_.data() + offset); }
  const char* name_of(const Elf64_Sym& symbol) const { return names_ + symbol.st_name; }

  bool read_patches(const Elf64_Shdr& section, const Elf64_Sym& function, Stencil& stencil) {
    const auto* rows = at<Elf64_Rela>(section.sh_offset);
    for (size_t i = 0; i < section.sh_size / sizeof(Elf64_Rela); i++) {
      if (rows[i].r_offset < function.st_value || rows[i].r_offset >= function.st_value + function.st_size) continue;
      Patch patch{static_cast<uint32_t>(rows[i].r_offset - function.st_value), nullptr, {}, 0, rows[i].r_addend};
      switch (ELF64_R_TYPE(rows[i].r_info)) {
        case R_X86_64_32: patch.width = "abs32"; break;
        case R_X86_64_32S: patch.width = "abs32_signed"; break;
        case R_X86_64_64: patch.width = "abs64"; break;
        case R_X86_64_PC32:
        case R_X86_64_PLT32: patch.width = "relative32"; break;
        default: return false;
      }
      const Elf64_Sym& target = symbols_[ELF64_R_SYM(rows[i].r_info)];
      std::string name = name_of(target);
      if (!read_hole(name, patch)) {
        if (ELF64_ST_BIND(target.st_info) == STB_LOCAL || name.empty()) return false;
        patch.hole = "symbol";
        patch.which = symbols.emplace(without_floats(name), static_cast<uint32_t>(symbols.size())).first->second;
      }
      stencil.patches.push_back(patch);
    }
    return true;
  }

  std::string data_;
  const Elf64_Ehdr* header_ = nullptr;
  const Elf64_Shdr* sections_ = nullptr;
  const Elf64_Sym* symbols_ = nullptr;
  const char* names_ = nullptr;
};

void write_table() {
  std::map<std::string, uint32_t> handlers;
  for (const Stencil& stencil : stencils) handlers.emplace(stencil.handler, static_cast<uint32_t>(handlers.size()));
  for (const auto& [name, number] : handlers) std::printf("extern const char handler_%u asm(\"%s\");\n", number, name.c_str());
  for (const auto& [name, number] : symbols) std::printf("extern const char symbol_%u asm(\"%s\");\n", number, name.c_str());
  std::printf("const char* const symbols[] = {nullptr");
  std::vector<uint32_t> in_order(symbols.size());
  for (const auto& [name, number] : symbols) in_order[number] = number;
  for (uint32_t number : in_order) std::printf(", &symbol_%u", number);
  std::printf("};\nconst uint8_t bytes[] = {");
  for (const Stencil& stencil : stencils)
    for (char byte : stencil.bytes) std::printf("%u,", static_cast<unsigned char>(byte));
  std::printf("};\nconst Patch patches[] = {\n");
  for (const Stencil& stencil : stencils)
    for (const Patch& patch : stencil.patches)
      std::printf("{%u, Width::%s, Hole::%s, %u, %lld},\n", patch.offset, patch.width, patch.hole.c_str(),
                  patch.hole == "symbol" ? patch.which + 1 : patch.which, static_cast<long long>(patch.addend));
  std::printf("};\nconst Stencil rows[] = {\n");
  size_t byte = 0, patch = 0;
  for (const Stencil& stencil : stencils) {
    std::printf("{&handler_%u, %s, %s, %u, bytes + %zu, %zu, patches + %zu, %zu},\n", handlers[stencil.handler],
                stencil.is_short ? "true" : "false", stencil.keeps_floats ? "true" : "false", stencil.copies, byte, stencil.bytes.size(), patch, stencil.patches.size());
    byte += stencil.bytes.size();
    patch += stencil.patches.size();
  }
  std::printf("};\n// %zu left out\n", left_out);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; i++) {
    std::string_view argument = argv[i];
    size_t equal = argument.find('=');
    if (equal == argument.npos) fail("expected short=FILES, long=FILES, floats-short=FILES or floats-long=FILES, got " + std::string(argument));
    bool is_short = argument.substr(0, equal).ends_with("short"), with_floats = argument.starts_with("floats-");
    std::string_view files = argument.substr(equal + 1);
    while (!files.empty()) {
      size_t comma = std::min(files.find(','), files.size());
      ObjectFile(std::string(files.substr(0, comma))).collect(is_short, with_floats);
      files.remove_prefix(std::min(comma + 1, files.size()));
    }
  }
  choose_stencils();
  write_table();
}
