//! Requests whose head is most work: a URL of 16 KB, or headers of 100 KB, which are the most that Cloudflare passes on.

use serde_json::Value;

use rollcall_support::Call;

const URL: usize = 16_000;
const HEADERS: usize = 100_000;

/// A name for each, the request, and its status without a policy.
pub fn all(client: &Value) -> Vec<(&'static str, Call, u16)> {
    let register = |query: &str| {
        let call = Call::new("POST", &format!("/reg{query}"));
        call.header("content-type", "application/json").body(include_str!("readme.json"))
    };
    let filled = |unit: &str, bytes: usize| unit.repeat(bytes / unit.len());
    let query = |unit: &str| format!("?{}", filled(unit, URL));
    let discover = || Call::new("GET", "/.well-known/oauth-authorization-server");
    let read = || Call::of("GET", client);
    vec![
        ("a query of short parameters", register(&query("a&")), 400),
        ("a query of one parameter", register(&format!("?a={}", filled("dryru", URL))), 201),
        ("a query of escapes", register(&format!("?a={}", filled("%2564", URL))), 201),
        (
            "a query where the method is not allowed",
            Call::new("GET", &format!("/reg{}", query("a&"))),
            405,
        ),
        ("a path of segments", Call::new("GET", &filled("/a", URL)), 404),
        ("a path of dots", Call::new("GET", &filled("/%2e", URL)), 404),
        ("a long client identifier", Call::new("GET", &format!("/reg/{}", filled("a", URL))), 401),
        (
            "many entity tags of a document",
            discover().header("if-none-match", &filled("a,", HEADERS)),
            200,
        ),
        ("many entity tags of a client", read().header("if-match", &filled("W/a,", HEADERS)), 412),
        (
            "many media types",
            register("").header("content-type", &filled("application/json,", HEADERS)),
            415,
        ),
        (
            "many content codings",
            register("").header("content-encoding", &filled("identity,", HEADERS)),
            415,
        ),
        (
            "a long token",
            read().header("authorization", &format!("Bearer {}", filled("a", HEADERS))),
            401,
        ),
        (
            "a long origin",
            register("").header("origin", &format!("https://{}", filled("a.", HEADERS))),
            201,
        ),
    ]
}
