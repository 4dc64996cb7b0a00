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

}  // namespace hanse
