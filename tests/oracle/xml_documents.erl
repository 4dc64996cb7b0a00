%% xmerl: documents to trees and back, entities, namespaces, paths, events, mistakes.
-module(xml_documents).
-export([main/0]).
-include_lib("xmerl/include/xmerl.hrl").

main() ->
    Text = "<?xml version=\"1.0\"?><a:shop xmlns:a=\"urn:a\" open=\"yes\"><item n='1'>tea &amp; &#228;</item><item n='2'><![CDATA[<x>]]></item><!-- r --><?p i?><e/></a:shop>",
    {Tree, []} = xmerl_scan:string(Text, [{namespace_conformant, true}, {quiet, true}]),
    show(name, {Tree#xmlElement.name, Tree#xmlElement.expanded_name, [{A#xmlAttribute.name, A#xmlAttribute.value} || A <- Tree#xmlElement.attributes]}),
    show(items, [lists:flatten([T#xmlText.value || T <- xmerl_xpath:string("text()", I)]) || I <- xmerl_xpath:string("//item", Tree)]),
    [show(Path, catch_(fun() -> [short(N) || N <- list(xmerl_xpath:string(Path, Tree))] end))
     || Path <- ["//item[@n='2']", "/*/item/@n", "count(//item)", "//item[last()]/text()", "//nothing", "//e | //item[1]"]],
    show(export, lists:flatten(xmerl:export([Tree], xmerl_xml))),
    show(simple, lists:flatten(xmerl:export_simple([{list, [{class, "c<"}], ["one ", {b, ["two & three"]}]}], xmerl_xml))),
    {ok, Events, _} = xmerl_sax_parser:stream(unicode:characters_to_binary(Text), [{event_fun, fun(E, _, S) -> [E | S] end}, {event_state, []}]),
    [show(event, E) || E <- lists:reverse(Events)],
    [show(Wrong, element(1, xmerl_sax_parser:stream(Wrong, [{event_fun, fun(_, _, S) -> S end}, {event_state, []}])))
     || Wrong <- [<<"<a>">>, <<"<a></b>">>, <<"">>, <<"<a b=c/>">>, <<"<a>&x;</a>">>, <<"<a/><b/>">>, <<"<a>\x{ff}</a>">>]],
    [show(Wrong, catch_(fun() -> xmerl_scan:string(Wrong, [{quiet, true}]), fine end)) || Wrong <- ["<a>", "<a></b>", "<a b=c/>", "<a><b/></a>"]],
    Deep = lists:append(lists:duplicate(2000, "<d>")) ++ lists:append(lists:duplicate(2000, "</d>")),
    {DeepTree, []} = xmerl_scan:string(Deep),
    show(deep, depth(DeepTree, 0)).

depth(#xmlElement{content = [Child]}, N) -> depth(Child, N + 1);
depth(#xmlElement{content = []}, N) -> N + 1.

list(L) when is_list(L) -> L;
list(X) -> [X].
short(#xmlElement{name = N}) -> {element, N};
short(#xmlAttribute{name = N, value = V}) -> {attribute, N, V};
short(#xmlText{value = V}) -> {text, V};
short(#xmlObj{type = T, value = V}) -> {T, V}.

catch_(F) -> try F() catch exit:{fatal, {R, _, _, _}} -> {fatal, R}; C:R -> {C, R} end.
show(Name, X) -> io:format("~0tp: ~0tp~n", [Name, X]).
