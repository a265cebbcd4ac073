//! Issuer identifiers (RFC 8414 §2).

use super::config_error::ConfigError;
use super::reference;
use crate::vocabulary::WebUri;

/// An issuer identifier (RFC 8414 §2), byte for byte as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identifier {
    pub text: String,
    loopback: bool,
}

impl Identifier {
    /// Reads an identifier: https without query or fragment; http on a loopback host.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::value(name, &text.into(), reference::IDENTIFIER);
        let uri = WebUri::parse(text).map_err(|_| wrong())?;
        let loopback = uri.host().is_loopback();
        let dots = |segment: &str| {
            matches!(&*segment.to_ascii_lowercase().replace("%2e", "."), "." | "..")
        };
        let plain = !text.contains(['?', '#', '\\']) && !text.split('/').any(dots);
        if plain && (uri.is_https() || loopback) {
            Ok(Self { text: text.to_owned(), loopback })
        } else {
            Err(wrong())
        }
    }

    /// What paths are appended to: a trailing slash would double theirs.
    pub fn base(&self) -> &str {
        self.text.trim_end_matches('/')
    }

    /// The path of the issuer: empty, or like `/tenant`.
    pub fn path(&self) -> &str {
        let authority = self.base().split_once("//").map_or("", |(_, rest)| rest);
        authority.find('/').and_then(|at| authority.get(at..)).unwrap_or_default()
    }

    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Host and port, to be compared with where a request came in.
    pub fn authority(&self) -> String {
        authority(&self.text)
    }
}

/// Host and port of an origin or a URL, in lower case, without the port that goes without saying. The
/// scheme does not count: whoever ends TLS before us speaks http to us.
pub(super) fn authority(url: &str) -> String {
    let (scheme, rest) = url.split_once("//").unwrap_or(("", url));
    let authority = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let default = if scheme.eq_ignore_ascii_case("http:") { ":80" } else { ":443" };
    let bare = authority.strip_suffix(default);
    bare.map_or(authority.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_compared_without_case_and_default_port() {
        for (url, expected) in [
            ("https://auth.example.com", "auth.example.com"),
            ("http://Auth.Example.com:80/t", "auth.example.com"),
            ("https://auth.example.com:443/", "auth.example.com"),
            ("http://localhost:8787", "localhost:8787"),
            ("http://[::1]:8787/t", "[::1]:8787"),
            ("", ""),
        ] {
            assert_eq!(authority(url), expected, "{url}");
        }
    }

    #[test]
    fn the_path_of_an_identifier_is_what_follows_its_authority() {
        for (text, path) in [
            ("https://a.example", ""),
            ("https://a.example/", ""),
            ("https://a.example/t1", "/t1"),
            ("https://a.example/t1/", "/t1"),
            ("https://a.example/x/y", "/x/y"),
        ] {
            assert_eq!(Identifier::parse("ISSUER", text).unwrap().path(), path, "{text}");
        }
    }
}
