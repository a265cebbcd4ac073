//! The values that this server accepts, as the rules see them. They are read from the metadata that discovery
//! publishes, so what is advertised is what can be registered. Only algorithms with a shared key, which a server may
//! offer to clients of its own making, are rejected all the same, unless client secrets are sealed.

use std::rc::Rc;

use super::extension::Extensions;
use crate::vocabulary::{AuthMethod, GrantType, ResponseType, Scope};

/// The values this server supports.
#[derive(Debug, Clone)]
pub struct Supported {
    /// `grant_types_supported`; not empty.
    pub grant_types: Vec<GrantType>,
    /// `response_types_supported`.
    pub response_types: Vec<ResponseType>,
    /// `token_endpoint_auth_methods_supported`; not empty.
    pub auth_methods: Vec<AuthMethod>,
    /// `scopes_supported`; `None` where the operator publishes none: any scope is kept.
    pub scopes: Option<Vec<String>>,
    /// The scope of a client that asks for no scope, or for none that is supported. Empty: it is registered
    /// without a scope, and the authorization server decides.
    pub default_scope: Scope,
    /// The lists that members of a client are held against, by their metadata names.
    pub lists: Rc<Vec<(String, Vec<String>)>>,
    /// The members beyond the registered ones that clients may register.
    pub extensions: Extensions,
    /// Whether the issuer itself is on the loopback interface: a developer's machine, where
    /// servers without certificates may be called.
    pub development: bool,
    /// Whether client secrets are sealed, so that the authorization server can have the plain ones.
    pub seals_secrets: bool,
    /// For clients that have a hosted document: the length of its URL, in bytes.
    pub document_url_bytes: Option<usize>,
}

impl Supported {
    /// A published list; `None` where the operator publishes none of this name.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&[String]> {
        self.lists.iter().find(|(known, _)| known == name).map(|(_, list)| list.as_slice())
    }
}

/// The values as a message lists them.
pub(super) fn listed<'v>(values: impl IntoIterator<Item = &'v str>) -> String {
    values.into_iter().collect::<Vec<_>>().join(", ")
}
