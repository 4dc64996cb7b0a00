// Reads object files made from src/interp/*.cc with HANSE_STENCILS (src/interp/stencil.h) and writes a C++ table of their
// handlers: machine code, and what has to be filled in where. Handlers that refer to anything but holes and functions or
// data with a name of their own cannot be copied and are left out.
//
// The compiler puts each basic block into a section of its own (-fbasic-block-sections). What runs as a rule, the blocks that follow one another
// by the compiler's own order, comes first and goes on to the next instruction by its end; the others lie elsewhere.
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
  std::string hole;   // Hole::x ..., or block
  uint32_t which;     // operand, symbol or block
  int64_t addend;

  bool is_relative() const { return width[0] == 'r'; }
};

struct Block {
  std::string bytes;
  std::vector<Patch> patches;

  // Of a jump, which takes five bytes at the end; nullptr: it ends otherwise.
  Patch* jump() { return five_bytes_before(bytes.size(), '\xe9'); }
  // Of a conditional jump right before that jump.
  Patch* branch() {
    size_t end = bytes.size() - 5;
    bool fits = end >= 6 && bytes[end - 6] == '\x0f' && (bytes[end - 5] & 0xf0) == 0x80;
    return fits && jump() != nullptr ? five_bytes_before(end, bytes[end - 5]) : nullptr;
  }

 private:
  Patch* five_bytes_before(size_t end, char code) {
    if (end < 5 || bytes[end - 5] != code) return nullptr;
    for (Patch& patch : patches)
      if (patch.offset == end - 4 && patch.is_relative() && patch.addend == -4) return &patch;
    return nullptr;
  }
};

struct Stencil {
  std::string handler;
  bool is_short;
  bool keeps_floats = false;
  uint32_t copies = 0;  // jit/stencils.h
  std::string readable = {};
  std::string bytes = {};  // those that lie elsewhere at the end
  size_t near_size = 0;
  std::vector<Patch> patches = {};
  bool goes_on = false;  // to the next instruction
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
    stencil.keeps_floats = stencil.keeps_floats && stencil.goes_on;
    result.push_back(stencil);
  }
  stencils = std::move(result);
}

// Lays out the blocks of a function.
class Layout {
 public:
  Layout(std::vector<Block>& blocks, Stencil& stencil) : blocks_(blocks), stencil_(stencil), places_(blocks.size(), none) {}

  // False: a block is referred to in a way that is not known.
  bool run() {
    for (Block& block : blocks_) skip_jumps(block);
    for (Block& block : blocks_) {
      stencil_.goes_on |= std::any_of(block.patches.begin(), block.patches.end(), [](const Patch& patch) { return patch.hole == "next"; });
      turn_branch(block);
    }
    place_chain(0);
    if (!stencil_.patches.empty() && is_last_jump(stencil_.patches.back()) && stencil_.patches.back().hole == "next") {
      stencil_.bytes.resize(stencil_.bytes.size() - 5);
      stencil_.patches.pop_back();
    }
    stencil_.near_size = stencil_.bytes.size();
    for (size_t i = 0; i < stencil_.patches.size(); i++)  // grows meanwhile
      if (uint32_t block = stencil_.patches[i].which; stencil_.patches[i].hole == "block" && places_[block] == none) place_chain(block);
    return resolve();
  }

 private:
  static constexpr size_t none = ~size_t{0};

  // Jumps to a block that is nothing but a jump lead where that leads.
  void skip_jumps(Block& block) {
    for (Patch& patch : block.patches)
      for (int i = 0; i < 8 && patch.hole == "block" && patch.is_relative() && patch.addend == -4; i++) {
        Block& target = blocks_[patch.which];
        if (target.bytes.size() != 5 || target.jump() == nullptr) break;
        patch.hole = target.jump()->hole;
        patch.which = target.jump()->which;
      }
  }

  // "If so, to the next instruction, else there" becomes "if not so, there".
  static void turn_branch(Block& block) {
    Patch* branch = block.branch();
    if (branch == nullptr || branch->hole != "next" || block.jump()->hole == "block" || block.jump()->hole == "next") return;
    std::swap(branch->hole, block.jump()->hole);
    std::swap(branch->which, block.jump()->which);
    block.bytes[block.bytes.size() - 10] ^= 1;
  }

  bool is_last_jump(const Patch& patch) const {
    return patch.offset + 4 == stencil_.bytes.size() && patch.is_relative() && patch.addend == -4 &&
           stencil_.bytes[patch.offset - 1] == '\xe9';
  }

  // The block, and those that its end leads to.
  void place_chain(uint32_t which) {
    while (true) {
      Block& block = blocks_[which];
      places_[which] = stencil_.bytes.size();
      for (Patch patch : block.patches) {
        patch.offset += static_cast<uint32_t>(stencil_.bytes.size());
        stencil_.patches.push_back(patch);
      }
      stencil_.bytes += block.bytes;
      if (stencil_.patches.empty()) return;
      Patch last = stencil_.patches.back();
      if (last.hole != "block" || !is_last_jump(last) || places_[last.which] != none) return;
      stencil_.bytes.resize(stencil_.bytes.size() - 5);
      stencil_.patches.pop_back();
      which = last.which;
    }
  }

  bool is_near(size_t offset) const { return offset < stencil_.near_size; }

  bool resolve() {
    std::vector<Patch> left;
    for (Patch& patch : stencil_.patches) {
      if (patch.hole == "block") {
        size_t target = places_[patch.which];
        if (!patch.is_relative()) return false;
        if (is_near(target) == is_near(patch.offset)) {
          auto distance = static_cast<int32_t>(static_cast<int64_t>(target) + patch.addend - patch.offset);
          std::memcpy(&stencil_.bytes[patch.offset], &distance, sizeof distance);
          continue;
        }
        patch.hole = is_near(target) ? "near_part" : "far_part";
        patch.which = 0;
        patch.addend += static_cast<int64_t>(is_near(target) ? target : target - stencil_.near_size);
      }
      left.push_back(patch);
    }
    stencil_.patches = std::move(left);
    return true;
  }

  std::vector<Block>& blocks_;
  Stencil& stencil_;
  std::vector<size_t> places_;  // of blocks, in the stencil
};

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
    // Blocks are sections: NAME, NAME.__part.1, ...
    constexpr std::string_view part = ".__part.";
    std::map<std::string, std::map<int, size_t>> functions;
    size_t count = sections_[table].sh_size / sizeof(Elf64_Sym);
    for (size_t i = 0; i < count; i++) {
      std::string name = name_of(symbols_[i]);
      if (symbols_[i].st_shndx == SHN_UNDEF || !is_handler(name)) continue;
      size_t dot = name.find(part);
      functions[name.substr(0, dot)][dot == name.npos ? 0 : std::atoi(name.c_str() + dot + part.size())] = symbols_[i].st_shndx;
    }
    for (const auto& [name, sections] : functions) {
      Stencil stencil{with_floats ? without_floats(name) : name, is_short, with_floats};
      std::map<size_t, uint32_t> numbers;  // of blocks, by section
      for (const auto& [number, section] : sections) numbers.emplace(section, static_cast<uint32_t>(numbers.size()));
      std::vector<Block> blocks;
      bool is_right = sections.begin()->first == 0 && numbers.size() == sections.size();
      for (const auto& [number, section] : sections) {
        Block& block = blocks.emplace_back();
        block.bytes.assign(data_.data() + sections_[section].sh_offset, sections_[section].sh_size);
        auto found = relocations.find(section);
        is_right = is_right && (found == relocations.end() || read_patches(sections_[found->second], numbers, block));
      }
      if (is_right && Layout(blocks, stencil).run()) stencils.push_back(stencil);
      else left_out++;
    }
  }

 private:
  template <class T> const T* at(size_t offset) const { return reinterpret_cast<const T*>(data_.data() + offset); }
  const char* name_of(const Elf64_Sym& symbol) const { return names_ + symbol.st_name; }

  bool read_patches(const Elf64_Shdr& section, const std::map<size_t, uint32_t>& blocks, Block& block) {
    const auto* rows = at<Elf64_Rela>(section.sh_offset);
    for (size_t i = 0; i < section.sh_size / sizeof(Elf64_Rela); i++) {
      Patch patch{static_cast<uint32_t>(rows[i].r_offset), nullptr, {}, 0, rows[i].r_addend};
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
      if (auto own = blocks.find(target.st_shndx); own != blocks.end() && target.st_value == 0) {
        patch.hole = "block";
        patch.which = own->second;
      } else if (!read_hole(name, patch)) {
        if (ELF64_ST_BIND(target.st_info) == STB_LOCAL || name.empty()) return false;
        patch.hole = "symbol";
        patch.which = symbols.emplace(without_floats(name), static_cast<uint32_t>(symbols.size())).first->second;
      }
      block.patches.push_back(patch);
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
    std::printf("{&handler_%u, %s, %s, %u, bytes + %zu, %zu, %zu, patches + %zu, %zu},\n", handlers[stencil.handler],
                stencil.is_short ? "true" : "false", stencil.keeps_floats ? "true" : "false", stencil.copies, byte, stencil.near_size, stencil.bytes.size() - stencil.near_size, patch, stencil.patches.size());
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
