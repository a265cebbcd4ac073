//! The gate: who may register, and under which policy. Decided before a body is read.

use std::borrow::Cow;
use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::credentials::Credentials;
use super::limits::{Limits, widest_place};
use super::ports::{Host, Key, Store, StoreError};
use super::token_book::{BookReply, BookRequest, Entry};
use super::{App, Error};
use crate::client::{Mistake, Policy, Provenance, Supported};
use crate::vocabulary::{ClientId, Digest, InitialAccessToken};

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// Permission to register one client.
pub struct Admission {
    pub(super) provenance: Provenance,
    /// The policy beside the issuer's own: the token's, or the one for those without.
    pub(super) policy: Option<Policy>,
    pub(super) credentials: Credentials,
    address: Option<IpAddr>,
    /// Whether the registration counts for its place and its issuer.
    counts: bool,
    /// The token that a use is taken of, if there is one.
    token: Option<Use>,
}

/// The use of a token: which one, and from which place it is made.
struct Use {
    digest: String,
    place: Option<String>,
}

impl<S: Store, H: Host> App<'_, S, H> {
    /// Admits an applicant, or not, before the body is read. Nothing is taken yet: a place counts, an initial
    /// access token is looked up, and [`App::register`] takes the use just before it stores the client.
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
        let address = applicant.address;
        if token.is_some() {
            self.check_place(address)?;
        }
        let counts = token.is_none() || limits.count_token_holders;
        if counts {
            self.count_place(address).await?;
        }
        let credentials = Credentials::draw(&self.host)?;
        let Some(token) = token else {
            let anonymous = self.issuer.gate().anonymous_policy.as_ref();
            let policy = anonymous.filter(|_| mode == Mode::Tiered).cloned();
            let provenance = self.provenance(None, &Map::new());
            return Ok(Admission { provenance, policy, credentials, address, counts, token: None });
        };
        let entry = self.look_up(&token, address).await?;
        let policy = Policy::parse_stored(&entry.policy);
        let policy = policy.map_err(|mistakes| Error::Book(Mistake::join(&mistakes)))?;
        let place = address.filter(|address| !limits.exempt(Some(*address)));
        let place = place.map(|address| token.name(&widest_place(address)));
        Ok(Admission {
            provenance: self.provenance(Some(&entry), &entry.policy),
            policy: Some(policy),
            credentials,
            address,
            counts,
            token: Some(Use { digest: token.digest().into(), place }),
        })
    }

    /// Looks an initial access token up. A token without the right form costs no call; a wrong token is counted,
    /// and so is a call that failed, since it says nothing about the token.
    async fn look_up(
        &self,
        token: &InitialAccessToken,
        address: Option<IpAddr>,
    ) -> Result<Box<Entry>, Error> {
        let digest = String::from(token.digest());
        let request = BookRequest::Check { digest: digest.clone() };
        let found = if token.is_plausible() { self.take(&digest, request).await } else { Ok(None) };
        if let Ok(None) | Err(Error::Store(StoreError::Unavailable(_))) = found {
            self.count_failure(address).await?;
        }
        found?.ok_or(Error::BadInitialToken)
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

    /// Counts the registration and takes the use of its token, just before the client is stored.
    ///
    /// # Errors
    /// [`Error::Limited`]; [`Error::BadInitialToken`] if the token has ended or was used up since the request was
    /// admitted; what the book of tokens could not do.
    pub(super) async fn charge(&self, admission: &Admission) -> Result<(), Error> {
        if admission.counts {
            self.count_registration(admission.address).await?;
        }
        let Some(Use { digest, place }) = &admission.token else { return Ok(()) };
        let (client_id, place) = (admission.credentials.client_id.to_string(), place.clone());
        let request = BookRequest::Reserve { digest: digest.clone(), client_id, place };
        self.take(digest, request).await?.map(|_| ()).ok_or(Error::BadInitialToken)
    }

    /// The client is stored. If the book does not hear of it, whether the client exists decides later.
    pub(super) async fn settle(&self, admission: Admission) {
        if let Some(Use { digest, .. }) = admission.token {
            let client_id = admission.credentials.client_id.to_string();
            let _ = self.book(BookRequest::Settle { digest, client_id }).await;
        }
    }

    async fn book(&self, request: BookRequest) -> Result<BookReply, Error> {
        self.host.book(self.issuer.id(), request).await.map_err(Error::Store)
    }

    /// The policy beside the issuer's own that a registration came in with, for its updates.
    pub(super) fn policy_of(&self, provenance: &Provenance) -> Result<Option<Policy>, Error> {
        if provenance.token.is_some() {
            let policy = Policy::parse_stored(&provenance.token_policy);
            return policy.map(Some).map_err(|mistakes| Error::Book(Mistake::join(&mistakes)));
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
