// See tty_line.h.
#include "io/tty_line.h"

#include <wchar.h>

#include <algorithm>
#include <cstdio>

#include "term/text.h"

namespace hanse {

static constexpr size_t tab_stop = 8;
static constexpr char32_t escape = 0x1b;

static std::u32string decode(std::string_view text) {
  std::u32string characters;
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  const auto* end = at + text.size();
  while (at != end) {
    const uint8_t* start = at;
    int32_t character = next_utf8(at, end);
    if (character < 0) {
      character = *start;
      at = start + 1;
    }
    characters.push_back(static_cast<char32_t>(character));
  }
  return characters;
}

void TtyLine::put_cells(const std::vector<Cell>& cells, bool overwrite) {
  size_t start = position_;
  if (overwrite) {
    for (const Cell& cell : cells) {
      if (position_ == cells_.size()) cells_.emplace_back();
      cells_[position_++] = cell;
    }
    // Half of a wide character that was overwritten becomes a space.
    if (position_ < cells_.size() && !cells_[position_].is_start()) cells_[position_].characters = U" ";
    emit(start, position_);
  } else {
    cells_.insert(cells_.begin() + static_cast<ptrdiff_t>(position_), cells.begin(), cells.end());
    position_ += cells.size();
    emit(start, cells_.size());
    move_cursor(cells_.size(), position_);
  }
}

void TtyLine::new_line() {
  move_cursor(position_, cells_.size());
  out += "\r\n";
  cells_.clear();
  position_ = 0;
}

// Control characters as ^X, what cannot be shown as \x{...}.
static std::u32string visible(char32_t c, bool unicode) {
  if (c < 0x20) return {U'^', c + 0x40};
  if (c == 0x7f) return U"^?";
  bool shown = unicode ? (c >= 0xa0 || c < 0x80) : c < 0x100 && (c >= 0xa0 || c < 0x80);
  if (shown && (c < 0x100 || wcwidth(static_cast<wchar_t>(c)) >= 0)) return {c};
  char text[16];
  int size = snprintf(text, sizeof text, c < 0x100 ? "\\%03o" : "\\x{%X}", static_cast<unsigned>(c));
  return std::u32string(text, text + size);
}

// Of what the escape character at `at` begins: a whole control sequence, as for colours (ECMA-48, 5.4: CSI), or only itself.
static size_t escape_length(const std::u32string& text, size_t at) {
  if (at + 1 >= text.size() || text[at + 1] != '[') return 1;
  size_t end = text.find_first_not_of(U"0123456789:;<=>?", at + 2);
  return end != std::u32string::npos && text[end] >= 0x40 && text[end] < 0x7f ? end + 1 - at : 1;
}

void TtyLine::attach(std::vector<Cell>& cells, size_t end, const std::u32string& characters) {
  while (end > 0 && !cells[end - 1].is_start()) end--;
  if (end > 0) cells[end - 1].characters += characters;
}

void TtyLine::put(std::string_view text) {
  // Runs without control characters are written in one piece.
  std::vector<Cell> run;
  auto flush = [&] {
    if (!run.empty()) put_cells(run, true);
    run.clear();
  };
  // What takes no column stays with the cell in front.
  auto add_to_last = [&](const std::u32string& characters) {
    if (!run.empty()) return attach(run, run.size(), characters);
    attach(cells_, position_, characters);
    write(characters);
  };
  std::u32string characters = decode(text);
  for (size_t i = 0; i < characters.size(); i++) {
    char32_t c = characters[i];
    if (c == '\n' || c == '\r') {
      flush();
      if (c == '\n')
        new_line();
      else
        move(-static_cast<int>(position_));
    } else if (c == '\t') {
      size_t column = position_ + run.size();
      run.resize(run.size() + tab_stop - column % tab_stop, Cell{U" "});
    } else if (c == escape) {
      size_t length = escape_length(characters, i);
      add_to_last(characters.substr(i, length));
      i += length - 1;
    } else {
      for (char32_t shown : visible(c, unicode)) {
        int columns = shown < 0x300 ? 1 : wcwidth(static_cast<wchar_t>(shown));
        if (columns == 0 && (!run.empty() || position_ > 0)) {
          add_to_last(std::u32string(1, shown));
          continue;
        }
        run.push_back({std::u32string(1, shown)});
        if (columns == 2) run.emplace_back();
      }
    }
  }
  flush();
}

void TtyLine::insert(std::string_view text) {
  std::vector<Cell> cells;
  for (char32_t c : decode(text)) {
    if (c == '\n' || c == '\r') {
      if (!cells.empty()) put_cells(cells, false);
      cells.clear();
      new_line();
    } else if (c == '\t') {
      size_t column = position_ + cells.size();
      cells.resize(cells.size() + tab_stop - column % tab_stop, Cell{U" "});
    } else {
      for (char32_t shown : visible(c, unicode)) {
        int columns = shown < 0x300 ? 1 : wcwidth(static_cast<wchar_t>(shown));
        if (columns == 0 && !cells.empty()) {
          attach(cells, cells.size(), std::u32string(1, shown));
          continue;
        }
        cells.push_back({std::u32string(1, shown)});
        if (columns == 2) cells.emplace_back();
      }
    }
  }
  if (!cells.empty()) put_cells(cells, false);
}

size_t TtyLine::position_after(int count) const {
  size_t position = position_;
  for (; count > 0 && position < cells_.size(); count--) {
    position++;
    while (position < cells_.size() && !cells_[position].is_start()) position++;
  }
  for (; count < 0 && position > 0; count++) {
    position--;
    while (position > 0 && !cells_[position].is_start()) position--;
  }
  return position;
}

void TtyLine::move(int count) {
  size_t target = position_after(count);
  move_cursor(position_, target);
  position_ = target;
}

void TtyLine::erase(int count) {
  size_t other = position_after(count);
  size_t from = std::min(position_, other), to = std::max(position_, other);
  if (from == to) return;
  move_cursor(position_, from);
  size_t old_length = cells_.size();
  cells_.erase(cells_.begin() + static_cast<ptrdiff_t>(from), cells_.begin() + static_cast<ptrdiff_t>(to));
  position_ = from;
  emit(from, cells_.size());
  out.append(old_length - cells_.size(), ' ');
  if (old_length % static_cast<size_t>(width) == 0) out += " \b";
  move_cursor(old_length, position_);
}

void TtyLine::write(const std::u32string& characters) {
  for (char32_t character : characters) {
    if (unicode || character < 0x80)
      append_utf8(out, static_cast<uint32_t>(character));
    else
      out += static_cast<char>(character);
  }
}

void TtyLine::emit(size_t from, size_t to) {
  for (size_t i = from; i < to; i++) write(cells_[i].characters);
  // The cursor of a terminal stays in the last column until one more character comes.
  if (from != to && to % static_cast<size_t>(width) == 0) out += " \b";
}

void TtyLine::move_cursor(size_t from, size_t to) {
  auto columns = static_cast<size_t>(width);
  for (size_t row = from / columns; row > to / columns; row--) out += "\x1b[A";
  for (size_t row = from / columns; row < to / columns; row++) out += '\n';
  size_t from_column = from % columns, to_column = to % columns;
  if (from_column > to_column) out.append(from_column - to_column, '\b');
  for (; from_column < to_column; from_column++) out += "\x1b[C";
}

}  // namespace hanse
