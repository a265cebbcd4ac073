//! The rule for URIs, written a second time: to be compared with what the `url` crate reads.

/// The output of a WHATWG parser that changes only the allowed parts of a URI: the case of
/// scheme and host, an explicit default port, the slash of an empty path, and `'` in a query.
pub fn with_allowed_changes(text: &str) -> String {
    let (scheme, rest) = text.split_once(':').unwrap();
    let scheme = scheme.to_ascii_lowercase();
    let default = match &*scheme {
        "https" => ":443",
        "http" => ":80",
        // The host of another scheme is opaque, unless it is an address.
        _ => {
            let end = if rest.starts_with("//[") { rest.find(']').unwrap() } else { 0 };
            let (address, rest) = rest.split_at(end);
            return format!("{scheme}:{}{rest}", address.to_ascii_lowercase());
        }
    };
    let rest = rest.strip_prefix("//").unwrap();
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let authority = authority.to_ascii_lowercase();
    let authority = authority.strip_suffix(default).unwrap_or(&authority);
    let (tail, fragment) = tail.split_at(tail.find('#').unwrap_or(tail.len()));
    let (path, query) = tail.split_at(tail.find('?').unwrap_or(tail.len()));
    let path = if path.is_empty() { "/" } else { path };
    format!("{scheme}://{authority}{path}{}{fragment}", query.replace('\'', "%27"))
}

/// The output of a WHATWG parser for the URL of a metadata document: it may drop an explicit default port, and changes
/// nothing else.
pub fn without_default_port(text: &str) -> String {
    let rest = text.strip_prefix("https://").unwrap();
    let (authority, tail) = rest.split_at(rest.find('/').unwrap());
    format!("https://{}{tail}", authority.strip_suffix(":443").unwrap_or(authority))
}
