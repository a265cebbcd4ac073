//! Who may manage a registration, and how a registration that may have changed meanwhile is changed.

use super::patience::Patience;
use super::ports::{Host, Key, Store};
use super::{App, Error};
use crate::client::{Record, Standing};
use crate::vocabulary::{ClientId, EntityTag, Preconditions, RegistrationToken};

/// Whoever says to be the holder of a client's registration access token.
pub struct Claimant<'c> {
    /// The client identifier, as it stands in the path.
    pub client_id: &'c str,
    /// The token, if there is one.
    pub token: Option<RegistrationToken>,
    /// In which state the registration has to be for the request to be done.
    pub preconditions: Preconditions,
}

/// Whoever is the holder, and the registration as this location sees it.
pub(super) struct Holder {
    pub client_id: ClientId,
    pub token: RegistrationToken,
    pub standing: Standing,
    pub record: Record,
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

impl<S: Store, H: Host> App<'_, S, H> {
    /// Finds the registration that `claimant` may manage. One read.
    ///
    /// # Errors
    /// [`Error::NoToken`]; [`Error::BadToken`] alike for a malformed or wrong token, another client's,
    /// and a client that never existed or was deleted.
    pub(super) async fn authenticate(&self, claimant: &Claimant<'_>) -> Result<Holder, Error> {
        let token = claimant.token.clone().ok_or(Error::NoToken)?;
        let client_id = ClientId::parse(claimant.client_id).ok_or(Error::BadToken)?;
        let stored = self.get(&Key::client(self.issuer.id(), &client_id)).await?;
        let record = Record::parse_of(&client_id, &stored.ok_or(Error::BadToken)?)?;
        let standing = record.token_standing(&token).ok_or(Error::BadToken)?;
        if record.has_expired(self.host.now()) {
            return Err(Error::BadToken);
        }
        Ok(Holder { client_id, token, standing, record })
    }

    /// Authenticates `claimant`, lets `change` decide, and stores the record it returns, if any: whole,
    /// and on top of what is there. Where a write does not go through, somebody else's may have: then all
    /// of it is done again with what is there now.
    ///
    /// # Errors
    /// Those of [`App::authenticate`], those of `change`, and those of the store.
    pub(super) async fn change<T>(
        &self,
        claimant: &Claimant<'_>,
        mut change: impl FnMut(Holder) -> Result<(Option<Record>, T), Error>,
    ) -> Result<T, Error> {
        let mut patience = Patience::new(&self.host);
        let mut tried: Option<(Record, T)> = None;
        loop {
            let holder = self.authenticate(claimant).await?;
            if let Some((record, told)) = tried.take()
                && holder.record.is(&record)
            {
                // It was stored; only the answer was lost.
                return Ok(told);
            }
            let client_id = holder.client_id.clone();
            let (record, told) = match change(holder)? {
                (None, told) => return Ok(told),
                (Some(record), told) => (record, told),
            };
            let key = Key::client(self.issuer.id(), &client_id);
            self.refuse_deleted(&client_id, &key).await?;
            let ttl = record.ttl(self.host.now());
            match self.store.put(&key, &record.to_json()?, ttl).await {
                Ok(()) => return Ok(told),
                Err(error) => patience.wait(error).await?,
            }
            tried = Some((record, told));
        }
    }

    /// A client may have been deleted at another location, which its record may not show here for a
    /// minute. What a location has written that could not see the tombstone goes the way of the client.
    async fn refuse_deleted(&self, client_id: &ClientId, key: &Key) -> Result<(), Error> {
        let tombstone = Key::tombstone(self.issuer.id(), client_id);
        if self.get(&tombstone).await?.is_some() {
            self.delete(key).await?;
            return Err(Error::BadToken);
        }
        Ok(())
    }
}
