//! `REGISTRATION.mtls_base`: the host that asks callers for a client certificate (RFC 8705 §5).
//!
//! A host that asks for certificates can bother the users of browsers, so operators can have a second one for it. Only
//! registration and its management are there.

use std::rc::Rc;

use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::{Map, Value};
use url::{Position, Url};

use super::identifier::Identifier;
use super::{Config, Issuer, reference};
use crate::client::setting::text;
use crate::vocabulary::ClientId;

/// The base of the endpoints on that host.
#[derive(Debug, Clone)]
pub(super) struct MtlsBase(pub Identifier);

impl<'de> Deserialize<'de> for MtlsBase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, reference::IDENTIFIER, |text| Identifier::parse("", text).ok().map(Self))
    }
}

/// Publishes the registration endpoint below `base` (RFC 8705 §5).
pub(super) fn announce(base: &MtlsBase, metadata: &mut Map<String, Value>) {
    let aliases = metadata.entry("mtls_endpoint_aliases").or_insert_with(|| Map::new().into());
    if let Some(aliases) = aliases.as_object_mut() {
        let endpoint = format!("{}/reg", base.0.base());
        aliases.insert("registration_endpoint".to_owned(), endpoint.into());
    }
}

impl Issuer {
    /// The URI at which a client manages its registration (RFC 7592 §3, `registration_client_uri`). A client that is bound
    /// to a certificate can present it there.
    #[must_use]
    pub fn registration_client_uri(&self, client_id: &ClientId, is_bound: bool) -> String {
        let mtls = self.mtls_base.as_ref().filter(|_| is_bound).map(|base| &base.0);
        format!("{}/reg/{client_id}", mtls.unwrap_or(&self.identifier).base())
    }
}

impl Config {
    /// The issuer whose `REGISTRATION.mtls_base` a request to `url` is for, and the path of that base.
    #[must_use]
    pub fn find_mtls_base(&self, url: &Url) -> Option<(Rc<Issuer>, String)> {
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        self.issuers().iter().find_map(|issuer| {
            let base = &issuer.mtls_base.as_ref()?.0;
            let is_below = || url.path().starts_with(&format!("{}/", base.path()));
            (base.authority() == authority && is_below())
                .then(|| (Rc::clone(issuer), base.path().to_owned()))
        })
    }
}
