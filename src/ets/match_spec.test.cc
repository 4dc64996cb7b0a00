// Expected values are stock's, from erlang:match_spec_test/3.
#include "ets/match_spec.h"

#include <gtest/gtest.h>

#include "ets/match_key.h"
#include "ets/test_terms.h"
#include "term/compare.h"
#include "term/print.h"

namespace hanse {

// The value as text, false if nothing matched, or the first error.
static std::string test(std::string_view object, std::string_view specification) {
  TestArena arena;
  MatchProgram program;
  std::vector<std::string> errors;
  if (!compile_match(read_term(arena, specification), MatchDialect::table, program, errors)) return errors.front();
  MatchRun run(program, Term::pid(1));
  Term value = run.run(read_term(arena, object));
  return value.is_none() ? "no match" : term_to_text(value);
}

TEST(MatchSpec, matches_heads) {
  EXPECT_EQ(test("{a,1}", "[{{'$0','$2'},[],['$$']}]"), "[a,1]");
  EXPECT_EQ(test("{a,1}", "[{{'$2','$0'},[],['$$']}]"), "[1,a]");
  EXPECT_EQ(test("{a,1}", "[{{'$1','$1'},[],[true]}]"), "no match");
  EXPECT_EQ(test("{[x,y],[x,y]}", "[{{'$1','$1'},[],[true]}]"), "true");
  EXPECT_EQ(test("{1,1.0}", "[{{'$1','$1'},[],[true]}]"), "no match");
  EXPECT_EQ(test("{a,1}", "[{{b,'_'},[],[1]},{{a,'_'},[],[2]}]"), "2");
  EXPECT_EQ(test("{[a,b|c]}", "[{{['$1','$2'|'$3']},[],['$$']}]"), "[a,b,c]");
  EXPECT_EQ(test("{[a,b,c]}", "[{{['$1','$2']},[],['$$']}]"), "no match");
  EXPECT_EQ(test("{#{a=>1,b=>#{c=>7}}}", "[{{#{b=>#{c=>'$3'}}},[],['$$']}]"), "[7]");
  EXPECT_EQ(test("{#{a=>1}}", "[{{#{c=>'$3'}},[],['$$']}]"), "no match");
  EXPECT_EQ(test("{#{a=>1}}", "[{{#{}},[],['$_']}]"), "{#{a=>1}}");
}

TEST(MatchSpec, evaluates_guards_and_bodies) {
  EXPECT_EQ(test("{a,5}", "[{{'$1','$2'},[{'>','$2',4}],[{{'$2','$1'}}]}]"), "{5,a}");
  EXPECT_EQ(test("{a,5}", "[{{'$1','$2'},[{'<','$2',4}],[{{'$2','$1'}}]}]"), "no match");
  EXPECT_EQ(test("{a,5}", "[{{'$1','$2'},[{'+','$1',4}],[true]}]"), "no match");
  EXPECT_EQ(test("{a,5}", "[{{'$1','$2'},[],[{{{'+','$1',4},z}}]}]"), "{'EXIT',z}");
  EXPECT_EQ(test("{a,5}", "[{'_',[],[1,2,3]}]"), "3");
  EXPECT_EQ(test("{a,5}", "[{'_',[],[{const,{self}}]}]"), "{self}");
  EXPECT_EQ(test("{a,5}", "[{'_',[],[[{self}|'$_']]}]"), "[<0.1.0>|{a,5}]");
  EXPECT_EQ(test("{a,5}", "[{'_',[],[#{a=>{element,2,'$_'}}]}]"), "#{a=>5}");
  EXPECT_EQ(test("{a,5}", "[{'_',[],[{'andalso',true,1}]}]"), "1");
  EXPECT_EQ(test("{a,5}", "[{'_',[],[{'andalso',1,true}]}]"), "'EXIT'");
  EXPECT_EQ(test("{a,5}", "[{'_',[],[{'orelse',false,false,true}]}]"), "true");
  EXPECT_EQ(test("{a,5}", "[{'_',[],[{'orelse',{'andalso',true,false},{'not',false}}]}]"), "true");
  EXPECT_EQ(test("{a,5}", "[{'_',[{'and',false,1}],[a]},{'_',[],[b]}]"), "b");
  EXPECT_EQ(test("{a,5}", "[{'_',[],[{is_record,'$_',a,2}]}]"), "true");
}

TEST(MatchSpec, reports_errors_as_stock_does) {
  EXPECT_EQ(test("{a}", "foo"), "Match programs are not in a list.");
  EXPECT_EQ(test("{a}", "[{a,[]}]"), "Match program part is not a tuple of arity 3.");
  EXPECT_EQ(test("{a}", "[{'_',[],[]}]"), "Body clause does not return anything.");
  EXPECT_EQ(test("{a}", "[{'$1',[],['$2']}]"), "Variable $2 is unbound.");
  EXPECT_EQ(test("{a}", "[{'_',[{foo,1}],[true]}]"), "Function foo/1 does_not_exist.");
  EXPECT_EQ(test("{a}", "[{'_',[],[{message,1}]}]"), "Special form 'message' used in wrong dialect.");
  EXPECT_EQ(test("{a}", "[{'_',[],[{1,2}]}]"),
            "{1,2} is neither a function call, nor a tuple (tuples are written {{ ... }}).");
  EXPECT_EQ(test("{a}", "[{{#{'$1'=>1}},[],[true]}]"), "Variable found in map key.");
}

TEST(MatchSpec, survives_deep_patterns) {
  TestArena arena;
  Term pattern = read_term(arena, "'$1'"), object = am::ok, body = pattern;
  for (int i = 0; i < 300000; i++) {
    pattern = make_tuple(arena, pattern);
    object = make_tuple(arena, object);
    body = make_cons(arena, body, Term::nil());
  }
  Term clause = make_tuple(arena, pattern, Term::nil(), make_cons(arena, body, Term::nil()));
  MatchProgram program;
  std::vector<std::string> errors;
  ASSERT_TRUE(compile_match(make_cons(arena, clause, Term::nil()), MatchDialect::table, program, errors));
  MatchRun run(program, Term::pid(1));
  Term value = run.run(object);
  int depth = 0;
  for (; value.is_cons(); value = value.as_cons()->head) depth++;
  EXPECT_EQ(depth, 300000);
  EXPECT_EQ(value, am::ok);
}

TEST(MatchSpec, notes_what_a_trace_asks_for) {
  TestArena arena;
  MatchProgram program;
  std::vector<std::string> errors;
  Term specification = read_term(arena, "[{['$1',b],[],[{return_trace},{message,'$1'}]}]");
  ASSERT_TRUE(compile_match(specification, MatchDialect::trace, program, errors));
  MatchRun run(program, Term::pid(1));
  Term arguments[] = {Term::small(7), read_term(arena, "b")};
  EXPECT_EQ(run.run_arguments(arguments), Term::small(7));
  EXPECT_TRUE(run.return_trace);
  EXPECT_TRUE(run.run_arguments({arguments, 1}).is_none());
}

TEST(MatchKey, finds_the_range_of_partial_keys) {
  TestArena arena;
  Term pattern = read_term(arena, "{a,[1|'_'],'$2'}");
  auto place = [&](std::string_view key) { return place_of_key(pattern, read_term(arena, key)); };
  EXPECT_LT(place("{a,[0,5],9}"), 0);
  EXPECT_EQ(place("{a,[1,5],9}"), 0);
  EXPECT_EQ(place("{a,[1|x],0}"), 0);
  EXPECT_GT(place("{a,[2],9}"), 0);
  EXPECT_GT(place("{b,[1],9}"), 0);
  EXPECT_LT(place("{a,[1]}"), 0);
  EXPECT_LT(place("a"), 0);
  EXPECT_GT(place("[a]"), 0);
}

TEST(MatchKey, knows_bodies_that_keep_the_key) {
  TestArena arena;
  auto keeps = [&](std::string_view clause) { return keeps_key(read_term(arena, clause), 1); };
  EXPECT_TRUE(keeps("{{'$1','$2'},[],[{{'$1',{'+','$2',1}}}]}"));
  EXPECT_FALSE(keeps("{{'$1','$2'},[],[{{'$2','$2'}}]}"));
  EXPECT_TRUE(keeps("{{'_','_'},[],[{{{element,1,'$_'},4,5}}]}"));
  EXPECT_TRUE(keeps("{{{a,'$1'},'_'},[],[{{{{a,'$1'}},4,5}}]}"));
  EXPECT_TRUE(keeps("{{1,'$2'},[],[{const,{1,4}}]}"));
  EXPECT_FALSE(keeps("{'$1',[],[{{1,4}}]}"));
  EXPECT_FALSE(keeps("{{'_','$2'},[],[{{'_',4}}]}"));
}

}  // namespace hanse
