//! Counting requests: a place before any work, a failure after it, a write just before it.
//! `docs/gate.md` says which limit stands before which step.

use std::net::IpAddr;

use super::rate_limits::{Counted, Limit, Limiter, counters};
use super::{Gate, GateError};
use crate::runtime::Clock;
use crate::vocabulary::ClientId;

impl<R: Clock + Limiter> Gate<'_, R> {
    /// Whether requests from `address` are counted at all.
    pub(super) fn counts(&self, address: Option<IpAddr>) -> bool {
        self.is_counting && !self.settings.limits.exempt(address)
    }

    /// Counts a request that may lead to a write, before anything is read for it.
    ///
    /// # Errors
    /// [`GateError::Limited`] if there were too many from its place.
    pub async fn count_place(&self, address: Option<IpAddr>) -> Result<(), GateError> {
        self.count_at(address, Counted::Request).await
    }

    /// Counts a read or a deletion by a holder, before anything is read for it. A stranger can be the holder of a
    /// client, too.
    ///
    /// # Errors
    /// [`GateError::Limited`] if there were too many from its place.
    pub async fn count_read(&self, address: Option<IpAddr>) -> Result<(), GateError> {
        self.count_at(address, Counted::Read).await
    }

    async fn count_at(&self, address: Option<IpAddr>, counted: Counted) -> Result<(), GateError> {
        if self.counts(address) {
            for (limit, key) in counters(self.issuer, address, counted) {
                self.count(limit, &key).await?;
            }
        }
        Ok(())
    }

    /// Rejects a place that this isolate knows to be over the limit for wrong tokens, before anything is looked
    /// up for its token.
    ///
    /// # Errors
    /// [`GateError::Limited`], for at most ten seconds before the place is looked at again.
    pub fn check_place(&self, address: Option<IpAddr>) -> Result<(), GateError> {
        let (rejected, now) = (self.rejected_places, self.runtime.milliseconds());
        if rejected.is_empty() || !self.counts(address) {
            return Ok(());
        }
        let places = counters(self.issuer, address, Counted::Failure);
        let is_rejected = places.iter().any(|(_, key)| rejected.contains(key, now));
        if is_rejected { Err(GateError::Limited) } else { Ok(()) }
    }

    /// Counts a wrong token, and remembers a place that has presented too many.
    ///
    /// # Errors
    /// [`GateError::Limited`] if there were too many.
    pub async fn count_failure(&self, address: Option<IpAddr>) -> Result<(), GateError> {
        self.check_place(address)?;
        if !self.counts(address) {
            return Ok(());
        }
        for (limit, key) in counters(self.issuer, address, Counted::Failure) {
            if let Err(limited) = self.count(limit, &key).await {
                // A request without an address stands for many callers, so each of them is looked up.
                if address.is_some() {
                    self.rejected_places.insert(key, self.runtime.milliseconds());
                }
                return Err(limited);
            }
        }
        Ok(())
    }

    /// Counts an update by the holder of a client's token, just before it is stored: for the client, so that one
    /// client with many addresses cannot use up what all share, then for the issuer. Whether it is within both limits.
    pub async fn allows_update(&self, address: Option<IpAddr>, client_id: &ClientId) -> bool {
        let client = format!("{} client {client_id}", self.issuer);
        !self.counts(address)
            || self.runtime.allow(Limit::Address, &client).await
                && self.runtime.allow(Limit::Updates, &self.issuer.to_string()).await
    }

    /// Counts a wrong secret of a client, for this client alone. Right secrets are not counted, so a stranger cannot
    /// lock a client out.
    ///
    /// # Errors
    /// [`GateError::Limited`] if there were too many.
    pub async fn count_wrong_secret(&self, client: Option<&ClientId>) -> Result<(), GateError> {
        if !self.is_counting {
            return Ok(());
        }
        let client = client.map_or("-", ClientId::as_str);
        self.count(Limit::Failures, &format!("{} client {client}", self.issuer)).await
    }

    /// Counts a fetch of the metadata document at `url` on `host`: for the URL, for the host, and for the issuer. The last
    /// count is one of two, so that strangers with new URLs cannot use up what `known` documents need. Whether it is within
    /// all limits.
    pub async fn allows_fetch(&self, url: &str, host: &str, known: bool) -> bool {
        let Self { issuer, runtime, .. } = self;
        let kind = if known { "known" } else { "new" };
        !self.is_counting
            || runtime.allow(Limit::Document, &format!("{issuer} {url}")).await
                && runtime.allow(Limit::DocumentHost, &format!("{issuer} {host}")).await
                && runtime.allow(Limit::Documents, &format!("{issuer} {kind}")).await
    }

    pub(super) async fn count(&self, limit: Limit, key: &str) -> Result<(), GateError> {
        if self.runtime.allow(limit, key).await { Ok(()) } else { Err(GateError::Limited) }
    }
}
