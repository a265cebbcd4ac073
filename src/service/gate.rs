//! The gate: who may register, and under which policy. Decided before a body is read.

use std::borrow::Cow;
use std::net::IpAddr;

use serde_json::{Map, Value};

use super::credentials::Credentials;
use super::limits::{Limit, Limits, place};
use super::ports::{Host, Key, Store, StoreError};
use super::token_book::{BookReply, BookRequest, Entry};
use super::{App, Error};
use crate::client::{Policy, Provenance, Supported};
use crate::vocabulary::{ClientId, Digest, InitialAccessToken};

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Anybody. Initial access tokens are not looked at.
    #[default]
    Open,
    /// Holders of an initial access token (RFC 7591 §3).
    Token,
    /// Anybody, under a narrower policy than holders of an initial access token.
    Tiered,
    /// Nobody.
    Closed,
}

impl Mode {
    /// Every value with its name in the configuration.
    pub const ALL: [(&'static str, Self); 4] = [
        ("open", Self::Open),
        ("token", Self::Token),
        ("tiered", Self::Tiered),
        ("closed", Self::Closed),
    ];
}

/// Who may register at an issuer, and what.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    /// Who may register.
    pub mode: Mode,
    /// Who is counted.
    pub limits: Limits,
    /// What everybody is held against.
    pub policy: Option<Policy>,
    /// What those without a token are held against too, in [`Mode::Tiered`].
    pub anonymous_policy: Option<Policy>,
    /// A name for this state of the policies.
    pub version: String,
}

/// Whoever wants to register.
#[derive(Debug)]
pub struct Applicant {
    /// The initial access token, if there is one.
    pub token: Option<InitialAccessToken>,
    /// Where the request came from, as far as the runtime says.
    pub address: Option<IpAddr>,
    /// Whether it only asks what would come of it.
    pub dry_run: bool,
}

/// Leave to register one client.
pub struct Admission {
    pub(super) provenance: Provenance,
    /// The policy beside the issuer's own: the token's, or the one for those without.
    pub(super) policy: Option<Policy>,
    pub(super) credentials: Credentials,
    reserved: Option<Reserved>,
}

/// The use of a token that is taken for this registration.
struct Reserved {
    digest: String,
    client_id: String,
}

impl<S: Store, H: Host> App<'_, S, H> {
    /// Admits an applicant, or not. Whoever is admitted is to be registered, or turned away:
    /// [`App::register`], [`App::turn_away`].
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::NoInitialToken`], [`Error::BadInitialToken`], [`Error::Limited`]; what
    /// the book of tokens could not do.
    pub async fn admit(&self, applicant: Applicant) -> Result<Admission, Error> {
        let mode = self.issuer.gate().mode;
        let limits = &self.issuer.gate().limits;
        let token = applicant.token.filter(|_| mode != Mode::Open);
        match (mode, &token) {
            (Mode::Closed, _) => return Err(Error::Closed),
            (Mode::Token, None) => return Err(Error::NoInitialToken),
            _ => {}
        }
        if token.is_none() || limits.count_token_holders {
            self.count_place(applicant.address).await?;
            self.count_issuer(applicant.address).await?;
        }
        let credentials = Credentials::draw(&self.host)?;
        let Some(token) = token else {
            let anonymous = self.issuer.gate().anonymous_policy.as_ref();
            let policy = anonymous.filter(|_| mode == Mode::Tiered).cloned();
            let provenance = self.provenance(None, &Map::new());
            return Ok(Admission { provenance, policy, credentials, reserved: None });
        };
        let digest = String::from(token.digest());
        let client_id = credentials.client_id.to_string();
        let request = if applicant.dry_run {
            BookRequest::Check { digest: digest.clone() }
        } else {
            BookRequest::Reserve { digest: digest.clone(), client_id: client_id.clone() }
        };
        let entry = if token.is_plausible() { self.take(&digest, request).await? } else { None };
        let Some(entry) = entry else {
            self.count_failure(applicant.address).await?;
            return Err(Error::BadInitialToken);
        };
        let policy =
            Policy::parse(&entry.policy).map_err(|error| Error::Book(error.to_string()))?;
        let reserved = Reserved { digest, client_id };
        Ok(Admission {
            provenance: self.provenance(Some(&entry), &entry.policy),
            policy: Some(policy),
            credentials,
            reserved: (!applicant.dry_run).then_some(reserved),
        })
    }

    /// Asks the book for a use; where it has none but for those in doubt, finds out about them first.
    async fn take(&self, digest: &str, request: BookRequest) -> Result<Option<Box<Entry>>, Error> {
        let mut in_doubt = match self.book(request.clone()).await? {
            BookReply::Granted(entry) => return Ok(Some(entry)),
            BookReply::Refused { in_doubt, .. } if !in_doubt.is_empty() => in_doubt,
            other => return refused(&other),
        };
        let mut absent = Vec::new();
        // As many as one request may look up; the next one goes on.
        in_doubt.truncate(20);
        for text in in_doubt {
            let client_id = ClientId::parse(&text).ok_or(Error::BadInitialToken)?;
            let digest = digest.to_owned();
            let issuer = self.issuer.id();
            match self.get(&Key::client(issuer, &client_id)).await? {
                Some(_) => drop(self.book(BookRequest::Settle { digest, client_id: text }).await?),
                None => absent.push(text),
            }
        }
        if !absent.is_empty() {
            let digest = digest.to_owned();
            self.book(BookRequest::Lapse { digest, client_ids: absent }).await?;
        }
        match self.book(request).await? {
            BookReply::Granted(entry) => Ok(Some(entry)),
            other => refused(&other),
        }
    }

    /// Whether requests from `address` are counted at all.
    fn counts(&self, address: Option<IpAddr>) -> bool {
        !self.issuer.is_development() && !self.issuer.gate().limits.exempt(address)
    }

    /// Counts what will be a write where it comes from.
    ///
    /// # Errors
    /// [`Error::Limited`] if there were too many.
    pub async fn count_place(&self, address: Option<IpAddr>) -> Result<(), Error> {
        // Who comes from nowhere is not one place: another Worker, with everybody behind it.
        let counts = self.counts(address) && address.is_some();
        let key = place(self.issuer.id(), address);
        let within = !counts || self.host.allow(Limit::Address, &key).await;
        if within { Ok(()) } else { Err(Error::Limited) }
    }

    /// Counts it at the issuer, too: a write of somebody who may.
    ///
    /// # Errors
    /// [`Error::Limited`] if there were too many.
    pub(super) async fn count_issuer(&self, address: Option<IpAddr>) -> Result<(), Error> {
        let counts = self.counts(address);
        let within = !counts || self.host.allow(Limit::Issuer, &self.issuer.id().to_string()).await;
        if within { Ok(()) } else { Err(Error::Limited) }
    }

    /// Counts a wrong token.
    ///
    /// # Errors
    /// [`Error::Limited`] if there were too many.
    pub async fn count_failure(&self, address: Option<IpAddr>) -> Result<(), Error> {
        let key = place(self.issuer.id(), address);
        if !self.counts(address) || self.host.allow(Limit::Failures, &key).await {
            return Ok(());
        }
        Err(Error::Limited)
    }

    /// Counts a wrong secret of a client: of this one alone, so that nobody else's mistakes are its own. A
    /// right one is not counted, so nobody can lock it out.
    ///
    /// # Errors
    /// [`Error::Limited`] if there were too many.
    pub(super) async fn count_wrong_secret(&self, client: Option<&ClientId>) -> Result<(), Error> {
        let key = format!("{} client {}", self.issuer.id(), client.map_or("-", ClientId::as_str));
        let counts = !self.issuer.is_development();
        let within = !counts || self.host.allow(Limit::Failures, &key).await;
        if within { Ok(()) } else { Err(Error::Limited) }
    }

    fn provenance(&self, entry: Option<&Entry>, token_policy: &Map<String, Value>) -> Provenance {
        Provenance {
            self_asserted: entry.is_none(),
            token: entry.map(|entry| entry.name.clone()),
            policy: self.policy_version(token_policy),
            token_policy: token_policy.clone(),
        }
    }

    fn policy_version(&self, token_policy: &Map<String, Value>) -> String {
        let own = &self.issuer.gate().version;
        if token_policy.is_empty() {
            return own.clone();
        }
        let text = serde_json::to_string(token_policy).unwrap_or_default();
        Digest::of(&format!("{own}{text}")).short_name()
    }

    /// Before the client is stored: makes sure that its use is still its own, however long its body took,
    /// and that its token still works.
    pub(super) async fn confirm(&self, admission: &Admission) -> Result<(), Error> {
        let Some(Reserved { digest, client_id }) = &admission.reserved else { return Ok(()) };
        let (digest, client_id) = (digest.clone(), client_id.clone());
        match self.book(BookRequest::Confirm { digest, client_id }).await? {
            BookReply::Granted(_) => Ok(()),
            _ => Err(Error::BadInitialToken),
        }
    }

    /// The client is stored. Should the book not hear of it, it will find out by itself.
    pub(super) async fn settle(&self, admission: Admission) {
        if let Some(Reserved { digest, client_id }) = admission.reserved {
            let _ = self.book(BookRequest::Settle { digest, client_id }).await;
        }
    }

    /// Gives back the use of whoever was admitted and not registered. What the book does not hear of, it
    /// finds out by itself.
    pub async fn turn_away(&self, admission: Admission) {
        if let Some(Reserved { digest, client_id }) = admission.reserved {
            let _ = self.book(BookRequest::Release { digest, client_id }).await;
        }
    }

    async fn book(&self, request: BookRequest) -> Result<BookReply, Error> {
        self.host.book(self.issuer.id(), request).await.map_err(Error::Store)
    }

    /// The policy beside the issuer's own that a registration came in with, for its updates.
    pub(super) fn policy_of(&self, provenance: &Provenance) -> Result<Option<Policy>, Error> {
        if provenance.token.is_some() {
            let policy = Policy::parse(&provenance.token_policy);
            return policy.map(Some).map_err(|error| Error::Book(error.to_string()));
        }
        let gate = self.issuer.gate();
        // Closing the gate further opens nothing to those who are in.
        Ok(gate.anonymous_policy.as_ref().filter(|_| gate.mode != Mode::Open).cloned())
    }

    /// What is accepted from a client of this provenance, and the policies beside what the specs say.
    pub(super) fn terms<'p>(
        &'p self,
        supported: &'p Supported,
        beside: Option<&'p Policy>,
    ) -> (Cow<'p, Supported>, Vec<&'p Policy>) {
        let policies: Vec<&Policy> =
            [self.issuer.gate().policy.as_ref(), beside].into_iter().flatten().collect();
        let mut narrowed = Cow::Borrowed(supported);
        for policy in &policies {
            narrowed = Cow::Owned(policy.narrow(narrowed.into_owned()));
        }
        (narrowed, policies)
    }
}

/// A refusal: for good, or for as long as others are making the last uses or it is not known of all whether they
/// have.
fn refused(reply: &BookReply) -> Result<Option<Box<Entry>>, Error> {
    match reply {
        BookReply::Refused { pending, in_doubt } if *pending || !in_doubt.is_empty() => {
            Err(Error::Store(StoreError::Conflict))
        }
        _ => Ok(None),
    }
}
