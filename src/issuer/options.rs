//! [`IssuerOptions`]: the settings of an issuer, checked.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::client_ids::IdKeys;
use super::hosting::Hosting;
use super::identifier::Identifier;
use super::mtls::MtlsBase;
use super::{DocumentSettings, Origins};
use crate::client::Extensions;
use crate::gate::GateSettings;
use crate::records::Lifetimes;
use crate::vocabulary::{KeyRing, Scope};

/// The operator's settings of an issuer, checked; its identifier is kept separately.
#[derive(Debug, Clone, Default)]
pub(super) struct IssuerOptions {
    /// `METADATA`: checked members to publish, by name.
    pub metadata: Map<String, Value>,
    /// `REGISTRATION.default_scope`.
    pub default_scope: Option<Scope>,
    /// How long credentials live.
    pub lifetimes: Lifetimes,
    /// The settings of its gate.
    pub gate: GateSettings,
    /// `REGISTRATION.allowed_origins`: the pages that may register clients; `None` for all.
    pub allowed_origins: Option<Origins>,
    /// `REGISTRATION.extension_members`: members beyond the registered ones.
    pub extensions: Extensions,
    /// `REGISTRATION.fetch_sector_identifiers`
    pub fetches_sectors: bool,
    /// `DOCUMENTS`: which metadata documents are resolved.
    pub documents: DocumentSettings,
    /// `AS.cache_ttl`: how long a location may answer look-ups from what it has read, in seconds.
    pub cache_ttl: Option<u32>,
    /// `DISCOVERY.max_age`: how long anyone may keep a document, in seconds.
    pub max_age: Option<u64>,
    /// `DISCOVERY.listed`: whether the host names this issuer to anyone who asks for its issuers.
    pub listed: bool,
    /// `UPSTREAM_METADATA`: the document of an authorization server behind the same issuer.
    pub upstream: Option<String>,
    /// `ID_KEY`, `ID_KEY_REQUIRED` and `SHARED_ID_KEY`: how client identifiers are signed.
    pub ids: IdKeys,
    /// `SEALING_KEY`: what client secrets are encrypted with.
    pub sealing: Option<Rc<KeyRing>>,
    /// `REGISTRATION.client_id` and `DOCUMENT_BASE`: where documents of clients are.
    pub hosting: Hosting,
    /// `REGISTRATION.shared_public_clients`: whether equal public clients are one client.
    pub shares_clients: bool,
    /// `REGISTRATION.mtls_base`: where callers are asked for a client certificate.
    pub mtls_base: Option<MtlsBase>,
}

impl IssuerOptions {
    /// The bases besides the issuer, by the names of their settings.
    pub fn other_bases(&self) -> impl Iterator<Item = (&'static str, &Identifier)> {
        let mtls = self.mtls_base.as_ref().map(|base| ("REGISTRATION.mtls_base", &base.0));
        self.hosting.own_base().map(|base| ("DOCUMENT_BASE", base)).into_iter().chain(mtls)
    }
}
