//! An issuer: its settings, what follows from them, and what it publishes.
//!
//! [`Settings`] (variables) → [`Config`] (checked) → [`Issuer`] → [`Profile`] (what registration accepts) →
//! [`Documents`] (what discovery answers). Where an authorization server publishes metadata of its own, `upstream`
//! keeps a copy and the profile follows from it. [`checkup`] examines any document.

mod accepted;
pub mod checkup;
mod client_ids;
mod config;
mod config_error;
pub mod development;
mod discovery;
pub mod finding;
mod hosting;
pub mod hosts;
mod identifier;
mod metadata_documents;
mod model_clients;
mod mtls;
mod options;
mod origins;
mod overlay;
mod profile;
pub mod published;
mod raw_settings;
pub mod reference;
mod remote_keys;
mod secret;
mod settings;
mod statement_settings;
mod upstream;
pub mod webhook;

pub use client_ids::ClientIds;
pub use config::Config;
pub use config_error::{ConfigError, ConfigErrors};
pub use discovery::Documents;
pub use metadata_documents::{
    Approval, DocumentFailure, DocumentMode, DocumentSettings, DocumentState, DocumentTurn,
    EndOfDocumentTurn, Freshness,
};
pub use model_clients::Trial;
pub use origins::Origins;
pub use overlay::ProfileError;
pub use profile::Profile;
pub use raw_settings::Settings;
pub use remote_keys::{EndOfKeysTurn, KeysTurn, RemoteKeys};
pub use upstream::{UPSTREAM_MARK, UpstreamError};

use std::cell::RefCell;
use std::rc::Rc;

use crate::client::Extensions;
use crate::gate::{
    Gate, GateSettings, Mode, RejectedPlaces, Rejections, RequestCounts, TokenPolicies,
};
use crate::records::{KnownDecisions, Lifetimes, RecentUses, Records};
use crate::vocabulary::{IssuerId, KeyRing};
use finding::Severity;
use hosting::Hosting;
use identifier::Identifier;
use mtls::MtlsBase;
use options::IssuerOptions;
use profile::Terms;
use upstream::Upstream;

/// The time that caches may keep a document, in seconds, unless the operator sets another.
const MAX_AGE: u64 = 300;

/// An issuer, ready to serve.
#[derive(Debug)]
pub struct Issuer {
    id: IssuerId,
    identifier: Identifier,
    /// The identifiers of its clients.
    pub client_ids: ClientIds,
    sealing: Option<Rc<KeyRing>>,
    /// Where their documents are.
    hosting: Hosting,
    /// Where callers are asked for a client certificate, if that is another host.
    mtls_base: Option<MtlsBase>,
    source: Source,
    /// The `Cache-Control` of its documents.
    pub cache_control: String,
    /// How long its clients and their credentials live.
    pub lifetimes: Lifetimes,
    /// Whether the host names this issuer to anyone who asks for its issuers.
    pub is_listed: bool,
    /// The members beyond the registered ones that its clients may register.
    pub extensions: Extensions,
    /// The requests for shared clients that this isolate has counted.
    pub request_counts: RequestCounts,
    /// The rejections that this isolate has counted.
    pub rejections: Rejections,
    gate: GateSettings,
    /// The origins whose pages may register clients and manage them; `None` for all.
    pub allowed_origins: Option<Origins>,
    /// How long a location may answer look-ups from what it has read, in seconds; `None` for as long as the store does
    /// by itself.
    pub cache_ttl: Option<u32>,
    /// The hosts of all issuers and hosted documents of this deployment, which nothing is fetched from that a client names.
    own_hosts: RefCell<Rc<[String]>>,
    /// Whether the documents at `sector_identifier_uri` are fetched.
    pub fetches_sectors: bool,
    /// Which metadata documents are resolved.
    pub documents: DocumentSettings,
    /// The metadata documents that this isolate remembers.
    pub document_state: DocumentState,
    /// The operator's decisions about metadata documents, as far as this isolate knows them.
    pub document_decisions: KnownDecisions,
    /// The JWK sets of other servers that this isolate remembers.
    pub remote_keys: RemoteKeys,
    /// The clients whose use this isolate has recorded recently.
    pub recent_uses: RecentUses,
    rejected_places: RejectedPlaces,
    token_policies: TokenPolicies,
    /// Whether neither an issuer nor an authorization server is configured.
    pub is_development: bool,
}

/// The source of the metadata.
#[derive(Debug)]
enum Source {
    /// The operator has written them.
    Operator(Rc<Profile>),
    /// An authorization server publishes them.
    Upstream(Box<Upstream>),
}

impl Issuer {
    /// Puts an issuer together from its identifier and what its operator has decided.
    ///
    /// # Errors
    /// The contradictions in the metadata.
    fn new(identifier: Identifier, options: IssuerOptions) -> Result<Self, ConfigErrors> {
        let IssuerOptions {
            metadata,
            default_scope,
            lifetimes,
            gate,
            allowed_origins,
            extensions,
            documents,
            fetches_sectors,
            cache_ttl,
            max_age,
            listed,
            upstream,
            ids,
            sealing,
            hosting,
            shares_clients,
            mtls_base,
        } = options;
        hosting.check(&identifier)?;
        let client_ids = ClientIds::new(identifier.as_str(), ids, shares_clients)?;
        let sample_url = hosting.new_url(&identifier, &client_ids.issue([0; 16], 0));
        let terms = Terms {
            open: gate.mode != Mode::Closed,
            policy: gate.policy.clone(),
            anonymous_policy: gate.anonymous_policy().cloned(),
            statements: gate.statements.clone(),
            extensions: extensions.clone(),
            documents: documents.mode(),
            document_url_bytes: sample_url.map(|url| url.len()),
            seals_secrets: sealing.is_some(),
            mtls_base: mtls_base.clone(),
        };
        if documents.allows_loopback() && !identifier.is_loopback() {
            let expected = "left out, unless the issuer itself is on localhost";
            let name = "DOCUMENTS.allow_loopback";
            return Err(ConfigError::value(name, &true.into(), expected).into());
        }
        let max_age = max_age.unwrap_or(MAX_AGE);
        let source = match upstream {
            None => {
                let scope = default_scope.as_ref();
                Source::Operator(Rc::new(Profile::of_operator(
                    &identifier,
                    metadata,
                    scope,
                    &terms,
                )?))
            }
            Some(url) => {
                // Before the document is known, policies can contradict each other all the same.
                let findings = terms.findings(None).into_iter();
                let fatal = findings.filter(|found| found.severity == Severity::Fatal);
                let mut errors = ConfigErrors::default();
                fatal.for_each(|found| errors.push(ConfigError::Unfit(found)));
                errors.or(())?;
                Source::Upstream(Box::new(Upstream::new(url, metadata, default_scope, terms)))
            }
        };
        Ok(Self {
            id: IssuerId::of(identifier.as_str()),
            client_ids,
            sealing,
            hosting,
            mtls_base,
            identifier,
            source,
            cache_control: format!("public, max-age={max_age}"),
            is_listed: listed,
            lifetimes,
            gate,
            allowed_origins,
            extensions,
            own_hosts: RefCell::default(),
            fetches_sectors,
            documents,
            document_state: DocumentState::default(),
            document_decisions: KnownDecisions::default(),
            remote_keys: RemoteKeys::default(),
            cache_ttl,
            recent_uses: RecentUses::default(),
            rejected_places: RejectedPlaces::default(),
            request_counts: RequestCounts::default(),
            rejections: Rejections::default(),
            token_policies: TokenPolicies::default(),
            is_development: false,
        })
    }

    /// The issuer of a developer's machine.
    fn development(identifier: Identifier, options: IssuerOptions) -> Result<Self, ConfigErrors> {
        Ok(Self { is_development: true, ..Self::new(identifier, options)? })
    }

    /// Its identifier, byte for byte as configured.
    #[must_use]
    pub fn identifier(&self) -> &str {
        self.identifier.as_str()
    }

    /// The path of the issuer: empty, or like `/tenant`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.identifier.path()
    }

    /// Its gate, for one request.
    #[must_use]
    pub fn gate<'a, R>(&'a self, runtime: &'a R) -> Gate<'a, R> {
        Gate {
            issuer: &self.id,
            settings: &self.gate,
            rejected_places: &self.rejected_places,
            token_policies: &self.token_policies,
            is_counting: !self.is_development,
            runtime,
        }
    }

    /// The records of its clients, for one request.
    pub fn records<'a, S, R>(&'a self, store: S, runtime: &'a R) -> Records<'a, S, R> {
        Records::new(&self.id, self.lifetimes, store, runtime).with_sealing(self.sealing.as_deref())
    }

    /// Whether `host`, in lower case and without a port, is that of an issuer or of hosted documents of this deployment, or
    /// below it.
    #[must_use]
    pub fn is_own_host(&self, host: &str) -> bool {
        let is_at = |own: &String| {
            let above = host.strip_suffix(own.as_str());
            above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.own_hosts.borrow().iter().any(is_at)
    }

    /// Whether `origin` is the one of its identifier.
    #[must_use]
    pub fn is_at(&self, origin: &str) -> bool {
        self.identifier.origin() == origin
    }

    /// Its profile, if the operator has written the metadata.
    #[must_use]
    pub fn own_profile(&self) -> Option<&Rc<Profile>> {
        match &self.source {
            Source::Operator(profile) => Some(profile),
            Source::Upstream(_) => None,
        }
    }

    /// The URL of the authorization server's document, if the profile follows from it.
    #[must_use]
    pub fn upstream_url(&self) -> Option<&str> {
        match &self.source {
            Source::Operator(_) => None,
            Source::Upstream(upstream) => Some(upstream.url()),
        }
    }

    /// Its profile if the authorization server's document were `text`; `None` where
    /// there is no such server.
    #[must_use]
    pub fn profile_with(&self, text: &str) -> Option<Result<Profile, UpstreamError>> {
        match &self.source {
            Source::Operator(_) => None,
            Source::Upstream(upstream) => Some(upstream.read(&self.identifier, text)),
        }
    }
}
