//! What is counted, and when: the place before any work, a failure after it, a write just before it.
//! `docs/gate.md` says which limit stands before which step.

use std::net::IpAddr;

use super::limits::{Counted, Limit, counters};
use super::ports::{Host, Store};
use super::{App, Error};
use crate::vocabulary::ClientId;

impl<S: Store, H: Host> App<'_, S, H> {
    /// Whether requests from `address` are counted at all.
    fn counts(&self, address: Option<IpAddr>) -> bool {
        !self.issuer.is_development() && !self.issuer.gate().limits.exempt(address)
    }

    /// Counts a request that may lead to a write, before anything is read for it.
    ///
    /// # Errors
    /// [`Error::Limited`] if there were too many from its place.
    pub async fn count_place(&self, address: Option<IpAddr>) -> Result<(), Error> {
        self.count_at(address, Counted::Request).await
    }

    /// Counts a read or a deletion by a holder, before anything is read for it. A stranger can be the holder of a
    /// client, too.
    ///
    /// # Errors
    /// [`Error::Limited`] if there were too many from its place.
    pub async fn count_read(&self, address: Option<IpAddr>) -> Result<(), Error> {
        self.count_at(address, Counted::Read).await
    }

    async fn count_at(&self, address: Option<IpAddr>, counted: Counted) -> Result<(), Error> {
        if self.counts(address) {
            for (limit, key) in counters(self.issuer.id(), address, counted) {
                self.count(limit, &key).await?;
            }
        }
        Ok(())
    }

    /// Rejects a place that this isolate knows to be over the limit for wrong tokens, before anything is looked
    /// up for its token.
    ///
    /// # Errors
    /// [`Error::Limited`], for at most ten seconds before the place is looked at again.
    pub fn check_place(&self, address: Option<IpAddr>) -> Result<(), Error> {
        let (rejected, now) = (self.issuer.rejected_places(), self.host.milliseconds());
        if rejected.is_empty() || !self.counts(address) {
            return Ok(());
        }
        let places = counters(self.issuer.id(), address, Counted::Failure);
        let is_rejected = places.iter().any(|(_, key)| rejected.contains(key, now));
        if is_rejected { Err(Error::Limited) } else { Ok(()) }
    }

    /// Counts a wrong token, and remembers a place that has presented too many.
    ///
    /// # Errors
    /// [`Error::Limited`] if there were too many.
    pub async fn count_failure(&self, address: Option<IpAddr>) -> Result<(), Error> {
        self.check_place(address)?;
        if !self.counts(address) {
            return Ok(());
        }
        for (limit, key) in counters(self.issuer.id(), address, Counted::Failure) {
            if let Err(limited) = self.count(limit, &key).await {
                // A request without an address stands for many callers: none of them is rejected unseen.
                if address.is_some() {
                    self.issuer.rejected_places().insert(key, self.host.milliseconds());
                }
                return Err(limited);
            }
        }
        Ok(())
    }

    /// Counts a registration, just before it is stored.
    ///
    /// # Errors
    /// [`Error::Limited`] if there were too many at this issuer.
    pub(super) async fn count_registration(&self, address: Option<IpAddr>) -> Result<(), Error> {
        if !self.counts(address) {
            return Ok(());
        }
        self.count(Limit::Issuer, &self.issuer.id().to_string()).await
    }

    /// Counts an update by the holder of a client's token, just before it is stored: for the client, so that one
    /// client with many addresses cannot use up what all share, then for the issuer.
    ///
    /// # Errors
    /// [`Error::Limited`] if there were too many of this client, or at this issuer.
    pub(super) async fn count_update(
        &self,
        address: Option<IpAddr>,
        client_id: &ClientId,
    ) -> Result<(), Error> {
        if !self.counts(address) {
            return Ok(());
        }
        let issuer = self.issuer.id();
        self.count(Limit::Address, &format!("{issuer} client {client_id}")).await?;
        self.count(Limit::Updates, &issuer.to_string()).await
    }

    /// Counts a wrong secret of a client, for this client alone. Right secrets are not counted, so nobody can
    /// lock a client out.
    ///
    /// # Errors
    /// [`Error::Limited`] if there were too many.
    pub(super) async fn count_wrong_secret(&self, client: Option<&ClientId>) -> Result<(), Error> {
        if self.issuer.is_development() {
            return Ok(());
        }
        let client = client.map_or("-", ClientId::as_str);
        self.count(Limit::Failures, &format!("{} client {client}", self.issuer.id())).await
    }

    async fn count(&self, limit: Limit, key: &str) -> Result<(), Error> {
        if self.host.allow(limit, key).await { Ok(()) } else { Err(Error::Limited) }
    }
}
