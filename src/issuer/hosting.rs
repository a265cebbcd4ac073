//! The URLs of hosted documents: `REGISTRATION.client_id` and `DOCUMENT_BASE`.
//!
//! A new client's document is at `{base}/clients/{identifier}`, where the base is `DOCUMENT_BASE`, or else the issuer. At the
//! issuer itself documents are served too: of clients from before `DOCUMENT_BASE` was set. A record says which of the two
//! URLs is its own.

use std::rc::Rc;

use serde::Deserialize;
use serde::de::Deserializer;
use url::{Position, Url};

use super::config_error::ConfigError;
use super::identifier::Identifier;
use super::{Config, Issuer, reference};
use crate::client::setting::text;
use crate::vocabulary::{ClientId, ClientUrl, ClientUrlRules};

/// The path of hosted documents below their base, without the identifier.
const PATH: &str = "/clients/";
/// As long as the longest identifier.
const SAMPLE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The kind of `client_id` that a new client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ClientIdKind {
    /// Its identifier.
    #[default]
    Random,
    /// The URL of its document.
    Url,
}

/// `DOCUMENT_BASE`: where documents are, if not at the issuer.
#[derive(Debug, Clone)]
pub(super) struct DocumentBase(Identifier);

impl DocumentBase {
    /// Whether authorization servers fetch documents below `base`. Loopback hosts are for development.
    fn has_documents(base: &Identifier) -> bool {
        let rules = ClientUrlRules { allow_loopback: true, ..ClientUrlRules::default() };
        ClientUrl::parse(&document_url(base, SAMPLE), rules).is_ok()
    }
}

impl<'de> Deserialize<'de> for DocumentBase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, reference::DOCUMENT_BASE, |text| {
            let base = Identifier::parse("DOCUMENT_BASE", text).ok();
            base.filter(Self::has_documents).map(Self)
        })
    }
}

/// Where the documents of an issuer's clients are.
#[derive(Debug, Clone, Default)]
pub(super) struct Hosting {
    /// The kind of `client_id` that a new client gets.
    pub kind: ClientIdKind,
    /// Another base than the issuer.
    pub base: Option<DocumentBase>,
}

/// The places of issuers and of their documents. A request must not be for two of them.
#[derive(Default)]
pub(super) struct Places(Vec<(String, String)>);

impl Places {
    /// Takes the place of `identifier`; whether it was free.
    pub fn take(&mut self, identifier: &Identifier) -> bool {
        let place = (identifier.authority().to_owned(), identifier.path().to_owned());
        let is_free = !self.0.contains(&place);
        self.0.push(place);
        is_free
    }

    /// Takes the place of `base`, another base of `issuer` that errors call `name`, unless that is the issuer's own.
    pub fn take_base(
        &mut self,
        name: &str,
        base: &Identifier,
        issuer: &Identifier,
    ) -> Result<(), ConfigError> {
        let is_own = (base.authority(), base.path()) == (issuer.authority(), issuer.path());
        if is_own || self.take(base) {
            return Ok(());
        }
        let expected = "on another host or path than the other issuers and their documents";
        Err(ConfigError::value(name, &base.as_str().into(), expected))
    }
}

fn document_url(base: &Identifier, client_id: &str) -> String {
    format!("{}{PATH}{client_id}", base.base())
}

impl Hosting {
    /// Checks that documents can be at the issuer, if there is no other base.
    pub fn check(&self, issuer: &Identifier) -> Result<(), ConfigError> {
        let is_at_issuer = self.kind == ClientIdKind::Url && self.base.is_none();
        if !is_at_issuer || DocumentBase::has_documents(issuer) {
            return Ok(());
        }
        let expected = "\"random\", unless ISSUER is an https URL on a public host, or there is a DOCUMENT_BASE";
        Err(ConfigError::value("REGISTRATION.client_id", &"url".into(), expected))
    }

    /// The URL of the document of a new client of `issuer`, if that becomes its `client_id`.
    pub fn new_url(&self, issuer: &Identifier, client_id: &ClientId) -> Option<String> {
        let base = self.own_base().unwrap_or(issuer);
        (self.kind == ClientIdKind::Url).then(|| document_url(base, client_id.as_str()))
    }

    /// `DOCUMENT_BASE`.
    pub fn own_base(&self) -> Option<&Identifier> {
        self.base.as_ref().map(|base| &base.0)
    }
}

impl Issuer {
    /// Its identifier, and `DOCUMENT_BASE`.
    pub(super) fn bases(&self) -> impl Iterator<Item = &Identifier> {
        std::iter::once(&self.identifier).chain(self.hosting.own_base())
    }

    /// The URL of the document of a new client with this identifier, if that becomes its `client_id`.
    #[must_use]
    pub fn new_document_url(&self, client_id: &ClientId) -> Option<String> {
        self.hosting.new_url(&self.identifier, client_id)
    }

    /// Whether it serves documents of its clients: of new ones, or of those from before.
    #[must_use]
    pub fn hosts_documents(&self) -> bool {
        self.hosting.kind == ClientIdKind::Url || self.hosting.base.is_some()
    }

    /// The identifier of the client whose hosted document has the URL `text`, if the URL has the form of one; and whether
    /// it is on a host of this deployment.
    #[must_use]
    pub fn hosted_client(&self, text: &str) -> Option<(ClientId, bool)> {
        let (base, id) = text.rsplit_once(PATH)?;
        let client_id = self.client_ids.parse(id)?;
        let base = Identifier::parse("", base).ok()?;
        Some((client_id, self.is_own_host(&base.host())))
    }

    /// Whether `own`, the URL of the document of the client `client_id`, is that of a request to `url`. Hosts are compared
    /// where the deployment has several.
    #[must_use]
    pub fn is_document_at(
        &self,
        own: &str,
        client_id: &ClientId,
        url: &Url,
        is_on_one_host: bool,
    ) -> bool {
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        let mut here = self.bases().filter(|base| is_on_one_host || base.authority() == authority);
        let path = |base: &Identifier| format!("{}{PATH}{client_id}", base.path());
        here.any(|base| {
            document_url(base, client_id.as_str()) == own
                && url.query().is_none()
                && url.path() == path(base)
        })
    }
}

/// Whether all issuers and their documents are on one host, with its port.
pub(super) fn are_on_one_host(issuers: &[Rc<Issuer>]) -> bool {
    let bases = issuers.iter().flat_map(|issuer| issuer.bases());
    let mut hosts = bases.map(Identifier::authority);
    let first = hosts.next();
    hosts.all(|host| Some(host) == first)
}

/// Lets each of `issuers` know the hosts of all of them and of their documents.
pub(super) fn share_hosts(issuers: &[Rc<Issuer>]) {
    let mtls = |issuer: &Rc<Issuer>| issuer.mtls_base.as_ref().map(|base| base.0.host());
    let bases = issuers.iter().flat_map(|issuer| issuer.bases());
    let hosts = bases.map(Identifier::host).chain(issuers.iter().filter_map(mtls));
    let hosts: Rc<[String]> = hosts.collect();
    for issuer in issuers {
        issuer.own_hosts.replace(Rc::clone(&hosts));
    }
}

impl Config {
    /// The issuer whose `DOCUMENT_BASE` a request to `url` is for, and the path below it.
    #[must_use]
    pub fn find_document_base<'u>(&self, url: &'u Url) -> Option<(Rc<Issuer>, &'u str)> {
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        self.issuers().iter().find_map(|issuer| {
            let base = issuer.hosting.own_base()?;
            let is_here = self.is_on_one_host || base.authority() == authority;
            let below = url.path().strip_prefix(base.path()).filter(|_| is_here)?;
            below.starts_with(PATH).then(|| (Rc::clone(issuer), below))
        })
    }
}
