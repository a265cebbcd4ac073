//! Admission to a registration, in four steps around it: [`Gate::count_applicant`] before anything is looked up,
//! [`Gate::admit`] before the body is read, [`Gate::charge`] just before the client is stored, [`Gate::settle`]
//! afterwards. [The token book](super::token_book) says why.

use std::net::IpAddr;

use super::claims::{ClaimReply, ClaimRequest, ClaimedClient, Claims};
use super::rate_limits::widest_place;
use super::token_book::{BookReply, BookRequest, Entry};
use super::{Books, Gate, GateError, Limit, Limiter, Mode};
use crate::client::{Policy, Provenance};
use crate::records::{Ledgers, Records, Store, StoreError};
use crate::runtime::{Clock, Entropy};
use crate::vocabulary::{ClientCertificate, ClientId, EntityTag, InitialAccessToken};

/// The pause before a request about a claim is sent again, in milliseconds.
const AGAIN_MS: u64 = 100;

/// A caller that wants to register.
#[derive(Debug)]
pub struct Applicant {
    /// The initial access token, if there is one.
    pub token: Option<InitialAccessToken>,
    /// The address that the request came from, if the runtime says.
    pub address: Option<IpAddr>,
    /// The client certificate of the request, if there is one.
    pub certificate: Option<ClientCertificate>,
    /// The digest of its idempotency key, if it has one that counts.
    pub claim: Option<String>,
}

/// An applicant whose place has been counted. Its token has not been looked up yet.
#[derive(Debug)]
pub struct CountedApplicant {
    applicant: Applicant,
    /// Whether the registration counts for its place and its issuer.
    counts: bool,
}

/// Permission to register one client.
pub struct Admission {
    /// How the client comes in.
    pub provenance: Provenance,
    /// The policy besides that of the issuer: the token's, or the one for clients without a token.
    pub policy: Option<Policy>,
    /// The client certificate that it was made with, if there is one.
    pub certificate: Option<ClientCertificate>,
    address: Option<IpAddr>,
    /// Whether the registration counts for its place and its issuer.
    counts: bool,
    /// The token that a use is taken of, if there is one.
    token: Option<TokenUse>,
}

/// The use of a token: which one, and from which place it is made.
struct TokenUse {
    digest: String,
    place: Option<String>,
}

/// The reply of the token book about a use.
enum Take {
    Granted(Box<Entry>),
    /// Other registrations hold the last uses and may yet give them back.
    Busy,
    Rejected,
}

impl<R: Clock + Entropy + Limiter + Books + Ledgers> Gate<'_, R> {
    /// Rejects an applicant whom the mode of the gate excludes, and counts the place of the others. Nothing is looked up.
    ///
    /// # Errors
    /// [`GateError::Closed`], [`GateError::NoInitialToken`], [`GateError::Limited`]
    pub async fn count_applicant(
        &self,
        mut applicant: Applicant,
    ) -> Result<CountedApplicant, GateError> {
        let mode = self.settings.mode;
        if mode == Mode::Open {
            applicant.token = None;
        }
        match (mode, &applicant.token) {
            (Mode::Closed, _) => return Err(GateError::Closed),
            (Mode::Token, None) => return Err(GateError::NoInitialToken),
            _ => {}
        }
        if applicant.token.is_some() {
            self.check_place(applicant.address)?;
        }
        let counts = applicant.token.is_none() || self.settings.limits.count_token_holders;
        if counts {
            self.count_place(applicant.address).await?;
        }
        Ok(CountedApplicant { applicant, counts })
    }

    /// Counts the place of an applicant that is rejected before its token is looked up: the token may be made up.
    ///
    /// # Errors
    /// [`GateError::Limited`]
    pub async fn count_unadmitted(&self, counted: &CountedApplicant) -> Result<(), GateError> {
        if counted.counts { Ok(()) } else { self.count_place(counted.applicant.address).await }
    }

    /// Admits an applicant, or not, before the body is read. No use is taken yet: an initial access token is looked up.
    ///
    /// # Errors
    /// [`GateError::BadInitialToken`], [`GateError::Certificate`], [`GateError::Limited`], [`GateError::TokenBusy`];
    /// [`GateError::Book`], [`GateError::Store`]
    pub async fn admit<S: Store>(
        &self,
        records: &Records<'_, S, R>,
        CountedApplicant { applicant, counts }: CountedApplicant,
    ) -> Result<Admission, GateError> {
        let Applicant { token, address, certificate, claim } = applicant;
        let Some(token) = token else {
            let (provenance, policy) = self.settings.admit(None, certificate.as_ref())?;
            return Ok(Admission { provenance, policy, certificate, address, counts, token: None });
        };
        let entry = self.look_up(records, &token, claim, address).await?;
        let place = address.filter(|address| !self.settings.limits.exempt(Some(*address)));
        let place = place.map(|address| token.name(&widest_place(address)));
        let policy = self.token_policies.find(&entry.policy)?;
        let (provenance, policy) =
            self.settings.admit(Some((&entry, policy)), certificate.as_ref())?;
        Ok(Admission {
            provenance,
            policy,
            certificate,
            address,
            counts,
            token: Some(TokenUse { digest: token.digest().into(), place }),
        })
    }

    /// Looks an initial access token up. A token without the right form costs no call; a wrong token is counted,
    /// and so is a call that failed, since it says nothing about the token.
    async fn look_up<S: Store>(
        &self,
        records: &Records<'_, S, R>,
        token: &InitialAccessToken,
        claim: Option<String>,
        address: Option<IpAddr>,
    ) -> Result<Box<Entry>, GateError> {
        let digest = String::from(token.digest());
        let request = BookRequest::Check { digest: digest.clone(), claim };
        let found = if token.is_plausible() {
            self.take(records, &digest, request).await
        } else {
            Ok(Take::Rejected)
        };
        if let Ok(Take::Rejected) | Err(GateError::Store(StoreError::Unavailable(_))) = found {
            self.count_failure(address).await?;
        }
        found?.granted()
    }

    /// Asks the book for a use. If all uses left are in doubt, finds out about them first.
    async fn take<S: Store>(
        &self,
        records: &Records<'_, S, R>,
        digest: &str,
        request: BookRequest,
    ) -> Result<Take, GateError> {
        let mut in_doubt = match self.book(request.clone()).await? {
            BookReply::Refused { in_doubt, .. } if !in_doubt.is_empty() => in_doubt,
            reply => return Ok(reply.into()),
        };
        let mut absent = Vec::new();
        // As many as one request may look up; the next one goes on.
        in_doubt.truncate(20);
        for text in in_doubt {
            let client_id = ClientId::parse(&text).ok_or(GateError::BadInitialToken)?;
            if records.is_stored(&client_id).await? {
                let digest = digest.to_owned();
                self.book(BookRequest::Settle { digest, client_id: text }).await?;
            } else {
                absent.push(text);
            }
        }
        if !absent.is_empty() {
            let digest = digest.to_owned();
            self.book(BookRequest::Lapse { digest, client_ids: absent }).await?;
        }
        Ok(self.book(request).await?.into())
    }

    /// Counts the registration and takes the use of its token, just before the client is stored. Other requests may be
    /// about to store a `shared` client, which takes one use in total.
    ///
    /// # Errors
    /// [`GateError::Limited`]; [`GateError::BadInitialToken`] if the token has expired or was used up since the
    /// request was admitted; [`GateError::TokenBusy`]; [`GateError::Store`]
    pub async fn charge<S: Store>(
        &self,
        records: &Records<'_, S, R>,
        admission: &Admission,
        client_id: &ClientId,
        shared: bool,
    ) -> Result<(), GateError> {
        if admission.counts && self.counts(admission.address) {
            self.count(Limit::Issuer, &self.issuer.to_string()).await?;
        }
        let Some(TokenUse { digest, place }) = &admission.token else { return Ok(()) };
        let (client_id, place) = (client_id.to_string(), place.clone());
        let request = BookRequest::Reserve { digest: digest.clone(), client_id, place, shared };
        self.take(records, digest, request).await?.granted().map(drop)
    }

    /// Counts the registration of a claimed key, like [`Gate::charge`], and claims the key. A use of the token is taken with
    /// it, once.
    ///
    /// # Errors
    /// [`GateError::Limited`], [`GateError::BadInitialToken`], [`GateError::Store`]
    pub async fn claim(
        &self,
        admission: &Admission,
        (key, request): (&str, &str),
        client: ClaimedClient,
    ) -> Result<ClaimReply, GateError>
    where
        R: Claims,
    {
        if admission.counts && self.counts(admission.address) {
            self.count(Limit::Issuer, &self.issuer.to_string()).await?;
        }
        let token = admission.token.as_ref().map(|token| token.digest.clone());
        let (key, request) = (key.to_owned(), request.to_owned());
        let mut name = [0; 9];
        self.runtime.fill(&mut name)?;
        let attempt = EntityTag::from_entropy(name).text().to_owned();
        let claim = ClaimRequest::Claim { key, request, client, token, attempt };
        match self.ask_claims(&claim).await? {
            ClaimReply::NoUse => Err(GateError::BadInitialToken),
            reply => Ok(reply),
        }
    }

    /// Asks about claims of the issuer, and again after a failure: each request may be handled twice.
    ///
    /// # Errors
    /// [`GateError::Store`]
    pub async fn ask_claims(&self, request: &ClaimRequest) -> Result<ClaimReply, GateError>
    where
        R: Claims,
    {
        match self.runtime.claim(self.issuer, request).await {
            Err(StoreError::Unavailable(_)) => {}
            reply => return Ok(reply?),
        }
        self.runtime.sleep(AGAIN_MS).await;
        Ok(self.runtime.claim(self.issuer, request).await?)
    }

    /// The client is stored. If the book does not hear of it, whether the client exists decides later.
    pub async fn settle(&self, admission: Admission, client_id: &ClientId) {
        if let Some(TokenUse { digest, .. }) = admission.token {
            let client_id = client_id.to_string();
            let _ = self.book(BookRequest::Settle { digest, client_id }).await;
        }
    }

    /// Asks the token book of the issuer.
    ///
    /// # Errors
    /// [`GateError::Store`]; the request may still have been handled.
    pub async fn book(&self, request: BookRequest) -> Result<BookReply, GateError> {
        Ok(self.runtime.book(self.issuer, request).await?)
    }
}

impl Admission {
    /// The digest of the initial access token that it came with; empty without one.
    #[must_use]
    pub fn token_digest(&self) -> &str {
        self.token.as_ref().map_or("", |token| &token.digest)
    }
}

impl Take {
    fn granted(self) -> Result<Box<Entry>, GateError> {
        match self {
            Self::Granted(entry) => Ok(entry),
            Self::Busy => Err(GateError::TokenBusy),
            Self::Rejected => Err(GateError::BadInitialToken),
        }
    }
}

impl From<BookReply> for Take {
    fn from(reply: BookReply) -> Self {
        match reply {
            BookReply::Granted(entry) => Self::Granted(entry),
            BookReply::Refused { pending, in_doubt } if pending || !in_doubt.is_empty() => {
                Self::Busy
            }
            _ => Self::Rejected,
        }
    }
}
