%% uri_string: parsing, putting together, normalising, queries.
-module(uris).
-export([main/0]).

main() ->
    Uris = ["http://user:pw@example.org:8080/a/b;c?x=1&y=2#frag", "mailto:a@b.c", "//host/path", "/only/path", "?q", "#f", "", "urn:isbn:0451450523",
            "http://[::1]:80/", "http://example.org:/", "http://ex%41mple.org/%7Euser/../x/./y", "HTTP://EXAMPLE.org:80/", "http://a b/", "http://h:port/",
            "foo://example.com:8042/over/there?name=ferret#nose", "http://ex.org/\x{e5}", <<"http://ex.org/bin?x">>, "1http://x", "http://%zz/", "file:///etc/x"],
    [io:format("~0tp~n  ~0tp~n  ~0tp~n", [U, uri_string:parse(U), uri_string:normalize(U)]) || U <- Uris],
    [io:format("~0tp~n", [uri_string:recompose(M)])
     || M <- [#{scheme => "http", host => "h", path => "/p", query => "q", fragment => "f"}, #{path => ""}, #{scheme => "s", path => "p"}, #{host => "h"},
              #{scheme => "http", host => "h", path => "p"}, #{path => "//x"}, #{path => "/\x{e4}", host => "h", scheme => "x", port => 99}, #{scheme => "1"}]],
    [io:format("~0tp~n", [uri_string:resolve(Ref, "http://a/b/c/d;p?q")])
     || Ref <- ["g:h", "g", "./g", "g/", "/g", "//g", "?y", "g?y", "#s", "g#s", ";x", "", ".", "./", "..", "../g", "../../../g", "/./g", "g;x=1/../y"]],
    [io:format("~0tp~n", [uri_string:compose_query(Q)]) || Q <- [[{"a", "1 2"}, {"b", "\x{e4}&="}], [{<<"x">>, <<"y">>}], [{"flag", true}], []]],
    [io:format("~0tp~n", [uri_string:dissect_query(Q)]) || Q <- ["a=1&b=2", "a=1;b=2", "x=%C3%A4+y", "x", "", "a=%zz", <<"q=1&&r=2">>]],
    [io:format("~0tp ~0tp~n", [uri_string:quote(S), uri_string:unquote(S)]) || S <- ["a b/c", "\x{20ac}", "%41%zz", <<"x y">>]],
    io:format("~0tp~n", [uri_string:transcode(<<"foo%00%00%00%F6bar">>, [{in_encoding, utf32}, {out_encoding, utf8}])]),
    io:format("~0tp~n", [uri_string:percent_decode("a%20b%C3%A4")]).
