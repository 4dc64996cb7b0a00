%% A small database language: statements parsed by recursive descent, planned over ets tables with indexes, joined, grouped, sorted; transactions with undo.
-module(query_engine).
-export([main/0]).

main() ->
    Db = #{tables => ets:new(tables, [set])},
    [execute(Db, S) || S <- setup()],
    [show(S, execute(Db, S)) || S <- statements()],
    show(random, random_queries(Db)),
    transactions(Db).

show(Label, Value) -> io:format("~p:~n~ts~n", [Label, result(Value)]).
result({rows, Names, Rows}) -> [[lists:join(" | ", [text(X) || X <- Row]), "\n"] || Row <- [[list_to_binary(N) || N <- Names] | Rows]];
result(Other) -> io_lib:format("~p", [Other]).
text(X) when is_binary(X) -> X;
text(X) -> io_lib:format("~w", [X]).

setup() -> ["create table people (id, name, age, city)", "create table cities (name, country, size)", "create table visits (person, city, year)"] ++
    ["insert into people values (" ++ V ++ ")" || V <- ["1, 'ann', 30, 'rome'", "2, 'bob', 25, 'oslo'", "3, 'cy', 41, 'rome'", "4, 'dee', 25, null", "5, 'eve', 19, 'paris'", "6, 'fay', 62, 'oslo'", "7, 'gus', 41, 'bern'"]] ++
    ["insert into cities values ('rome', 'italy', 2800), ('oslo', 'norway', 700), ('paris', 'france', 2100), ('lyon', 'france', 500)"] ++
    ["insert into visits values (" ++ V ++ ")" || V <- ["1, 'oslo', 2001", "1, 'paris', 2005", "2, 'rome', 2005", "3, 'paris', 1999", "3, 'paris', 2010", "6, 'lyon', 2010", "9, 'rome', 2000"]].

statements() -> ["select * from cities order by name", "select name, age from people where age > 26 order by age desc, name", "select name from people where city is null", "select name from people where city = null", "select count(*), min(age), max(age), sum(age), avg(age) from people",
    "select city, count(*) n, avg(age) from people group by city order by n desc, city", "select city, count(*) n from people group by city having n > 1 order by city", "select p.name, c.country from people p, cities c where p.city = c.name order by p.name",
    "select p.name, v.year, c.country from people p, visits v, cities c where v.person = p.id and v.city = c.name order by v.year, p.name", "select distinct country from cities order by country", "select name from people where name like '%e%' or age between 40 and 45 order by name",
    "select name from people where city in ('rome', 'bern') and not age = 41", "select name, age * 2 + 1 older, -age from people where age / 5 = 5 order by name", "select name || '-' || city from people where city is not null order by 1 limit 3", "select upper(name), length(name) from people order by id limit 2 offset 1",
    "select case when age < 26 then 'young' when age < 50 then 'grown' else 'old' end k, count(*) from people group by k order by k", "select max(name) from people where 1 = 2", "select count(*) from people where 1 = 2", "select c.name from cities c left join people p on p.city = c.name where p.id is null",
    "select c.name, count(p.id) from cities c left join people p on p.city = c.name group by c.name order by c.name", "select name from people where id in (select person from visits where year > 2004) order by name", "select (select max(size) from cities) big, name from people where age = (select min(age) from people)",
    "select a.name, b.name from people a, people b where a.age = b.age and a.id < b.id order by a.id", "select name from people union select name from cities order by name limit 5", "update people set age = age + 1 where city = 'rome'", "select name, age from people where city = 'rome' order by name", "delete from visits where year < 2001",
    "select count(*) from visits", "insert into people (id, name) values (8, 'hal')", "select * from people where id = 8", "create index on people (city)", "select name from people where city = 'oslo' order by id", "update people set city = 'lyon' where id = 2", "select name from people where city = 'oslo'", "select name from people where city = 'lyon'",
    "select", "select * from nowhere", "select nothing from people", "select name from people where", "insert into people values (1)", "select p.x from people p", "select 1 + from people", "selekt * from people", "select name from people order by", "select 1 / 0 from people limit 1", "select 'open from people", "drop table visits", "select * from visits", "create table people (x)", "select name from people, cities", "select 1 + 'a' from cities", ""].

%% --- words

tokens([]) -> [];
tokens([C | T]) when C =< 32 -> tokens(T);
tokens([$' | T]) -> case lists:splitwith(fun(C) -> C =/= $' end, T) of {S, [_ | R]} -> [{text, list_to_binary(S)} | tokens(R)]; _ -> throw(unclosed_text) end;
tokens([C | _] = S) when C >= $0, C =< $9 -> {D, R} = lists:splitwith(fun(X) -> X >= $0 andalso X =< $9 end, S), [{number, list_to_integer(D)} | tokens(R)];
tokens([C | _] = S) when C >= $a, C =< $z; C >= $A, C =< $Z -> {W, R} = lists:splitwith(fun(X) -> X >= $a andalso X =< $z orelse X >= $A andalso X =< $Z orelse X >= $0 andalso X =< $9 orelse X =:= $_ end, S), [{word, string:lowercase(W)} | tokens(R)];
tokens([A, B | T]) when [A, B] =:= "<="; [A, B] =:= ">="; [A, B] =:= "<>"; [A, B] =:= "||" -> [{sign, [A, B]} | tokens(T)];
tokens([C | T]) -> case lists:member(C, "()*,+-/=<>.") of true -> [{sign, [C]} | tokens(T)]; false -> throw({character, [C]}) end.

-define(W(X), {word, X}).
-define(S(X), {sign, X}).
execute(Db, Text) -> try statement(tokens(Text), Db) catch throw:E -> {error, E} end.

statement([?W("create"), ?W("table"), ?W(Name), ?S("(") | T], #{tables := Tables}) ->
    {Columns, R} = names(T), done(tl(R)),
    ets:insert_new(Tables, {Name, ets:new(rows, [ordered_set]), Columns, #{}, 0}) orelse throw({exists, Name}), created;
statement([?W("create"), ?W("index"), ?W("on"), ?W(Name), ?S("("), ?W(C), ?S(")")], #{tables := Tables} = Db) ->
    {_, Rows, Columns, Indexes, _} = table(Db, Name), I = position(C, Columns),
    Index = ets:new(index, [bag]), [ets:insert(Index, {element(I, Row), K}) || {K, Row} <- ets:tab2list(Rows)],
    ets:update_element(Tables, Name, {4, Indexes#{C => Index}}), indexed;
statement([?W("drop"), ?W("table"), ?W(Name)], #{tables := Tables} = Db) -> {_, Rows, _, _, _} = table(Db, Name), ets:delete(Rows), ets:delete(Tables, Name), dropped;
statement([?W("insert"), ?W("into"), ?W(Name) | T], Db) ->
    {_, _, Columns, _, _} = table(Db, Name),
    {Given, [?W("values") | R]} = case T of [?S("(") | T1] -> {N, [_ | T2]} = names(T1), {N, T2}; _ -> {Columns, T} end,
    {Lists, R1} = value_lists(R), done(R1),
    [length(L) =:= length(Given) orelse throw({values, length(L), length(Given)}) || L <- Lists],
    [insert(Db, Name, list_to_tuple([proplists:get_value(C, lists:zip(Given, [value(E, #{}, Db) || E <- L]), null) || C <- Columns])) || L <- Lists],
    {inserted, length(Lists)};
statement([?W("update"), ?W(Name), ?W("set") | T], Db) ->
    {Changes, R} = changes(T), {Where, R1} = where(R), done(R1),
    {_, Rows, Columns, _, _} = table(Db, Name),
    Hits = [{K, Row} || {K, Row} <- ets:tab2list(Rows), true =:= value(Where, scope([{Name, Columns, Row}]), Db)],
    [begin New = lists:foldl(fun({C, E}, A) -> setelement(position(C, Columns), A, value(E, scope([{Name, Columns, Row}]), Db)) end, Row, Changes), replace(Db, Name, K, Row, New) end || {K, Row} <- Hits],
    {updated, length(Hits)};
statement([?W("delete"), ?W("from"), ?W(Name) | T], Db) ->
    {Where, R} = where(T), done(R), {_, Rows, Columns, _, _} = table(Db, Name),
    Hits = [{K, Row} || {K, Row} <- ets:tab2list(Rows), true =:= value(Where, scope([{Name, Columns, Row}]), Db)],
    [replace(Db, Name, K, Row, none) || {K, Row} <- Hits], {deleted, length(Hits)};
statement([?W("select") | _] = T, Db) -> {Q, R} = query(T), done(R), select(Q, #{}, Db);
statement([X | _], _) -> throw({statement, X});
statement([], _) -> throw(nothing).

done([]) -> ok;
done([X | _]) -> throw({unexpected, X}).
table(#{tables := Tables}, Name) -> case ets:lookup(Tables, Name) of [T] -> T; [] -> throw({no_table, Name}) end.
names([?W(N), ?S(",") | T]) -> {L, R} = names(T), {[N | L], R};
names([?W(N) | T]) -> {[N], T}.
position(C, Columns) -> position(C, Columns, 1).
position(C, [C | _], N) -> N;
position(C, [_ | T], N) -> position(C, T, N + 1);
position(C, [], _) -> throw({no_column, C}).

insert(#{tables := Tables} = Db, Name, Row) -> K = ets:update_counter(Tables, Name, {5, 1}), replace(Db, Name, K, none, Row).
replace(Db, Name, K, Old, New) ->
    {_, Rows, Columns, Indexes, _} = table(Db, Name),
    case New of none -> ets:delete(Rows, K); _ -> ets:insert(Rows, {K, New}) end,
    [begin I = position(C, Columns), Old =/= none andalso ets:delete_object(Index, {element(I, Old), K}), New =/= none andalso ets:insert(Index, {element(I, New), K}) end || {C, Index} <- maps:to_list(Indexes)],
    case get(undo) of undefined -> ok; L -> put(undo, [{Name, K, Old, New} | L]) end.
value_lists([?S("(") | T]) -> {L, [?S(")") | R]} = expressions(T), case R of [?S(",") | R1] -> {Ls, R2} = value_lists(R1), {[L | Ls], R2}; _ -> {[L], R} end;
value_lists(T) -> throw({values_expected, T}).
changes([?W(C), ?S("=") | T]) -> {E, R} = expression(T), case R of [?S(",") | R1] -> {L, R2} = changes(R1), {[{C, E} | L], R2}; _ -> {[{C, E}], R} end.
where([?W("where") | T]) -> expression(T);
where(T) -> {true, T}.

%% --- queries

query([?W("select") | T]) ->
    {Distinct, T1} = case T of [?W("distinct") | X] -> {true, X}; _ -> {false, T} end,
    {Columns, T2} = columns(T1),
    {From, T3} = case T2 of [?W("from") | X1] -> sources(X1); _ -> {[], T2} end,
    {Where, T4} = where(T3),
    {Group, T5} = case T4 of [?W("group"), ?W("by") | X2] -> expressions(X2); _ -> {none, T4} end,
    {Having, T6} = case T5 of [?W("having") | X3] -> expression(X3); _ -> {true, T5} end,
    {Union, T7} = case T6 of [?W("union") | X4] -> query(X4); _ -> {none, T6} end,
    {Order, T8} = case T7 of [?W("order"), ?W("by") | X5] -> orders(X5); _ -> {[], T7} end,
    {Limit, T9} = case T8 of [?W("limit"), {number, N} | X6] -> {N, X6}; _ -> {infinity, T8} end,
    {Offset, T10} = case T9 of [?W("offset"), {number, N1} | X7] -> {N1, X7}; _ -> {0, T9} end,
    {case Union of none -> {query, Distinct, Columns, From, Where, Group, Having, none, Order, Limit, Offset};
         _ -> {query, true, Columns, From, Where, Group, Having, setelement(9, Union, []), element(9, Union) ++ Order, case Limit of infinity -> element(10, Union); _ -> Limit end, Offset} end, T10}.
columns([?S("*") | T]) -> {all, T};
columns(T) -> {E, R} = expression(T), {Name, R1} = case R of [?W(N) | X] when N =/= "from", N =/= "where", N =/= "group", N =/= "order", N =/= "limit", N =/= "union" -> {N, X}; _ -> {label(E), R} end, case R1 of [?S(",") | R2] -> {L, R3} = columns(R2), {[{E, Name} | L], R3}; _ -> {[{E, Name}], R1} end.
label({column, _, C}) -> C;
label({column, C}) -> C;
label({call, F, _}) -> F;
label(_) -> "?".
sources([?W(N) | T]) ->
    {Alias, R} = case T of [?W(A) | X] when A =/= "where", A =/= "left", A =/= "group", A =/= "order", A =/= "limit", A =/= "union", A =/= "having" -> {A, X}; _ -> {N, T} end,
    {Joined, R1} = joins(R),
    case R1 of [?S(",") | R2] -> {L, R3} = sources(R2), {[{inner, Alias, N, true}] ++ Joined ++ L, R3}; _ -> {[{inner, Alias, N, true} | Joined], R1} end;
sources(T) -> throw({table_expected, T}).
joins([?W("left"), ?W("join"), ?W(N), ?W(A), ?W("on") | T]) -> {E, R} = expression(T), {L, R1} = joins(R), {[{left, A, N, E} | L], R1};
joins(T) -> {[], T}.
orders(T) -> {E, R} = expression(T), {D, R1} = case R of [?W("desc") | X] -> {desc, X}; [?W("asc") | X] -> {asc, X}; _ -> {asc, R} end, case R1 of [?S(",") | R2] -> {L, R3} = orders(R2), {[{E, D} | L], R3}; _ -> {[{E, D}], R1} end.
expressions(T) -> {E, R} = expression(T), case R of [?S(",") | R1] -> {L, R2} = expressions(R1), {[E | L], R2}; _ -> {[E], R} end.

expression(T) -> {A, R} = conjunction(T), ors(A, R).
ors(A, [?W("or") | T]) -> {B, R} = conjunction(T), ors({'or', A, B}, R);
ors(A, T) -> {A, T}.
conjunction(T) -> {A, R} = negation(T), ands(A, R).
ands(A, [?W("and") | T]) -> {B, R} = negation(T), ands({'and', A, B}, R);
ands(A, T) -> {A, T}.
negation([?W("not") | T]) -> {A, R} = negation(T), {{'not', A}, R};
negation(T) -> {A, R} = sum(T), comparison(A, R).
comparison(A, [?S(Op) | T]) when Op =:= "="; Op =:= "<"; Op =:= ">"; Op =:= "<="; Op =:= ">="; Op =:= "<>" -> {B, R} = sum(T), {{compare, Op, A, B}, R};
comparison(A, [?W("is"), ?W("null") | R]) -> {{null, A}, R};
comparison(A, [?W("is"), ?W("not"), ?W("null") | R]) -> {{'not', {null, A}}, R};
comparison(A, [?W("like"), {text, P} | R]) -> {{like, A, P}, R};
comparison(A, [?W("between") | T]) -> {B, [?W("and") | R]} = sum(T), {C, R1} = sum(R), {{'and', {compare, ">=", A, B}, {compare, "<=", A, C}}, R1};
comparison(A, [?W("in"), ?S("("), ?W("select") | T]) -> {Q, [?S(")") | R]} = query([?W("select") | T]), {{in_query, A, Q}, R};
comparison(A, [?W("in"), ?S("(") | T]) -> {L, [?S(")") | R]} = expressions(T), {{in, A, L}, R};
comparison(A, T) -> {A, T}.
sum(T) -> {A, R} = product(T), sums(A, R).
sums(A, [?S(Op) | T]) when Op =:= "+"; Op =:= "-"; Op =:= "||" -> {B, R} = product(T), sums({op, Op, A, B}, R);
sums(A, T) -> {A, T}.
product(T) -> {A, R} = factor(T), products(A, R).
products(A, [?S(Op) | T]) when Op =:= "*"; Op =:= "/" -> {B, R} = factor(T), products({op, Op, A, B}, R);
products(A, T) -> {A, T}.
factor([{number, N} | T]) -> {N, T};
factor([{text, B} | T]) -> {B, T};
factor([?W("null") | T]) -> {null, T};
factor([?W("case") | T]) -> cases(T, []);
factor([?W(F), ?S("("), ?S("*"), ?S(")") | T]) -> {{call, F, all}, T};
factor([?W(F), ?S("(") | T]) -> {L, R} = expressions(T), case R of [?S(")") | R1] -> {{call, F, L}, R1}; _ -> throw(unclosed) end;
factor([?W(A), ?S("."), ?W(C) | T]) -> {{column, A, C}, T};
factor([?W(C) | T]) when C =/= "from", C =/= "where" -> {{column, C}, T};
factor([?S("-") | T]) -> {A, R} = factor(T), {{op, "-", 0, A}, R};
factor([?S("("), ?W("select") | T]) -> {Q, [?S(")") | R]} = query([?W("select") | T]), {{query_value, Q}, R};
factor([?S("(") | T]) -> {A, R} = expression(T), case R of [?S(")") | R1] -> {A, R1}; _ -> throw(unclosed) end;
factor([X | _]) -> throw({expression_expected, X});
factor([]) -> throw(unexpected_end).
cases([?W("when") | T], L) -> {C, [?W("then") | R]} = expression(T), {V, R1} = expression(R), cases(R1, [{C, V} | L]);
cases([?W("else") | T], L) -> {V, [?W("end") | R]} = expression(T), {{cases, lists:reverse(L), V}, R};
cases([?W("end") | R], L) -> {{cases, lists:reverse(L), null}, R}.

%% --- rows: a scope is a map of {Alias, Column} and Column to values

scope(Sources) -> lists:foldl(fun({A, Columns, Row}, M) -> lists:foldl(fun({C, V}, M1) -> M1#{{A, C} => V, C => V} end, M, lists:zip(Columns, case Row of none -> [null || _ <- Columns]; _ -> tuple_to_list(Row) end)) end, #{}, Sources).

select({query, Distinct, Columns, From, Where, Group, Having, Union, Order, Limit, Offset}, Outer, Db) ->
    Scopes = [S || S <- join(From, [Outer], Where, Db), true =:= value(Where, S, Db)],
    All = case Columns of all -> [{{column, A, C}, C} || {_, A, N, _} <- From, C <- element(3, table(Db, N))]; _ -> Columns end,
    Aggregate = Group =/= none orelse lists:any(fun({E, _}) -> aggregates(E) end, All),
    Results = if Aggregate -> [{[value(E, S, Db) || {E, _} <- All], S} || S <- groups(Group, All, Scopes, Db), true =:= value(Having, named(All, S, Db), Db)]; true -> [{[value(E, S, Db) || {E, _} <- All], S} || S <- Scopes] end,
    More = case Union of none -> []; _ -> {rows, _, Rs} = select(Union, Outer, Db), [{R, #{}} || R <- Rs] end,
    Unique = if Distinct -> lists:ukeysort(1, Results ++ More); true -> Results ++ More end,
    Keyed = [{[case {E, D} of {N, _} when is_integer(N) -> {D, lists:nth(N, Row)}; _ -> {D, value(E, maps:merge(S, maps:from_list(lists:zip([N || {_, N} <- All], Row))), Db)} end || {E, D} <- Order], Row} || {Row, S} <- Unique],
    Sorted = [R || {_, R} <- lists:sort(fun({A, _}, {B, _}) -> before(A, B) end, Keyed)],
    {rows, [N || {_, N} <- All], lists:sublist(lists:nthtail(min(Offset, length(Sorted)), Sorted), case Limit of infinity -> 1000000; _ -> Limit end)}.
before([], []) -> true;
before([{_, X} | A], [{_, Y} | B]) when X =:= Y -> before(A, B);
before([{asc, X} | _], [{_, Y} | _]) -> X < Y;
before([{desc, X} | _], [{_, Y} | _]) -> X > Y.

join([], Scopes, _, _) -> Scopes;
join([{Kind, Alias, Name, On} | Rest], Scopes, Where, Db) ->
    {_, Rows, Columns, Indexes, _} = table(Db, Name),
    Next = lists:append([begin
                             Candidates = case indexed(Where, Columns, Indexes) of {Index, V} -> [hd(ets:lookup(Rows, K)) || {_, K} <- lists:sort(ets:lookup(Index, V))]; none -> ets:tab2list(Rows) end,
                             Hits = [S1 || {_, Row} <- Candidates, S1 <- [maps:merge(S, scope([{Alias, Columns, Row}]))], On =:= true orelse true =:= value(On, S1, Db)],
                             case {Hits, Kind} of {[], left} -> [maps:merge(S, scope([{Alias, Columns, none}]))]; _ -> Hits end
                         end || S <- Scopes]),
    join(Rest, Next, Where, Db).
indexed({compare, "=", {column, C}, V}, _, Indexes) when is_binary(V), is_map_key(C, Indexes) -> {maps:get(C, Indexes), V};
indexed(_, _, _) -> none.

groups(none, _, Scopes, _) -> [#{group => Scopes}];
groups(By, All, Scopes, Db) ->
    Grouped = lists:foldl(fun(S, M) -> K = [value(E, named([X || {Ex, _} = X <- All, not aggregates(Ex)], S, Db), Db) || E <- By], maps:update_with(K, fun(L) -> [S | L] end, [S], M) end, #{}, Scopes),
    [(hd(L))#{group => lists:reverse(L)} || {_, L} <- lists:sort(maps:to_list(Grouped))].
named(All, S, Db) -> lists:foldl(fun({E, N}, M) when not is_map_key(N, M) -> M#{N => value(E, S, Db)}; (_, M) -> M end, S, All).
aggregates({call, F, _}) -> lists:member(F, ["count", "min", "max", "sum", "avg"]);
aggregates({op, _, A, B}) -> aggregates(A) orelse aggregates(B);
aggregates(_) -> false.

value({column, C}, S, _) -> case S of #{C := V} -> V; _ -> throw({no_column, C}) end;
value({column, A, C}, S, _) -> case S of #{{A, C} := V} -> V; _ -> throw({no_column, A, C}) end;
value({'and', A, B}, S, Db) -> case value(A, S, Db) of false -> false; X -> case value(B, S, Db) of false -> false; Y when X =:= true, Y =:= true -> true; _ -> null end end;
value({'or', A, B}, S, Db) -> case value(A, S, Db) of true -> true; X -> case value(B, S, Db) of true -> true; Y when X =:= false, Y =:= false -> false; _ -> null end end;
value({'not', A}, S, Db) -> case value(A, S, Db) of null -> null; X -> not X end;
value({null, A}, S, Db) -> value(A, S, Db) =:= null;
value({like, A, P}, S, Db) -> case value(A, S, Db) of null -> null; V -> re:run(V, ["^", [case C of $% -> ".*"; $_ -> "."; _ -> [C] end || <<C>> <= P], "$"], [{capture, none}]) =:= match end;
value({in, A, L}, S, Db) -> V = value(A, S, Db), lists:any(fun(E) -> value(E, S, Db) =:= V end, L);
value({in_query, A, Q}, S, Db) -> V = value(A, S, Db), {rows, _, Rows} = select(Q, S, Db), lists:member([V], Rows);
value({query_value, Q}, S, Db) -> case select(Q, S, Db) of {rows, _, [[V | _] | _]} -> V; _ -> null end;
value({cases, L, Else}, S, Db) -> case lists:search(fun({C, _}) -> true =:= value(C, S, Db) end, L) of {value, {_, V}} -> value(V, S, Db); false -> value(Else, S, Db) end;
value({compare, Op, A, B}, S, Db) -> case {value(A, S, Db), value(B, S, Db)} of {null, _} -> null; {_, null} -> null; {X, Y} -> case Op of "=" -> X == Y; "<" -> X < Y; ">" -> X > Y; "<=" -> X =< Y; ">=" -> X >= Y; "<>" -> X /= Y end end;
value({op, Op, A, B}, S, Db) -> case {value(A, S, Db), value(B, S, Db)} of {null, _} -> null; {_, null} -> null; {X, Y} -> try case Op of "+" -> X + Y; "-" -> X - Y; "*" -> X * Y; "/" -> X div Y; "||" -> <<X/binary, Y/binary>> end catch error:R -> throw({R, Op, X, Y}) end end;
value({call, "count", all}, #{group := G}, _) -> length(G);
value({call, "count", [E]}, #{group := G}, Db) -> length([x || S <- G, value(E, S, Db) =/= null]);
value({call, F, [E]}, #{group := G}, Db) when F =:= "min"; F =:= "max"; F =:= "sum"; F =:= "avg" -> case [V || S <- G, V <- [value(E, S, Db)], V =/= null] of [] -> null; L -> case F of "min" -> lists:min(L); "max" -> lists:max(L); "sum" -> lists:sum(L); "avg" -> lists:sum(L) / length(L) end end;
value({call, "upper", [E]}, S, Db) -> string:uppercase(value(E, S, Db));
value({call, "length", [E]}, S, Db) -> string:length(value(E, S, Db));
value({call, F, _}, _, _) -> throw({no_function, F});
value(Constant, _, _) -> Constant.

%% --- the same query with and without an index, by chance

random_queries(Db) ->
    execute(Db, "create table n (a, b)"), execute(Db, "create table m (a, b)"), execute(Db, "create index on m (b)"),
    {_, R} = lists:foldl(fun(I, {_, R0}) -> {X, R1} = rand:uniform_s(20, R0), [execute(Db, lists:flatten(io_lib:format("insert into ~s values (~w, 'k~w')", [T, I, X]))) || T <- ["n", "m"]], {ok, R1} end, {ok, rand:seed_s(exsss, 7)}, lists:seq(1, 300)),
    {Equal, _} = lists:mapfoldl(fun(_, R0) -> {X, R1} = rand:uniform_s(22, R0), [A, B] = [execute(Db, lists:flatten(io_lib:format("select a from ~s where b = 'k~w' order by a", [T, X]))) || T <- ["n", "m"]], {A =:= B andalso length(element(3, A)), R1} end, R, lists:seq(1, 40)),
    {lists:sum(Equal), execute(Db, "select b, count(*), min(a), max(a) from m group by b order by b limit 3")}.

transactions(Db) ->
    Count = fun() -> {rows, _, [[N, S]]} = execute(Db, "select count(*), sum(age) from people"), {N, S} end,
    Before = Count(),
    put(undo, []),
    [execute(Db, S) || S <- ["insert into people values (100, 'x', 1, 'rome')", "update people set age = age * 2", "delete from people where city = 'lyon'"]],
    Within = Count(),
    Log = erase(undo),
    [replace(Db, N, K, New, Old) || {N, K, Old, New} <- Log],
    show(transaction, [Before, Within, Count(), length(Log), execute(Db, "select name from people where city = 'lyon'")]).
