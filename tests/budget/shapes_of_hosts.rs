//! Shapes in which the runtime has to be asked, or hosts are addresses: `xn--` labels, points on curves, IPv4 and IPv6.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use super::shapes::{
    BAD, OK, REDIRECT, Shape, filled, jwks, list, redirects, shape, text, three_lists, update, uri,
};

/// A valid host with an `xn--` label, another one for each number, of about `letters` letters.
fn encoded(n: usize, letters: usize) -> String {
    let label = format!("{}{n}\u{fc}", text("a", letters));
    format!("xn--{}.app.example.com", idna::punycode::encode_str(&label).unwrap())
}

/// Links in many languages, on the hosts of `host`.
fn links(host: impl Fn(usize) -> String) -> String {
    filled("{", &format!(",{REDIRECT}}}"), 250, |n| {
        let member = ["logo_uri", "client_uri", "tos_uri", "policy_uri", "information_uri"][n % 5];
        let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
        let language = format!("{}{}", letter(n / 26), letter(n));
        format!("\"{member}#{language}\":\"https://{}/\"", host(n))
    })
}

/// Every shape.
pub fn all() -> Vec<Shape> {
    let mut all = of_encoded_hosts();
    all.extend(of_addresses());
    all.extend(of_points());
    all.extend(of_updates());
    all
}

fn of_encoded_hosts() -> Vec<Shape> {
    let on = |n: usize, letters: usize, bytes: usize| {
        uri(&format!("https://{}/", encoded(n, letters)), n, "a", bytes)
    };
    vec![
        shape("100 redirect URIs on xn-- hosts", OK, redirects(100, |n| on(n, 30, 640))),
        shape(
            "three lists of redirect URIs on the same xn-- hosts",
            BAD,
            three_lists(|_, n| on(n, 1, 210)),
        ),
        shape(
            "three lists of redirect URIs on different xn-- hosts",
            BAD,
            three_lists(|list, n| on(100 * list + n, 1, 210)),
        ),
        shape(
            "redirect URIs on hosts of many xn-- labels",
            BAD,
            redirects(100, |n| {
                let labels = text("xn--bcher-kva.", 182);
                format!("https://{labels}{}/{}", encoded(n, 1), text("a/", 300))
            }),
        ),
        shape(
            "redirect URIs on a few hosts of many xn-- labels",
            OK,
            redirects(100, |n| {
                let labels = if n < 7 { text("xn--bcher-kva.", 182) } else { text("a.", 182) };
                format!("https://{labels}{n}.app.example.com/{}", text("a/", 300))
            }),
        ),
        shape(
            "redirect URIs on xn-- hosts that do not decode",
            BAD,
            redirects(100, |n| format!("https://xn--a.app{n}.example.com/{}", text("a", 600))),
        ),
        shape(
            "redirect URIs on hosts of escaped labels",
            BAD,
            redirects(100, |n| {
                format!("https://{}a{n}.example.com/", text("%78%6e--bcher-kva.", 600))
            }),
        ),
        shape("links on xn-- hosts", BAD, links(|n| encoded(n, 30))),
        shape("links on one xn-- host", BAD, links(|_| encoded(1, 30))),
        shape("request_uris on xn-- hosts", OK, list("request_uris", 64, |n| on(n, 30, 1000))),
    ]
}

fn of_addresses() -> Vec<Shape> {
    let v4 = |n: usize| format!("198.{}.{}.{}", 20 + n / 250, n % 250, 255 - n % 250);
    let v6 = |n: usize| format!("[2606:4700:1:2:3:4:{:x}:{:x}]", 0x1000 + n, 0xffff - n);
    vec![
        shape(
            "redirect URIs on IPv4 addresses",
            OK,
            redirects(100, |n| uri(&format!("https://{}/", v4(n)), n, "a", 640)),
        ),
        shape(
            "redirect URIs on IPv6 addresses",
            OK,
            redirects(100, |n| uri(&format!("https://{}/", v6(n)), n, "a", 640)),
        ),
        shape(
            "three lists of redirect URIs on IPv6 addresses",
            OK,
            three_lists(|list, n| format!("https://{}:{}/", v6(n), 1000 + list)),
        ),
        shape(
            "redirect URIs on IPv6 addresses in another spelling",
            BAD,
            redirects(100, |n| format!("https://[2606:4700:0:0:0:0:0:{n:04x}]/{}", text("a", 600))),
        ),
        shape(
            "redirect URIs on IPv4 addresses in another spelling",
            BAD,
            redirects(100, |n| format!("https://0x7f.0.0.{n}/{}", text("a", 600))),
        ),
        shape(
            "request_uris on IPv6 addresses",
            OK,
            list("request_uris", 64, |n| uri(&format!("https://{}/", v6(n)), n, "a", 1010)),
        ),
        shape(
            "request_uris on addresses of special use",
            BAD,
            list("request_uris", 64, |n| uri("https://[fd00::1]/", n, "a", 1010)),
        ),
        shape("links on IPv6 addresses", OK, links(v6)),
    ]
}

/// Points that nobody has computed: the model of Web Crypto takes them.
fn point(n: usize, size: usize) -> String {
    let mut number = vec![0xa5; size];
    (number[0], number[size - 1]) = (1, u8::try_from(n).unwrap());
    BASE64URL.encode(number)
}

fn ec(n: usize, curve: &str, size: usize, more: &str) -> String {
    let (x, y) = (point(n, size), point(n + 100, size));
    format!(
        "{{\"kty\":\"EC\",\"kid\":\"{n}\",\"crv\":\"{curve}\",\"x\":\"{x}\",\"y\":\"{y}\"{more}}}"
    )
}

fn okp(n: usize, curve: &str, size: usize, more: &str) -> String {
    format!(
        "{{\"kty\":\"OKP\",\"kid\":\"{n}\",\"crv\":\"{curve}\",\"x\":\"{}\"{more}}}",
        point(n, size)
    )
}

fn of_points() -> Vec<Shape> {
    let padding = |length: usize| format!(",\"x5c\":[\"{}\"]", "A".repeat(length));
    vec![
        shape("20 keys on P-256", OK, jwks(|n| ec(n, "P-256", 32, ""))),
        shape("20 keys on P-521", OK, jwks(|n| ec(n, "P-521", 66, &padding(2800)))),
        shape("20 keys on secp256k1", OK, jwks(|n| ec(n, "secp256k1", 32, ""))),
        shape("20 keys on Ed448", OK, jwks(|n| okp(n, "Ed448", 57, &padding(2900)))),
        shape(
            "20 keys with x5u",
            OK,
            jwks(|n| {
                let x5u = uri("https://app.example.com/", n, "a", 2000);
                ec(n, "P-256", 32, &format!(",\"x5u\":\"{x5u}\""))
            }),
        ),
        shape(
            "19 keys on P-521 and one of zeros",
            BAD,
            jwks(|n| match n {
                19 => format!(
                    "{{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"{0}\",\"y\":\"{0}\"}}",
                    "A".repeat(88)
                ),
                _ => ec(n, "P-521", 66, &padding(2600)),
            }),
        ),
    ]
}

fn of_updates() -> Vec<Shape> {
    vec![
        update("update: 20 keys on P-521", OK_UPDATE, jwks(|n| ec(n, "P-521", 66, ""))),
        update("update: links on one xn-- host", BAD, links(|_| encoded(1, 20))),
        update("update: links on xn-- hosts", BAD, links(|n| encoded(n, 20))),
        update(
            "update: 100 redirect URIs on xn-- hosts",
            OK_UPDATE,
            redirects(100, |n| uri(&format!("https://{}/", encoded(n, 30)), n, "a", 630)),
        ),
        update(
            "update: 100 redirect URIs on IPv6 addresses",
            OK_UPDATE,
            redirects(100, |n| uri(&format!("https://[2606:4700::{:x}]/", n + 1), n, "a", 630)),
        ),
    ]
}

const OK_UPDATE: &[u16] = &[200];
