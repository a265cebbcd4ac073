//! [`Member`]: what a row of the table of members says.

/// One client metadata member.
#[derive(Debug)]
pub struct Member {
    /// Its place in the table, and so in a response.
    pub place: usize,
    /// Its name.
    pub name: &'static str,
    /// The kind of its value, which decides its JSON type and its rule.
    pub kind: Kind,
    /// Its value when a client leaves it out.
    pub default: Default,
    /// The properties that rules and policies ask about.
    pub properties: &'static [Property],
    /// The specification that defines it.
    pub spec: &'static str,
}

impl Member {
    /// Whether it has this property.
    #[must_use]
    pub fn has(&self, property: Property) -> bool {
        self.properties.contains(&property)
    }
}

/// A property of a member that rules and policies ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Property {
    /// It has `name#language` forms (OIDC Dynamic Client Registration 1.0 §2.1).
    Localized,
    /// A name that is shown to people: of the client, or of the organization behind it.
    Name,
    /// The authorization server sends users there.
    ReceivesUsers,
    /// The authorization server itself fetches or calls it.
    Fetched,
    /// Names the subject of a client's certificate (RFC 8705 §2.1.2).
    CertificateSubject,
}

/// The kind of a member's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `redirect_uris`.
    RedirectUris,
    /// `grant_types`, narrowed to what the server supports.
    GrantTypes,
    /// `response_types`, narrowed to what the server supports.
    ResponseTypes,
    /// `token_endpoint_auth_method`.
    AuthMethod,
    /// `application_type`.
    ApplicationType,
    /// `scope`, narrowed to what the server supports.
    Scope,
    /// Another list of URIs that a browser is sent to.
    RedirectUriList,
    /// Text for people, in any language.
    DisplayText,
    /// A list of texts for people.
    DisplayTexts,
    /// Printable ASCII that is kept and not interpreted.
    Opaque,
    /// Text in any language that is kept and not interpreted.
    Text,
    /// A list of such.
    Texts,
    /// A link for people: http or https.
    WebUri,
    /// A URI that a server calls or trusts: https.
    SecureUri,
    /// A list of such.
    SecureUris,
    /// A logout URI: https, no fragment.
    LogoutUri,
    /// A JWS algorithm, one of the server's list `supported` where it publishes one.
    Jws {
        /// The server's list.
        supported: &'static str,
        /// Whether the member's spec allows `none`.
        none: bool,
    },
    /// `token_endpoint_auth_signing_alg`: has to be supported only for a method that uses it.
    AuthSigningAlg,
    /// A JWE key management algorithm.
    Jwe {
        /// The server's list.
        supported: &'static str,
    },
    /// A JWE content encryption.
    Enc {
        /// The server's list.
        supported: &'static str,
        /// The member with the key management algorithm it goes with.
        alg: &'static str,
    },
    /// A list of JWE content encryptions.
    EncList,
    /// One of a closed set.
    Enum {
        /// The set, comma-separated.
        allowed: &'static str,
        /// The server's list.
        supported: Option<&'static str>,
    },
    /// A list of values of a closed set.
    Enums {
        /// The set, comma-separated.
        allowed: &'static str,
    },
    /// True or false.
    Flag,
    /// A duration in seconds.
    Seconds,
    /// A set of public keys.
    JwkSet,
    /// An object that is kept and not interpreted.
    Object,
    /// A JWS in compact form. It is verified and its claims count only where its issuer is trusted.
    SoftwareStatement,
    /// A list of values the client can work with, from which the server chooses one for `of`.
    Choices {
        /// The single-valued member.
        of: &'static str,
    },
    /// Only the server assigns it: ignored in a registration (RFC 7591 §2).
    ServerAssigned,
}

/// The value of a member when a client leaves it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// Absent; or, for the core members, decided by the rules of `grants.rs` and `verify.rs`.
    None,
    /// `false`.
    False,
    /// This value where the server's published list has it, else the list's first; absent where
    /// the server publishes no list, because it does not do what the member is about.
    Supported(&'static str),
    /// `A128CBC-HS256` with an `*_alg` (OIDC Dynamic Client Registration 1.0 §2).
    EncOfAlg,
}

impl Kind {
    /// This kind for a member that is used: libraries send `token_endpoint_auth_signing_alg` for methods that sign
    /// nothing, and only with `private_key_jwt` does it have to be supported.
    #[must_use]
    pub fn where_used(self) -> Self {
        match (self, self.supported_list()) {
            (Self::AuthSigningAlg, Some(supported)) => Self::Jws { supported, none: false },
            _ => self,
        }
    }

    /// The server's published list that a value of this kind has to be in, where the server publishes it.
    #[must_use]
    pub fn supported_list(self) -> Option<&'static str> {
        match self {
            Self::Jws { supported, .. } | Self::Jwe { supported } | Self::Enc { supported, .. } => {
                Some(supported)
            }
            Self::AuthSigningAlg => Some("token_endpoint_auth_signing_alg_values_supported"),
            Self::Enum { supported, .. } => supported,
            _ => None,
        }
    }

    /// The JSON type, as it completes the sentence "must be …".
    #[must_use]
    pub fn json_type(self) -> &'static str {
        match self {
            Self::RedirectUris
            | Self::GrantTypes
            | Self::ResponseTypes
            | Self::RedirectUriList
            | Self::DisplayTexts
            | Self::Texts
            | Self::SecureUris
            | Self::EncList
            | Self::Enums { .. }
            | Self::Choices { .. } => "a list of strings",
            Self::Flag => "true or false",
            Self::Seconds => "a whole number of seconds",
            Self::JwkSet | Self::Object => "an object",
            _ => "a string",
        }
    }
}
