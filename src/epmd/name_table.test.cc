#include "epmd/name_table.h"

#include <gtest/gtest.h>

namespace hanse::epmd {

static Registration named(const std::string& name, uint16_t port = 4000) { return {name, port, 77, 0, 6, 5, ""}; }

TEST(EpmdNameTable, ANameBelongsToOneConnection) {
  NameTable names(100);
  EXPECT_EQ(names.add(named("a"), 7), 100u);
  EXPECT_EQ(names.add(named("a"), 8), std::nullopt);
  EXPECT_EQ(names.find("a")->owner, 7);
  EXPECT_EQ(names.find("b"), nullptr);
}

TEST(EpmdNameTable, AnotherLifeHasAnotherCreation) {
  NameTable names(100);
  EXPECT_EQ(names.add(named("a"), 7), 100u);
  EXPECT_TRUE(names.remove_owner(7));
  EXPECT_FALSE(names.remove_owner(7));
  EXPECT_EQ(names.find("a"), nullptr);
  EXPECT_EQ(names.add(named("a"), 7), 101u);
}

TEST(EpmdNameTable, CreationsWrapOverTheSmallOnes) {
  NameTable names(0xffffffff);
  EXPECT_EQ(names.add(named("a"), 7), 0xffffffffu);
  EXPECT_EQ(names.add(named("b"), 8), 4u);
}

TEST(EpmdNameTable, Texts) {
  NameTable names(100);
  names.add(named("a", 1), 7);
  names.add(named("b", 2), 8);
  EXPECT_EQ(names.names_text(), "name b at port 2\nname a at port 1\n");
  names.remove_owner(7);
  using namespace std::string_literals;
  EXPECT_EQ(names.dump_text(), "active name     <b> at port 2, fd = 8\n\0old/unused name <a>, port = 1, fd = 7 \n\0"s);
  names.add(named("a", 3), 9);
  EXPECT_EQ(names.names_text(), "name a at port 3\nname b at port 2\n");
  EXPECT_EQ(names.dump_text().find("unused"), std::string::npos);
}

}  // namespace hanse::epmd
