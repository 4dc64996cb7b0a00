// The line at the cursor, as tty_sl keeps it: what stands on the screen since the last newline, and the control sequences
// that change it. Pure: it makes bytes, others write them.
//
// A cell is one column. A wide character has a second, empty cell; marks that combine and sequences that set colours are kept with the
// cell in front.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hanse {

class TtyLine {
 public:
  // Everything below appends to `out` what the terminal must get.
  std::string out;
  int width = 80;
  bool unicode = true;

  // text: UTF-8 here and below. Overwrites what is at the cursor.
  void put(std::string_view text);
  // Pushes what is at the cursor to the right.
  void insert(std::string_view text);
  // Characters, to the left if negative.
  void move(int count);
  void erase(int count);
  void beep() { out += '\a'; }
  // For tests.
  size_t cursor() const { return position_; }
  size_t length() const { return cells_.size(); }

 private:
  struct Cell {
    std::u32string characters;  // empty: second half of a wide character
    bool is_start() const { return !characters.empty(); }
  };
  // To the last character of the first `end` cells.
  static void attach(std::vector<Cell>& cells, size_t end, const std::u32string& characters);
  void write(const std::u32string& characters);
  void put_cells(const std::vector<Cell>& cells, bool overwrite);
  void new_line();
  void emit(size_t from, size_t to);
  void move_cursor(size_t from, size_t to);
  // Position `count` characters away, clamped.
  size_t position_after(int count) const;

  std::vector<Cell> cells_;
  size_t position_ = 0;
};

}  // namespace hanse
