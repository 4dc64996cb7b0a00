#include "io/tty_line.h"

#include <gtest/gtest.h>

#include <clocale>

namespace hanse {

static std::string taken(TtyLine& line) { return std::exchange(line.out, {}); }

// The expected bytes are what stock sends to an xterm of 80 columns.
TEST(TtyLine, edits_a_line) {
  TtyLine line;
  line.put("1> ");
  line.insert("abc");
  taken(line);
  line.move(-1);
  EXPECT_EQ(taken(line), "\b");
  line.insert("X");
  EXPECT_EQ(taken(line), "Xc\b");
  line.erase(-1);
  EXPECT_EQ(taken(line), "\bc \b\b");
  line.move(-2);
  EXPECT_EQ(taken(line), "\b\b");
  line.insert("Z");
  EXPECT_EQ(taken(line), "Zabc\b\b\b");
  line.move(3);
  EXPECT_EQ(taken(line), "\x1b[C\x1b[C\x1b[C");
  line.erase(-4);
  EXPECT_EQ(taken(line), "\b\b\b\b    \b\b\b\b");
}

TEST(TtyLine, wraps_at_the_width) {
  TtyLine line;
  line.put("1> ");
  taken(line);
  line.insert(std::string(77, 'a'));
  EXPECT_EQ(taken(line), std::string(77, 'a') + " \b");
  line.insert(std::string(13, 'a'));
  taken(line);
  line.move(-90);
  EXPECT_EQ(taken(line), "\x1b[A" + std::string(10, '\b'));
  line.insert("b");
  EXPECT_EQ(taken(line), "b" + std::string(90, 'a') + "\x1b[A" + std::string(10, '\b'));
  line.move(90);
  EXPECT_EQ(taken(line), "\n\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C");
  line.put("\n");
  EXPECT_EQ(taken(line), "\r\n");
  EXPECT_EQ(line.length(), 0u);
}

TEST(TtyLine, knows_wide_and_control_characters) {
  setlocale(LC_CTYPE, "C.UTF-8");
  TtyLine line;
  line.insert("\u00e9\u65e5\u672c");
  EXPECT_EQ(taken(line), "\u00e9\u65e5\u672c");
  EXPECT_EQ(line.cursor(), 5u);
  line.move(-1);
  EXPECT_EQ(taken(line), "\b\b");
  line.move(-1);
  taken(line);
  line.insert("x");
  EXPECT_EQ(taken(line), "x\u65e5\u672c\b\b\b\b");
  line.erase(-1);
  EXPECT_EQ(taken(line), "\b\u65e5\u672c \b\b\b\b\b");
  line.put("\n");
  taken(line);
  line.put("ab\tc\bd\n");
  EXPECT_EQ(taken(line), "ab      c^Hd\r\n");
}

TEST(TtyLine, control_sequences_take_no_column) {
  setlocale(LC_CTYPE, "C.UTF-8");
  TtyLine line;
  line.width = 10;
  line.put("\x1b[33ma\x1b[0m");
  EXPECT_EQ(taken(line), "\x1b[33ma\x1b[0m");
  EXPECT_EQ(line.cursor(), 1u);
  line.put("\x1b[1;31m");
  line.put("b\u65e5\x1b[m\tcd");
  EXPECT_EQ(taken(line), "\x1b[1;31mb\u65e5\x1b[m    cd \b");
  line.move(-10);
  EXPECT_EQ(taken(line), "\x1b[A");
  line.insert("x");
  EXPECT_EQ(taken(line), "xa\x1b[0m\x1b[1;31mb\u65e5\x1b[m    cd\x1b[A");
  line.put("\n");
  taken(line);
  line.put("\x1b\x1b[3");
  EXPECT_EQ(taken(line), "\x1b\x1b[3");
  EXPECT_EQ(line.cursor(), 2u);
  line.put("\n\x1b[2K");
  EXPECT_EQ(taken(line), "\r\n\x1b[2K");
}

}  // namespace hanse
