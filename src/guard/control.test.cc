#include "guard/control.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

using namespace hanse::guard;

static std::string entries(std::initializer_list<const char*> list) {
  std::string content;
  for (const char* entry : list) content.append(entry).push_back('\0');
  return content;
}

TEST(GuardControl, FramesComeInPieces) {
  std::string bytes = framed('P', "abc") + framed('X', "");
  FrameReader reader;
  for (char byte : bytes.substr(0, 7)) {
    reader.feed({&byte, 1});
    EXPECT_FALSE(reader.next());
  }
  reader.feed(bytes.substr(7));
  EXPECT_EQ(reader.next(), "Pabc");
  EXPECT_EQ(reader.next(), "X");
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.broken());
}

TEST(GuardControl, LengthsAreChecked) {
  FrameReader huge, empty;
  huge.feed("\xff\xff\xff\xff");
  EXPECT_FALSE(huge.next());
  EXPECT_TRUE(huge.broken());
  empty.feed(std::string(4, '\0'));
  EXPECT_FALSE(empty.next());
  EXPECT_TRUE(empty.broken());
}

TEST(GuardControl, PlanIsRead) {
  auto [plan, error] = parse_plan(entries({"arg=python3", "arg=a=b", "env=A=1", "directory=/tmp", "user=nobody",
                                           "input=3", "output=4", "limit.memory=1000", "limit.cpu=7", "network=0", "grace_ms=20"}));
  EXPECT_EQ(error, "");
  EXPECT_EQ(plan.arguments, (std::vector<std::string>{"python3", "a=b"}));
  EXPECT_EQ(plan.environment, (std::vector<std::string>{"A=1"}));
  EXPECT_EQ(plan.directory, "/tmp");
  EXPECT_EQ(plan.user, "nobody");
  EXPECT_EQ(plan.channel_input, 3);
  EXPECT_EQ(plan.channel_output, 4);
  EXPECT_FALSE(plan.network);
  EXPECT_EQ(plan.grace_ms, 20U);
  EXPECT_EQ(plan.limits, (std::vector<std::pair<int, uint64_t>>{{RLIMIT_AS, 1000}, {RLIMIT_CPU, 7}}));
}

TEST(GuardControl, PlansAreChecked) {
  EXPECT_NE(parse_plan("").error, "");
  EXPECT_NE(parse_plan(entries({"arg=x", "limit.luck=1"})).error, "");
  EXPECT_NE(parse_plan(entries({"arg=x", "limit.cpu=-1"})).error, "");
  EXPECT_NE(parse_plan(entries({"arg=x", "network=2"})).error, "");
  EXPECT_NE(parse_plan(entries({"arg=x", "input=5"})).error, "");
  EXPECT_NE(parse_plan(entries({"arg=x", "input=1"})).error, "");
  EXPECT_NE(parse_plan(entries({"arg=x", "nonsense"})).error, "");
}
