//! The bodies: for each shape that the parser takes or rejects, the one of 64 KB that is most work.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::json;
use std::fmt::Write as _;

use rollcall_support::statements::statement;

/// The largest body that is read, with room for the `client_id` of an update.
pub const LIMIT: usize = 65_536 - 64;

/// A body, and how it is answered without a policy.
pub struct Shape {
    pub name: &'static str,
    pub body: String,
    pub statuses: &'static [u16],
    /// The body of the registration that it updates; `None` for a registration.
    pub update: Option<String>,
}

/// Shapes that take much work of policies and of long lists, by words of their names.
const COSTLY: [&str; 10] = [
    "readme",
    "names of words of one letter",
    "names of Cyrillic",
    "long hosts",
    "three lists of redirect URIs",
    "a scope of",
    "grant types",
    "choices of",
    "20 keys of 8192 bits",
    "a statement that is trusted",
];

impl Shape {
    /// Whether it is sent under configurations too whose lists are those of another one.
    pub fn is_costly(&self) -> bool {
        COSTLY.iter().any(|words| self.name.contains(words))
    }
}

/// About as many values as a body may have.
const MANY: usize = 1490;
pub const OK: &[u16] = &[201];
pub const BAD: &[u16] = &[400];
pub const REDIRECT: &str = "\"redirect_uris\":[\"https://app.example.com/cb\"]";

pub fn shape(name: &'static str, statuses: &'static [u16], body: String) -> Shape {
    Shape { name, body, statuses, update: None }
}

/// As many of `item(0)`, `item(1)`, … as fit between `head` and `tail`, and at most `most`.
pub fn filled(head: &str, tail: &str, most: usize, item: impl Fn(usize) -> String) -> String {
    let mut body = String::from(head);
    for n in 0..most {
        let item = item(n);
        if body.len() + item.len() + 1 + tail.len() > LIMIT {
            break;
        }
        if n > 0 {
            body.push(',');
        }
        body.push_str(&item);
    }
    body + tail
}

/// A text of at most `bytes` bytes from repetitions of `unit`.
pub fn text(unit: &str, bytes: usize) -> String {
    unit.repeat(bytes / unit.len())
}

/// A tag, another one for each number below 676.
fn tag(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    format!("{}{}", letter(n / 26), letter(n))
}

/// Names in as many languages as may be, and descriptions in the others.
fn names(unit: &str) -> String {
    names_of(unit, 1024, "")
}

/// The same, of `bytes` bytes each and what they end with.
fn names_of(unit: &str, bytes: usize, end: &str) -> String {
    let tail = format!(",{REDIRECT}}}");
    let names = 3 * 1024 / (unescaped(unit, bytes) + unescaped(end, end.len()));
    filled("{", &tail, 250, |n| {
        let member =
            if n < names { ["client_name", "organization_name"][n % 2] } else { "description" };
        let end = if n < names { end } else { "" };
        format!("\"{member}#{}\":\"{}{end}\"", tag(n), text(unit, bytes))
    })
}

/// How long repetitions of `unit` that are `bytes` long are without JSON's escapes.
fn unescaped(unit: &str, bytes: usize) -> usize {
    match unit.strip_prefix("\\u") {
        Some(_) => bytes / 3,
        None => bytes / unit.len().max(1) * unit.len(),
    }
}

/// A member with a list of as many of `item(0)`, `item(1)`, … as fit.
pub fn list(member: &str, most: usize, item: impl Fn(usize) -> String) -> String {
    let tail = format!("],{REDIRECT}}}");
    filled(&format!("{{\"{member}\":["), &tail, most, |n| format!("\"{}\"", item(n)))
}

pub fn redirects(most: usize, item: impl Fn(usize) -> String) -> String {
    filled("{\"redirect_uris\":[", "]}", most, |n| format!("\"{}\"", item(n)))
}

/// The three members with redirect URIs, each with a hundred.
pub fn three_lists(uri: impl Fn(usize, usize) -> String) -> String {
    let members = ["redirect_uris", "claims_redirect_uris", "post_logout_redirect_uris"];
    let lists = members.iter().enumerate().map(|(list, member)| {
        let uris: Vec<String> = (0..100).map(|n| format!("\"{}\"", uri(list, n))).collect();
        format!("\"{member}\":[{}]", uris.join(","))
    });
    format!("{{{}}}", lists.collect::<Vec<_>>().join(","))
}

/// A URI of `bytes` bytes, another one for each number.
pub fn uri(start: &str, n: usize, unit: &str, bytes: usize) -> String {
    let start = format!("{start}{n}/");
    format!("{start}{}", text(unit, bytes - start.len()))
}

/// Every member that chooses from a list, each with a list of `item`s.
fn choices(item: impl Fn(usize) -> String) -> String {
    let members: Vec<&str> = rollcall::client::table::MEMBERS
        .iter()
        .filter(|member| matches!(member.kind, rollcall::client::table::Kind::Choices { .. }))
        .map(|member| member.name)
        .collect();
    let mut body = format!("{{{REDIRECT},\"jwks_uri\":\"https://app.example.com/jwks\"");
    let each = (LIMIT - body.len()) / members.len() - 100;
    for member in members {
        let _ = write!(body, ",\"{member}\":[");
        let mut list = String::new();
        for n in 0..64 {
            let item = item(n);
            if list.len() + item.len() + 3 > each {
                break;
            }
            let _ = write!(list, "{}\"{item}\"", if n > 0 { "," } else { "" });
        }
        body += &list;
        body.push(']');
    }
    body + "}"
}

pub fn jwks(key: impl Fn(usize) -> String) -> String {
    let tail = format!("]}},\"token_endpoint_auth_method\":\"private_key_jwt\",{REDIRECT}}}");
    filled("{\"jwks\":{\"keys\":[", &tail, 20, key)
}

fn modulus(bytes: usize) -> String {
    let mut number = vec![0; bytes];
    (number[0], number[bytes - 1]) = (0xc1, 1);
    BASE64URL.encode(number)
}

fn rsa(n: usize, bytes: usize) -> String {
    let modulus = modulus(bytes);
    format!(
        "{{\"kty\":\"RSA\",\"kid\":\"{n}\",\"use\":\"sig\",\"alg\":\"RS256\",\"n\":\"{modulus}\",\"e\":\"AQAB\"}}"
    )
}

/// Every member of `kind_has`, with a value of `value`.
fn members(value: impl Fn(&str, usize) -> Option<String>) -> String {
    let mut body = String::from("{");
    for (n, member) in rollcall::client::table::MEMBERS.iter().enumerate() {
        if let Some(value) = value(member.name, n) {
            let comma = if body.len() > 1 { "," } else { "" };
            let _ = write!(body, "{comma}\"{}\":{value}", member.name);
        }
    }
    body + "}"
}

/// The wrong value that is most work, for every member and all their languages.
fn everything_wrong() -> String {
    let mut body = members(|_, _| Some("[1]".into()));
    body.pop();
    let localized = rollcall::client::table::MEMBERS
        .iter()
        .filter(|member| member.has(rollcall::client::table::Property::Localized));
    for member in localized {
        for n in 0..17 {
            let _ = write!(body, ",\"{}#{}\":1", member.name, tag(n));
        }
    }
    body + "}"
}

/// Lists of wrong values in every member that has a list.
fn lists_wrong() -> String {
    use rollcall::client::table::{Kind, MEMBERS};
    let mut body = String::from("{\"redirect_uris\":[");
    let wrong = |count: usize, value: &str| vec![value; count].join(",");
    body += &wrong(80, "1");
    body.push(']');
    for member in MEMBERS {
        let count = match member.kind {
            Kind::RedirectUriList => 80,
            Kind::DisplayTexts
            | Kind::Texts
            | Kind::SecureUris
            | Kind::EncList
            | Kind::Enums { .. }
            | Kind::Choices { .. }
            | Kind::GrantTypes
            | Kind::ResponseTypes => 45,
            _ => continue,
        };
        let _ = write!(body, ",\"{}\":[{}]", member.name, wrong(count, "\"\""));
    }
    body + "}"
}

/// Every shape.
pub fn all() -> Vec<Shape> {
    let mut all = vec![shape("readme", OK, include_str!("readme.json").into())];
    all.extend(of_names());
    all.extend(of_uris());
    all.extend(of_lists_of_uris());
    all.extend(of_lists());
    all.extend(of_keys());
    all.extend(of_json());
    all.extend(of_errors());
    all.extend(of_updates());
    all
}

fn of_names() -> Vec<Shape> {
    vec![
        shape("names of words of one letter", OK, names("a1")),
        shape("names of words of one letter and space", OK, names("a ")),
        shape("names of capitals", OK, names("aA")),
        shape("names of letters that look like two", OK, names("m")),
        shape("names of signs", OK, names("|")),
        shape("names of letters that are rare", OK, names("\u{13a0}")),
        shape(
            "more names than may be",
            BAD,
            filled("{", &format!(",{REDIRECT}}}"), 250, |n| {
                format!("\"client_name#{}\":\"{}\"", tag(n), text("a\u{430}", 1023))
            }),
        ),
        shape("names of words of one letter with a mark", OK, names("\u{1e85} ")),
        shape("names of one word", OK, names("a")),
        shape("names of one repeated syllable", OK, names("al")),
        shape("names of words of a reserved beginning", OK, names("alalal ")),
        shape("names of letters that are two", OK, names("\u{1e3f}W")),
        shape("names of Han", OK, names("\u{4e00}")),
        shape("names of Hangul", OK, names("\u{ac01}")),
        shape("names of letters of mathematics", OK, names("\u{1d5ba}")),
        shape("names of ligatures of eighteen letters", OK, names("\u{fdfa}")),
        shape("names of squared words", OK, names("\u{3300}")),
        shape("names of squared units", OK, names("\u{33d5}")),
        shape("names of Cyrillic", OK, names("\u{430}")),
        shape("names of letters with three marks", OK, names("a\u{301}\u{323}\u{302}")),
        shape("names of emoji sequences", OK, names("\u{1f469}\u{200d}\u{1f4bb}")),
        shape("names of joiners", OK, names("\u{915}\u{94d}\u{200d}")),
        shape("names of escapes", OK, names_of("\\u0430", 3072, "")),
        shape("names of punctuation", OK, names(".")),
        shape("names in 250 languages", OK, names_of("a1", 230, "")),
        shape(
            "names with heaps of marks at the end",
            BAD,
            names_of("a\u{301}", 1000, "\u{301}\u{301}\u{301}"),
        ),
        shape("names of two alphabets in the last word", BAD, names_of("a1 ", 1000, "a\u{430}")),
        shape("names with a control at the end", BAD, names_of("a1 ", 1000, "\\u0001")),
        shape("descriptions", OK, {
            filled("{", &format!(",{REDIRECT}}}"), 250, |n| {
                format!("\"description#{}\":\"{}\"", tag(n), text("a\u{301}", 1000))
            })
        }),
    ]
}

fn of_uris() -> Vec<Shape> {
    let sub = |n: usize| format!("https://a{n}.app.example.com/");
    let links = |start: &'static str, bytes: usize, unit: &'static str| {
        filled("{", &format!(",{REDIRECT}}}"), 250, |n| {
            let member = [
                "logo_uri",
                "client_uri",
                "tos_uri",
                "policy_uri",
                "information_uri",
                "organization_uri",
            ][n % 6];
            format!("\"{member}#{}\":\"{}\"", tag(n), uri(start, n, unit, bytes))
        })
    };
    vec![
        shape("100 redirect URIs of https", OK, redirects(100, |n| uri(&sub(n), n, "a", 640))),
        shape(
            "redirect URIs with long hosts",
            OK,
            redirects(100, |n| {
                format!("https://{}{n}.app.example.com/{}", text("a.", 220), text("a/", 400))
            }),
        ),
        shape(
            "redirect URIs of percent-encoding",
            OK,
            redirects(100, |n| uri(&sub(n), n, "%41", 640)),
        ),
        shape("redirect URIs of segments", OK, redirects(100, |n| uri(&sub(n), n, "/", 640))),
        shape(
            "redirect URIs of segments that begin like dots",
            OK,
            redirects(100, |n| uri(&sub(n), n, ".%2ex/", 640)),
        ),
        shape(
            "redirect URIs on loopback",
            OK,
            redirects(100, |n| uri("http://127.0.0.1:8080/", n, "a", 640)),
        ),
        shape(
            "redirect URIs of private use",
            OK,
            redirects(100, |n| uri("com.example.app://cb/", n, "a", 640)),
        ),
        shape(
            "redirect URIs of long schemes",
            OK,
            redirects(100, |n| format!("com.example.{}{n}:/cb", "a".repeat(620))),
        ),
        shape(
            "redirect URIs that are refused at the end",
            BAD,
            redirects(100, |n| uri(&sub(n), n, "a", 640) + "#"),
        ),
        shape(
            "redirect URIs of a forbidden scheme",
            BAD,
            redirects(100, |n| uri("wss://example.com/", n, "a", 640)),
        ),
        shape("redirect URIs of Unicode", BAD, redirects(100, |n| uri(&sub(n), n, "\u{430}", 640))),
        shape("three lists of redirect URIs", OK, {
            let uris = |n| format!("\"{}\"", uri(&sub(n), n, "a", 210));
            let list = (0..100).map(uris).collect::<Vec<_>>().join(",");
            format!(
                "{{\"redirect_uris\":[{list}],\"claims_redirect_uris\":[{list}],\"post_logout_redirect_uris\":[{list}]}}"
            )
        }),
        shape("three lists of redirect URIs, and implicit", BAD, {
            let uris = |n| format!("\"{}\"", uri("http://127.0.0.1:8080/", n, "a", 210));
            let list = (0..100).map(uris).collect::<Vec<_>>().join(",");
            format!(
                "{{\"response_types\":[\"id_token\"],\"redirect_uris\":[{list}],\"claims_redirect_uris\":[{list}],\"post_logout_redirect_uris\":[{list}]}}"
            )
        }),
        shape("request_uris", OK, list("request_uris", 64, |n| uri(&sub(n), n, "a", 1010))),
        shape(
            "request_uris that are not https",
            BAD,
            list("request_uris", 64, |n| uri("http://example.com/", n, "a", 1010)),
        ),
        shape("front-channel logout and 100 redirect URIs", BAD, {
            redirects(100, |n| uri(&sub(n), n, "a", 630)).replacen(
                '{',
                "{\"frontchannel_logout_uri\":\"https://x.app.example.com/\",",
                1,
            )
        }),
        shape("pairwise subjects and 100 redirect URIs", BAD, {
            redirects(100, |n| uri(&sub(n), n, "a", 630)).replacen(
                '{',
                "{\"subject_type\":\"pairwise\",",
                1,
            )
        }),
        shape("links", OK, links("https://app.example.com/", 240, "a")),
        shape("long links", OK, links("https://app.example.com/", 2048, "%41")),
        shape("links on http", OK, links("http://app.example.com/", 240, "a")),
        shape("links of another scheme", BAD, links("data://app.example.com/", 240, "a")),
    ]
}

fn of_lists_of_uris() -> Vec<Shape> {
    vec![
        shape("three lists of short redirect URIs of private use", OK, {
            three_lists(|list, n| format!("zq{}:/x", 100 * list + n))
        }),
        shape("three lists of redirect URIs of long schemes", OK, {
            three_lists(|list, n| format!("{}{list}x{n}:/x", text("m-s", 200)))
        }),
    ]
}

fn of_lists() -> Vec<Shape> {
    let scope = |item: &dyn Fn(usize) -> String| {
        let mut scope = String::new();
        for n in 0.. {
            let token = item(n);
            if scope.len() + token.len() + 1 > 4096 {
                break;
            }
            let _ = write!(scope, "{token} ");
        }
        format!("{{\"scope\":\"{}\",{REDIRECT}}}", scope.trim_end())
    };
    let short = |n: usize| {
        let sign = |n: usize| char::from(b'#' + u8::try_from(n % 57).unwrap());
        if n < 57 { sign(n).to_string() } else { format!("{}{}", sign(n / 57), sign(n)) }
    };
    vec![
        shape("a scope of short tokens", OK, scope(&short)),
        shape("a scope of one token, again and again", OK, scope(&|_| "a".into())),
        shape("a scope of offered tokens", OK, scope(&|n| format!("scope{}", n % 100))),
        shape(
            "a scope that is refused at the end",
            BAD,
            scope(&short).replacen("\",\"r", " \\u0430\",\"r", 1),
        ),
        shape(
            "grant types",
            BAD,
            list("grant_types", 64, |n| format!("urn:example:grant:{n}{}", "x".repeat(480))),
        ),
        shape(
            "grant types with a known one",
            OK,
            list("grant_types", 64, |n| match n {
                0 => "authorization_code".into(),
                _ => format!("urn:example:grant:{n}{}", "x".repeat(480)),
            }),
        ),
        shape(
            "response types",
            BAD,
            list("response_types", 64, |n| format!("code id_token {n}{}", " token".repeat(80))),
        ),
        shape("contacts", OK, list("contacts", 64, |n| format!("{n}{}", text("a\u{301}", 1000)))),
        shape("contacts and keywords", OK, {
            let texts = |unit: &str| {
                let texts = (0..64).map(|n| format!("\"{n}{}\"", text(unit, 480)));
                texts.collect::<Vec<_>>().join(",")
            };
            format!(
                "{{{REDIRECT},\"contacts\":[{}],\"keywords\":[{}]}}",
                texts("a\u{301}"),
                texts("\u{1f469}\u{200d}\u{1f4bb}")
            )
        }),
        shape(
            "keywords that are refused",
            BAD,
            list("keywords", 64, |n| format!("{n}{}\\u0001", text("a\u{301}", 990))),
        ),
        shape(
            "authorization details types",
            OK,
            list("authorization_details_types", 64, |n| format!("{n}{}", "a".repeat(500))),
        ),
        shape("a list of 20,000 elements", BAD, list("contacts", 20_000, |_| "a".into())),
        shape(
            "choices of known values",
            OK,
            choices(|n| {
                [
                    "RS256",
                    "ES256",
                    "RSA-OAEP",
                    "A128GCM",
                    "public",
                    "none",
                    "pairwise",
                    "client_secret_basic",
                ][n % 8]
                    .into()
            }),
        ),
        shape("choices of other values", BAD, choices(|n| format!("x{n}"))),
        shape("choices of long values", BAD, choices(|n| format!("{n}{}", "x".repeat(45)))),
        shape(
            "choices of values with a shared key",
            BAD,
            choices(|n| ["HS256", "dir", "A128KW", "HS512"][n % 4].into()),
        ),
    ]
}

fn of_keys() -> Vec<Shape> {
    let x5c = |n: usize| {
        let modulus = modulus(512);
        let chain = vec![format!("\"{}\"", "A".repeat(700)); 3].join(",");
        format!(
            "{{\"kty\":\"RSA\",\"kid\":\"{n}\",\"n\":\"{modulus}\",\"e\":\"AQAB\",\"x5c\":[{chain}]}}"
        )
    };
    vec![
        shape("20 keys of 8192 bits", OK, jwks(|n| rsa(n, 1024))),
        shape(
            "keys of zeros",
            BAD,
            jwks(|n| {
                format!(
                    "{{\"kty\":\"RSA\",\"kid\":\"{n}\",\"n\":\"{}\",\"e\":\"AQAB\"}}",
                    "A".repeat(3000)
                )
            }),
        ),
        shape("keys with chains of certificates", OK, jwks(x5c)),
        shape(
            "keys of no known type",
            BAD,
            jwks(|n| format!("{{\"kty\":\"x{n}\",\"n\":\"{}\"}}", "A".repeat(3000))),
        ),
        shape(
            "a key of many members",
            OK,
            jwks(|n| match n {
                0 => {
                    let mut key = String::from("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"");
                    // RFC 7515, appendix A.3.1.
                    key += "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
                    key += "\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"";
                    for n in 0..MANY - 10 {
                        let _ = write!(key, ",\"{}{n}\":1", "m".repeat(20));
                    }
                    key + "}"
                }
                _ => "{\"kty\":\"RSA\"}".repeat(10_000),
            }),
        ),
        shape(
            "many operations of keys",
            OK,
            jwks(|n| {
                format!(
                    "{{\"kty\":\"RSA\",\"kid\":\"{n}\",\"n\":\"{}\",\"e\":\"AQAB\",\"key_ops\":[\"verify\"{}]}}",
                    modulus(256),
                    ",\"x\"".repeat(60)
                )
            }),
        ),
        shape(
            "keys with one kid",
            BAD,
            jwks(|_| {
                format!(
                    "{{\"kty\":\"RSA\",\"kid\":\"{}\",\"n\":\"{}\",\"e\":\"AQAB\"}}",
                    "k".repeat(2700),
                    modulus(256)
                )
            }),
        ),
        shape("a software statement", OK, {
            let part = BASE64URL.encode(format!("{{\"a\":[{}0]}}", "0,".repeat(MANY - 2)));
            let signature = "A".repeat(16_380 - 2 * part.len());
            format!("{{\"software_statement\":\"{part}.{part}.{signature}\",{REDIRECT}}}")
        }),
        shape("a statement that is trusted, with long lists", OK, {
            let uri = |n: usize| format!("{:a<190}", format!("https://a{n}.app.example.com/"));
            let uris: Vec<String> = (0..44).map(uri).collect();
            let statement =
                statement(&json!({"redirect_uris": uris, "client_name": "a1".repeat(500)}));
            json!({"redirect_uris": uris, "software_statement": statement}).to_string()
        }),
    ]
}

fn of_json() -> Vec<Shape> {
    let vp = |value: &str, most: usize| {
        let tail = format!("]}},{REDIRECT}}}");
        filled("{\"vp_formats_supported\":{\"x\":[", &tail, most, |_| value.into())
    };
    vec![
        shape(
            "250 unknown members",
            OK,
            filled("{", &format!(",{REDIRECT}}}"), 250, |n| {
                format!("\"{}{n}\":\"{}\"", "m".repeat(120), "\\n".repeat(60))
            }),
        ),
        shape(
            "250 members with long names",
            OK,
            filled("{", &format!(",{REDIRECT}}}"), 250, |n| {
                format!("\"{}{n}\":1", "m".repeat(250))
            }),
        ),
        shape(
            "255 members in many languages",
            OK,
            filled("{", &format!(",{REDIRECT}}}"), 250, |n| {
                format!(
                    "\"vp_formats_supported#{}\":\"{}\"",
                    "M".repeat(100 + n % 3) + &tag(n),
                    "x".repeat(100)
                )
            }),
        ),
        shape("10,000 members", BAD, filled("{", "}", 20_000, |n| format!("\"{n}\":1"))),
        shape("an object of many members", OK, {
            let key = |n: usize| format!("\"{}{n}\":1", "m".repeat(22));
            filled("{\"vp_formats_supported\":{", &format!("}},{REDIRECT}}}"), MANY, key)
        }),
        shape("numbers", OK, vp("1", MANY)),
        shape("numbers with fractions", OK, vp("1.7976931348623157e-308", MANY)),
        shape(
            "numbers that round slowly",
            OK,
            vp("2.22507385850720113605740979670913197593481954635164564e-308", MANY),
        ),
        shape("one number of 60,000 digits", OK, vp(&format!("1.{}", "3".repeat(60_000)), 1)),
        shape("empty lists", OK, vp("[]", MANY)),
        shape("empty objects", OK, vp("{}", MANY)),
        shape("nested lists", OK, vp("[[[1]]]", MANY / 4)),
        shape("nested objects", OK, vp("{\"\":{\"\":{}}}", MANY / 3)),
        shape("short texts", OK, vp("\"\"", MANY)),
        shape("texts of escapes", OK, vp("\"\\u0001\\u0001\\u0001\\u0001\"", MANY)),
        shape("too many objects", BAD, vp("{\"\":{\"\":{}}}", 40_000)),
        shape("too many members of an object", BAD, {
            filled("{\"vp_formats_supported\":{", &format!("}},{REDIRECT}}}"), 20_000, |n| {
                format!("\"m{n}\":1")
            })
        }),
        shape("one text of escapes", OK, vp(&format!("\"{}\"", "\\u0001".repeat(10_800)), 1)),
        shape("surrogates", OK, vp(&format!("\"{}\"", "\\ud83d\\ude00".repeat(5400)), 1)),
        shape("whitespace", OK, format!("{{{}{REDIRECT}}}", " \n".repeat(32_000))),
        shape("too deep", BAD, "{\"x\":".repeat(12_000)),
        shape("too deep lists", BAD, format!("{{\"x\":{}", "[".repeat(60_000))),
        shape(
            "a member twice, at the end",
            BAD,
            filled("{", ",\"m0\":1}", 250, |n| format!("\"m{n}\":\"{}\"", "x".repeat(240))),
        ),
        shape("not JSON at the last byte", BAD, {
            let mut body = vp("1.79769313486231570000e-308", MANY);
            body.pop();
            body + "]"
        }),
        shape(
            "not UTF-8 is not there: a lone surrogate at the end",
            BAD,
            vp(&format!("\"{}\\ud800\"", "x".repeat(60_000)), 1),
        ),
        shape("a list instead of an object", BAD, format!("[{}1]", "1,".repeat(32_000))),
        shape("a text instead of an object", BAD, format!("\"{}\"", "x".repeat(65_000))),
    ]
}

fn of_errors() -> Vec<Shape> {
    vec![
        shape("every member with a wrong value", BAD, everything_wrong()),
        shape("every list with wrong values", BAD, lists_wrong()),
        shape(
            "wrong values in 250 languages",
            BAD,
            filled("{", "}", 250, |n| {
                format!(
                    "\"logo_uri#{}-{}\":\"{}\"",
                    tag(n),
                    "x-".repeat(15) + "y",
                    "x:".to_owned() + &"\u{1f600}".repeat(45)
                )
            }),
        ),
        shape(
            "wrong redirect URIs, each long",
            BAD,
            redirects(100, |n| format!("x{n}{}", "\u{1f600}".repeat(160))),
        ),
        shape(
            "wrong choices, each long",
            BAD,
            choices(|n| format!("{n}\u{1f600}{}", "x".repeat(40))),
        ),
        shape(
            "texts that are too long",
            BAD,
            filled("{", "}", 250, |n| {
                format!("\"client_name#{}\":\"{}\"", tag(n), "\\u0430".repeat(520))
            }),
        ),
        shape(
            "a text that is far too long",
            BAD,
            format!("{{\"client_name\":\"{}\"}}", "x".repeat(65_000)),
        ),
        shape(
            "algorithms that nobody knows",
            BAD,
            members(|name, n| {
                name.ends_with("_alg").then(|| format!("\"{n}{}\"", "x".repeat(480)))
            }),
        ),
    ]
}

/// An update of a client with one redirect URI.
pub fn update(name: &'static str, statuses: &'static [u16], body: String) -> Shape {
    Shape { name, body, statuses, update: Some(format!("{{{REDIRECT}}}")) }
}

fn of_updates() -> Vec<Shape> {
    let redirects = |n: usize| uri(&format!("https://a{n}.app.example.com/"), n, "a", 640);
    vec![
        update("update: names of words of one letter", &[200], names("a1")),
        update("update: 100 redirect URIs", &[200], self::redirects(99, redirects)),
        update("update: every list with wrong values", BAD, lists_wrong()),
        update("update: 20 keys of 8192 bits", &[200], jwks(|n| rsa(n, 1000))),
        update("update: a scope of offered tokens", &[200], {
            let tokens: Vec<_> = (0..400).map(|n| format!("scope{}", n % 100)).collect();
            format!("{{\"scope\":\"{}\",{REDIRECT}}}", tokens.join(" "))
        }),
        update(
            "update: empty lists",
            &[200],
            filled(
                "{\"vp_formats_supported\":{\"x\":[",
                &format!("]}},{REDIRECT}}}"),
                MANY - 20,
                |_| "[]".into(),
            ),
        ),
    ]
}
