// The built-in functions of ets as a process calls them, once with plenty of reductions and once yielding all the time.
#include <gtest/gtest.h>

#include "base/epoch.h"
#include "bif/tables.h"
#include "ets/table_registry.h"
#include "ets/test_machine.h"
#include "ets/test_terms.h"
#include "process/call.h"
#include "term/print.h"

namespace hanse {

namespace {

class EtsBifs : public testing::TestWithParam<int64_t> {
 protected:
  const BifRow* row(std::string_view name, size_t arity) {
    for (BifTable table : {ets_objects_bifs, ets_tables_bifs, ets_select_bifs, ets_walk_bifs, ets_info_bifs, ets_update_bifs})
      for (const BifRow& each : table)
        if (name == each.name && arity == each.arity) return &each;
    return nullptr;
  }
  // The result, or none() and the cause of the failure in `cause`.
  Term call(std::string_view name, std::vector<Term> arguments) {
    const BifRow* bif = row(name, arguments.size());
    Call call{process, arguments.data(), bif};
    for (yields = 0;; yields++) {
      process.reductions_left = GetParam();
      Result result = bif->function(call);
      if (result.is_yield()) continue;
      EXPECT_EQ(process.resume, nullptr) << name;
      if (result.is_term()) return result.term();
      cause = process.exception.cause;
      return Term::none();
    }
  }
  // Arguments after the table as text; the result as text.
  std::string text(std::string_view name, Term table, std::initializer_list<std::string_view> arguments) {
    std::vector<Term> terms{table};
    for (std::string_view each : arguments) terms.push_back(read_term(process.heap, each));
    Term result = call(name, terms);
    return result.is_none() ? "badarg " + (cause.is_none() ? "" : term_to_text(cause)) : term_to_text(result);
  }
  Term make(std::string_view settings) {
    return call("new", {make_atom("t"), read_term(process.heap, settings)});
  }
  static size_t length(Term list) {
    size_t count = 0;
    for (; list.is_cons(); list = list.as_cons()->tail) count++;
    return count;
  }

  void TearDown() override {
    TablesExitHook().process_exits(process, am::normal);
    delete machine.named_tables.exchange(nullptr);
  }

  TestMachine world;
  Machine& machine = world.machine;
  SpawnOptions options;
  Process process{machine, Term::pid(77), options};
  epoch::Guard guard;
  Term cause = Term::none();
  size_t yields = 0;
};

}  // namespace

TEST_P(EtsBifs, count_with_thresholds) {
  Term table = make("[]");
  EXPECT_EQ(text("insert", table, {"{k,5,c,a}"}), "true");
  EXPECT_EQ(text("update_counter", table, {"k", "1"}), "6");
  EXPECT_EQ(text("update_counter", table, {"k", "{2,1,10,0}"}), "7");
  EXPECT_EQ(text("update_counter", table, {"k", "[{2,5,10,0},{2,-5,-3,77},{2,0,-3,1}]"}), "[0,77,1]");
  EXPECT_EQ(text("update_counter", table, {"k", "{3,1}"}), "badarg ");
  EXPECT_EQ(text("update_counter", table, {"k", "{1,1}"}), "badarg keypos");
  EXPECT_EQ(text("update_counter", table, {"k", "{5,1}"}), "badarg position");
  EXPECT_EQ(text("update_counter", table, {"x", "{5,1}"}), "badarg badkey");
  EXPECT_EQ(text("update_counter", table, {"x", "{2,1}", "{y,10}"}), "11");
  EXPECT_EQ(text("lookup", table, {"x"}), "[{x,11}]");
  EXPECT_EQ(text("update_element", table, {"k", "[{2,9},{4,[b]}]"}), "true");
  EXPECT_EQ(text("lookup", table, {"k"}), "[{k,9,c,[b]}]");
  EXPECT_EQ(text("take", table, {"k"}), "[{k,9,c,[b]}]");
  EXPECT_EQ(text("lookup_element", table, {"k", "2"}), "badarg badkey");
  EXPECT_EQ(text("delete", table, {}), "true");
  EXPECT_EQ(text("lookup", table, {"k"}), "badarg id");
}

TEST_P(EtsBifs, select_in_order_from_an_ordered_set) {
  Term table = make("[ordered_set]");
  for (int i = 0; i < 3000; i++)
    text("insert", table, {"{{a," + std::to_string((i * 7919) % 3000) + "}," + std::to_string(i) + "}"});
  for (int i = 0; i < 50; i++) text("insert", table, {"{{b," + std::to_string(i) + "},b}"});
  Term keys = call("select", {table, read_term(process.heap, "[{{{a,'$1'},'_'},[],['$1']}]")});
  ASSERT_EQ(length(keys), 3000u);
  for (int64_t i = 0; i < 3000; i++, keys = keys.as_cons()->tail) ASSERT_EQ(keys.as_cons()->head, Term::small(i));
  EXPECT_EQ(text("select_reverse", table, {"[{{{a,'$1'},'_'},[{'<','$1',3}],['$1']}]"}), "[2,1,0]");
  EXPECT_EQ(text("select_count", table, {"[{{{b,'_'},'_'},[],[true]}]"}), "50");
  // Portions.
  Term portion = call("match", {table, read_term(process.heap, "{{a,'$1'},'_'}"), Term::small(700)});
  int64_t expected = 0;
  while (portion.is_tuple()) {
    Term list = as_tuple(portion)->elements[0];
    for (; list.is_cons(); list = list.as_cons()->tail)
      ASSERT_EQ(list.as_cons()->head.as_cons()->head, Term::small(expected++));
    portion = call("match", {as_tuple(portion)->elements[1]});
  }
  EXPECT_EQ(portion, am::end_of_table);
  EXPECT_EQ(expected, 3000);
  EXPECT_EQ(text("select_replace", table, {"[{{'$1',b},[],[{{'$1',c}}]}]"}), "50");
  EXPECT_EQ(text("internal_select_delete", table, {"[{{{a,'$1'},'_'},[{'>','$1',9}],[true]}]"}), "2990");
  EXPECT_EQ(text("last", table, {}), "{b,49}");
  EXPECT_EQ(text("prev", table, {"{b,0}"}), "{a,9}");
  EXPECT_EQ(text("internal_delete_all", table, {"undefined"}), "60");
}

TEST_P(EtsBifs, visit_every_object_of_a_hash_table_once) {
  for (std::string_view settings : {"[]", "[bag,{write_concurrency,true},public]"}) {
    Term table = make(settings);
    Term list = Term::nil();
    for (int64_t i = 0; i < 5000; i++)
      list = make_cons(process.heap, make_tuple(process.heap, Term::small(i), Term::small(i % 10)), list);
    EXPECT_EQ(call("insert", {table, list}), am::true_);
    EXPECT_EQ(length(call("select", {table, read_term(process.heap, "[{'_',[],['$_']}]")})), 5000u);
    EXPECT_EQ(text("select_count", table, {"[{{'_',3},[],[true]}]"}), "500");
    EXPECT_EQ(text("select", table, {"[{{4,'$1'},[],['$1']},{{77,'$1'},[],['$1']}]"}), "[4,7]");
    std::vector<bool> seen(5000);
    Term portion = call("select", {table, read_term(process.heap, "[{{'$1','_'},[],['$1']}]"), Term::small(333)});
    for (; portion.is_tuple(); portion = call("select", {as_tuple(portion)->elements[1]})) {
      for (Term rest = as_tuple(portion)->elements[0]; rest.is_cons(); rest = rest.as_cons()->tail) {
        auto key = static_cast<size_t>(rest.as_cons()->head.as_small());
        ASSERT_FALSE(seen[key]);
        seen[key] = true;
      }
    }
    EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 5000);
    // While it is fixed, next finds its way from deleted keys.
    EXPECT_EQ(text("safe_fixtable", table, {"true"}), "true");
    size_t visited = 0;
    for (Term key = call("first", {table}); key != am::end_of_table; key = call("next", {table, key})) {
      visited++;
      EXPECT_EQ(call("delete", {table, key}), am::true_);
    }
    EXPECT_EQ(visited, 5000u);
    EXPECT_EQ(text("info", table, {"size"}), "0");
    EXPECT_EQ(text("safe_fixtable", table, {"false"}), "true");
    EXPECT_EQ(text("internal_delete_all", table, {"undefined"}), "0");
    EXPECT_EQ(call("insert", {table, list}), am::true_);
    EXPECT_EQ(text("internal_select_delete", table, {"[{{'_','$1'},[{'>','$1',0}],[true]}]"}), "4500");
    EXPECT_EQ(call("insert_new", {table, list}), am::false_);
    EXPECT_EQ(text("info", table, {"size"}), "500");
    EXPECT_EQ(call("delete", {table}), am::true_);
  }
}

TEST_P(EtsBifs, know_tables_by_name) {
  Term name = call("new", {make_atom("named"), read_term(process.heap, "[named_table]")});
  EXPECT_EQ(term_to_text(name), "named");
  EXPECT_TRUE(call("new", {make_atom("named"), read_term(process.heap, "[named_table]")}).is_none());
  EXPECT_EQ(cause, am::already_exists);
  text("insert", name, {"{1,#{a=>[x]}}"});
  Term identifier = call("whereis", {name});
  EXPECT_EQ(text("lookup", identifier, {"1"}), "[{1,#{a=>[x]}}]");
  EXPECT_EQ(text("rename", name, {"other"}), "other");
  EXPECT_EQ(text("whereis", name, {}), "undefined");
  EXPECT_EQ(text("lookup", make_atom("other"), {"1"}), "[{1,#{a=>[x]}}]");
  TablesExitHook().process_exits(process, am::normal);
  EXPECT_EQ(text("whereis", make_atom("other"), {}), "undefined");
  EXPECT_EQ(text("lookup", identifier, {"1"}), "badarg id");
  EXPECT_EQ(NamedTables::of(machine).count(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Slices, EtsBifs, testing::Values(1000000, 40));

}  // namespace hanse
