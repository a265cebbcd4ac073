//! Who may manage a registration, and how a registration that may have changed meanwhile is changed.

use std::net::IpAddr;

use super::ports::{Host, Key, Store, Value};
use super::{App, Error};
use crate::client::{Record, Standing, Summary};
use crate::vocabulary::{ClientId, EntityTag, Preconditions, RegistrationToken};

/// Whoever says to be the holder of a client's registration access token.
pub struct Claimant<'c> {
    /// The client identifier, as it stands in the path.
    pub client_id: &'c str,
    /// The token, if there is one.
    pub token: Option<RegistrationToken>,
    /// In which state the registration has to be for the request to be done.
    pub preconditions: Preconditions,
    /// Where the request came from, as far as the runtime says.
    pub address: Option<IpAddr>,
}

/// Whoever changes a registration.
#[derive(Clone, Copy)]
pub(super) enum Caller<'c> {
    /// The holder of its token.
    Holder(&'c Claimant<'c>),
    /// The operator.
    Operator(&'c ClientId),
}

/// A registration as this location sees it.
pub struct Found {
    pub(super) client_id: ClientId,
    pub(super) record: Record,
    /// The token that was presented for it, by its holder.
    pub(super) token: Option<(RegistrationToken, Standing)>,
}

/// A record ready to be stored.
pub(super) struct Sealed {
    text: String,
    summary: String,
    ttl: Option<u32>,
}

impl Sealed {
    pub fn value(&self) -> Value<'_> {
        Value { text: &self.text, ttl: self.ttl, summary: Some(&self.summary) }
    }
}

impl Claimant<'_> {
    /// Whether there is anything to be examined at all: without a token, no body is read.
    ///
    /// # Errors
    /// [`Error::NoToken`]
    pub fn require_token(&self) -> Result<(), Error> {
        self.token.as_ref().map(|_| ()).ok_or(Error::NoToken)
    }

    /// `If-Match` and `If-None-Match` of a request that changes something (RFC 9110 §13.1).
    pub(super) fn expect(&self, version: &EntityTag) -> Result<(), Error> {
        let holds = self.preconditions.allow_change(version);
        if holds { Ok(()) } else { Err(Error::Changed) }
    }
}

impl Caller<'_> {
    /// Whether this caller may change `record`.
    ///
    /// # Errors
    /// As for [`App::find`].
    pub(super) fn judge(
        self,
        client_id: &ClientId,
        record: Option<Record>,
    ) -> Result<Found, Error> {
        let client_id = client_id.clone();
        match self {
            Self::Operator(_) => {
                let record = record.ok_or(Error::Unknown)?;
                Ok(Found { client_id, record, token: None })
            }
            Self::Holder(claimant) => {
                let token = claimant.token.clone().ok_or(Error::NoToken)?;
                let record = record.ok_or(Error::BadToken)?;
                let standing = record.token_standing(&token).ok_or(Error::BadToken)?;
                if record.disabled_at().is_some() {
                    return Err(Error::Disabled);
                }
                Ok(Found { client_id, record, token: Some((token, standing)) })
            }
        }
    }
}

impl<S: Store, H: Host> App<'_, S, H> {
    /// Finds a registration that `caller` may change. One read.
    ///
    /// # Errors
    /// For its holder [`Error::NoToken`]; [`Error::BadToken`] alike for a malformed or wrong token, another
    /// client's, and a client that never existed, was deleted or has expired; [`Error::Disabled`]. For the
    /// operator [`Error::Unknown`].
    pub(super) async fn find(&self, caller: Caller<'_>) -> Result<Found, Error> {
        let client_id = match caller {
            Caller::Operator(client_id) => client_id.clone(),
            Caller::Holder(claimant) => {
                let token = claimant.token.as_ref().ok_or(Error::NoToken)?;
                // Neither could be one that this server has issued: that costs no read.
                let is_plausible = token.is_plausible();
                let client_id = ClientId::parse(claimant.client_id);
                client_id.filter(|_| is_plausible).ok_or(Error::BadToken)?
            }
        };
        let record = self.record(&client_id, None).await?;
        caller.judge(&client_id, record)
    }

    /// The record of a client that has not expired. One read, of what a location may remember for
    /// `cache_ttl` seconds; that there is none is not remembered for longer than the store does by itself.
    pub(super) async fn record(
        &self,
        client_id: &ClientId,
        cache_ttl: Option<u32>,
    ) -> Result<Option<Record>, Error> {
        let key = Key::client(self.issuer.id(), client_id);
        let read = |stored: Option<Vec<u8>>| -> Result<Option<Record>, Error> {
            let record = stored.map(|stored| Record::parse_of(client_id, &stored)).transpose()?;
            Ok(record.filter(|record| !record.has_expired(self.host.now())))
        };
        let found = read(self.get_cached(&key, cache_ttl).await?)?;
        if found.is_none() && cache_ttl.is_some() {
            // Its end may have been moved, or it may have come, since a location has begun to remember.
            return read(self.get(&key).await?);
        }
        Ok(found)
    }

    /// Moves the end of a client that is not used, as the operator has it now.
    pub(super) fn renew(&self, record: &mut Record) {
        let (lifetimes, now) = (self.issuer.lifetimes(), self.host.now());
        record.keep_use_recording(lifetimes.use_recording(), now);
        record.renew(lifetimes.unused_client, lifetimes.idle_client, now);
    }

    /// Writes a record as it is to be stored now.
    pub(super) fn seal(&self, record: &mut Record) -> Result<Sealed, Error> {
        self.renew(record);
        let summary = serde_json::to_string(&Summary::of(record))?;
        Ok(Sealed { text: record.to_json()?, summary, ttl: record.ttl(self.host.now()) })
    }
}
