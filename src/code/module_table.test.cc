#include "code/module_table.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "code/host_realm.h"
#include "code/literal_collector.h"
#include "term/atom.h"

namespace hanse {

namespace {

// A module of two functions, f/0 (exported) and g/1 (exported if wanted), and one fun; eight words of code for each.
std::unique_ptr<Module> make_module(HostRealm& realm, const char* name, bool exports_g, uint8_t digest = 1, bool on_load = false) {
  GenericModule generic;
  generic.name = make_atom(name);
  generic.exports.push_back({make_atom("f"), 0, 2});
  if (exports_g) generic.exports.push_back({make_atom("g"), 1, 4});
  generic.lambdas.push_back({make_atom("-f/0-fun-0-"), 1, 4, 0, 1, 77});
  generic.lines = {{0, 0}, {0, 10}, {1, 20}};
  generic.line_files = {"m.erl", "include.hrl"};
  generic.md5[0] = digest;
  generic.literal_area.reset(LiteralArea::create(2));
  generic.literal_area->allocate(2)[0] = 0;
  EmittedCode code;
  code.words.resize(16);
  code.functions = {{make_atom("f"), 0, 0, 2, 8}, {make_atom("g"), 1, 8, 10, 16}};
  code.lines = {{3, 1}, {5, 2}};
  code.export_entries = {2};
  if (exports_g) code.export_entries.push_back(10);
  code.lambda_entries = {10};
  code.on_load_entry = on_load ? 2 : 0;
  return std::make_unique<Module>(generic, std::move(code), realm, realm.boot_account);
}

ModuleTable::InstallResult install(HostRealm& realm, std::unique_ptr<Module> module) {
  std::unique_ptr<Module>* modules[] = {&module};
  return realm.modules().install(modules);
}

class ModuleTableTest : public testing::Test {
 protected:
  Term m = make_atom("m"), f = make_atom("f"), g = make_atom("g");
  HostRealm realm;
};

}  // namespace

TEST_F(ModuleTableTest, exports_follow_current_code) {
  Export* before = realm.export_for(m, g, 1);
  EXPECT_FALSE(before->is_loaded());
  install(realm, make_module(realm, "m", true));
  Module* first = realm.modules().current(m);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(before->entry.load(), first->begin() + 10);
  // The next version does not export g/1.
  EXPECT_EQ(install(realm, make_module(realm, "m", false)).outcome, ModuleTable::Install::ok);
  EXPECT_EQ(realm.modules().old(m), first);
  EXPECT_FALSE(before->is_loaded());
  EXPECT_EQ(realm.find_export(m, f, 0)->entry.load(), realm.modules().current(m)->begin() + 2);
  // A third one has to wait for a purge, and stays usable.
  auto third = make_module(realm, "m", true);
  std::unique_ptr<Module>* modules[] = {&third};
  auto refused = realm.modules().install(modules);
  EXPECT_EQ(refused.outcome, ModuleTable::Install::not_purged);
  EXPECT_EQ(refused.names, std::vector<Term>{m});
  EXPECT_NE(third, nullptr);
}

TEST_F(ModuleTableTest, built_in_functions_are_not_overridden) {
  static constexpr BifRow rows[] = {{"m", "f", 0, nullptr, BifKind::plain, Authority::pure}};
  realm.register_bifs(rows);
  install(realm, make_module(realm, "m", true));
  EXPECT_FALSE(realm.find_export(m, f, 0)->is_loaded());
  EXPECT_EQ(realm.find_bif(m, f, 0), &rows[0]);
  EXPECT_TRUE(realm.find_export(m, g, 1)->is_loaded());
}

TEST_F(ModuleTableTest, purge_takes_code_and_funs_away) {
  install(realm, make_module(realm, "m", true, 1));
  Module* first = realm.modules().current(m);
  Ip code = first->begin() + 10;
  uint8_t md5[16] = {1};
  FunEntry* entry = realm.fun_entry(m, 0, 77, md5, 0, 1);
  EXPECT_EQ(entry->entry.load(), code);
  EXPECT_EQ(entry->function, make_atom("-f/0-fun-0-"));
  EXPECT_NE(realm.fun_entry(m, 0, 77, md5, 1, 0), entry);  // a lie about the arity
  EXPECT_EQ(module_of(code), first);

  EXPECT_FALSE(realm.modules().purge_prepare(m));
  EXPECT_EQ(realm.modules().remove(m), ModuleTable::Delete::deleted);
  EXPECT_EQ(realm.modules().remove(m), ModuleTable::Delete::must_be_purged);
  EXPECT_EQ(realm.modules().loaded(), std::vector<Term>{m});  // old code counts
  EXPECT_EQ(entry->entry.load(), code);  // deleted code still runs
  EXPECT_TRUE(realm.modules().purge_prepare(m));
  EXPECT_EQ(entry->entry.load(), nullptr);
  EXPECT_TRUE(realm.modules().purge_abort(m));
  EXPECT_EQ(entry->entry.load(), code);
  size_t waiting = retired_literal_areas();
  EXPECT_TRUE(realm.modules().purge_prepare(m) && realm.modules().purge_complete(m));
  EXPECT_EQ(module_of(code), nullptr);
  EXPECT_EQ(entry->entry.load(), nullptr);
  EXPECT_EQ(retired_literal_areas(), waiting + 1);
  EXPECT_TRUE(realm.modules().loaded().empty());
  EXPECT_EQ(realm.modules().remove(m), ModuleTable::Delete::deleted);  // it is known
  EXPECT_EQ(realm.modules().remove(make_atom("unknown")), ModuleTable::Delete::not_loaded);
}

TEST_F(ModuleTableTest, same_code_loaded_again_takes_over_funs) {
  install(realm, make_module(realm, "m", true, 1));
  install(realm, make_module(realm, "m", true, 1));
  FunEntry* entry = realm.modules().current(m)->lambdas()[0].entry;
  EXPECT_EQ(entry, realm.modules().old(m)->lambdas()[0].entry);
  realm.modules().purge_prepare(m);
  realm.modules().purge_complete(m);
  EXPECT_EQ(entry->entry.load(), realm.modules().current(m)->begin() + 10);
}

TEST_F(ModuleTableTest, on_load_code_is_invisible_until_accepted) {
  EXPECT_EQ(install(realm, make_module(realm, "m", true, 1, true)).outcome, ModuleTable::Install::on_load);
  EXPECT_EQ(realm.modules().current(m), nullptr);
  EXPECT_FALSE(realm.find_export(m, f, 0)->is_loaded());
  Export* function = realm.modules().pending_on_load(m);
  ASSERT_NE(function, nullptr);
  CodePlace place;
  EXPECT_TRUE(find_code(function->entry.load(), place));  // it can run, and shows up in stack traces
  EXPECT_TRUE(realm.modules().finish_on_load(m, true));
  EXPECT_TRUE(realm.find_export(m, f, 0)->is_loaded());
  EXPECT_FALSE(realm.modules().finish_on_load(m, true));

  EXPECT_EQ(install(realm, make_module(realm, "m", true, 2, true)).outcome, ModuleTable::Install::on_load);
  Ip refused = realm.modules().pending_on_load(m)->entry.load();
  EXPECT_TRUE(realm.modules().finish_on_load(m, false));
  EXPECT_TRUE(realm.modules().purge_prepare(m, ModuleTable::Purge::refused_by_on_load));
  EXPECT_EQ(realm.modules().purged(m), module_of(refused));
  EXPECT_TRUE(realm.modules().purge_complete(m));
  EXPECT_EQ(module_of(refused), nullptr);
  EXPECT_FALSE(realm.modules().finish_on_load(m, false));
  EXPECT_EQ(realm.modules().old(m), nullptr);
  EXPECT_NE(realm.modules().current(m), nullptr);
}

TEST_F(ModuleTableTest, several_at_once_or_none) {
  auto a = make_module(realm, "a", true), b = make_module(realm, "b", true), twice = make_module(realm, "a", true);
  std::unique_ptr<Module>* duplicated[] = {&a, &b, &twice};
  EXPECT_EQ(realm.modules().install(duplicated).outcome, ModuleTable::Install::duplicated);
  EXPECT_TRUE(realm.modules().loaded().empty());
  std::unique_ptr<Module>* both[] = {&a, &b};
  EXPECT_EQ(realm.modules().install(both).outcome, ModuleTable::Install::ok);
  EXPECT_EQ(realm.modules().loaded(), (std::vector<Term>{make_atom("b"), make_atom("a")}));
  EXPECT_EQ(a, nullptr);
}

TEST_F(ModuleTableTest, places_in_the_source) {
  install(realm, make_module(realm, "m", true));
  Ip begin = realm.modules().current(m)->begin();
  CodePlace place;
  ASSERT_TRUE(find_code(begin + 3, place));
  EXPECT_EQ(place.function, f);
  EXPECT_EQ(place.file, "m.erl");
  EXPECT_EQ(place.line, 10u);
  ASSERT_TRUE(find_code(begin + 7, place));
  EXPECT_EQ(place.file, "include.hrl");
  EXPECT_EQ(place.line, 20u);
  ASSERT_TRUE(find_code(begin + 12, place));  // lines of f/0 say nothing about g/1
  EXPECT_EQ(place.function, g);
  EXPECT_EQ(place.arity, 1u);
  EXPECT_EQ(place.line, 0u);
  EXPECT_FALSE(find_code(begin + 16, place));
}

// Each realm has a lock of its own; the table of code by address is one for all.
TEST_F(ModuleTableTest, realms_load_at_the_same_time) {
  static constexpr int count = 200;
  HostRealm other;
  auto name = [](int number) { return "m" + std::to_string(number); };
  auto load = [&](HostRealm& into) {
    for (int i = 0; i < count; i++) install(into, make_module(into, name(i).c_str(), true));
  };
  std::thread first([&] { load(realm); }), second([&] { load(other); });
  first.join();
  second.join();
  for (HostRealm* each : {&realm, &other})
    for (int i = 0; i < count; i++) {
      Module* module = each->modules().current(make_atom(name(i)));
      ASSERT_NE(module, nullptr);
      EXPECT_EQ(module_of(module->begin()), module);
    }
}

}  // namespace hanse
