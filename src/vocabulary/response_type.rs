//! Response types: RFC 6749 §3.1.1 and OAuth 2.0 Multiple Response Type Encoding Practices §3, §5.

use serde::{Serialize, Serializer};

use super::GrantType;

/// A response type: `none`, or a set of `code`, `id_token` and `token` in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseType {
    code: bool,
    id_token: bool,
    token: bool,
}

impl ResponseType {
    /// `code`, the default.
    pub const CODE: Self = Self { code: true, id_token: false, token: false };
    /// Every response type there is.
    pub const ALL: [Self; 8] = [
        Self::CODE,
        Self { code: false, id_token: false, token: false },
        Self { code: false, id_token: true, token: false },
        Self { code: false, id_token: false, token: true },
        Self { code: false, id_token: true, token: true },
        Self { code: true, id_token: true, token: false },
        Self { code: true, id_token: false, token: true },
        Self { code: true, id_token: true, token: true },
    ];

    /// Reads a response type, its words in any order; `None` for one that no spec defines.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parsed = Self { code: false, id_token: false, token: false };
        if text == "none" {
            return Some(parsed);
        }
        for word in text.split(' ') {
            let flag = match word {
                "code" => &mut parsed.code,
                "id_token" => &mut parsed.id_token,
                "token" => &mut parsed.token,
                _ => return None,
            };
            if std::mem::replace(flag, true) {
                return None;
            }
        }
        Some(parsed)
    }

    /// The name as the specs write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match (self.code, self.id_token, self.token) {
            (false, false, false) => "none",
            (true, false, false) => "code",
            (false, true, false) => "id_token",
            (false, false, true) => "token",
            (false, true, true) => "id_token token",
            (true, true, false) => "code id_token",
            (true, false, true) => "code token",
            (true, true, true) => "code id_token token",
        }
    }

    /// Whether the authorization endpoint itself hands out an ID token.
    #[must_use]
    pub fn has_id_token(self) -> bool {
        self.id_token
    }

    /// The grant types a client of this response type needs (RFC 7591 §2.1, OIDC Dynamic Client
    /// Registration 1.0 §2).
    pub fn grants(self) -> impl Iterator<Item = GrantType> {
        let code = self.code.then_some(GrantType::AuthorizationCode);
        let implicit = self.is_implicit().then_some(GrantType::Implicit);
        code.into_iter().chain(implicit)
    }

    /// Whether the authorization endpoint itself hands out a token of some kind.
    #[must_use]
    pub fn is_implicit(self) -> bool {
        self.id_token || self.token
    }
}

impl Serialize for ResponseType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
