//! When a client ends by itself.

use super::record::Record;

impl Record {
    /// Lets it end by itself `seconds` after `now`.
    pub fn expire_after(&mut self, seconds: u32, now: u64) {
        self.expires_at = Some(now.saturating_add(u64::from(seconds)));
    }

    /// `lifetime`, in seconds and 0 for ever, cut so that it ends no later than the client does.
    #[must_use]
    pub fn capped_lifetime(&self, lifetime: u64, now: u64) -> u64 {
        match self.expires_at.map(|end| end.saturating_sub(now)) {
            Some(left) if lifetime == 0 || lifetime > left => left.max(1),
            _ => lifetime,
        }
    }

    /// When it ends by itself, used or not, in seconds since 1970; `None` for never.
    #[must_use]
    pub fn expires_at(&self) -> Option<u64> {
        let undecided = self.approval.as_ref().and_then(|approval| approval.expires_at);
        self.expires_at.into_iter().chain(self.idle_expires_at).chain(undecided).min()
    }

    /// Whether it has ended by itself.
    #[must_use]
    pub fn has_expired(&self, now: u64) -> bool {
        self.expires_at().is_some_and(|end| end <= now)
    }

    /// How long the store has to keep it, in seconds, at least the minute that it takes for granted;
    /// `None` for ever.
    #[must_use]
    pub fn ttl(&self, now: u64) -> Option<u32> {
        let left = self.expires_at()?.saturating_sub(now).max(60);
        Some(u32::try_from(left).unwrap_or(u32::MAX))
    }

    /// How long ago it was written, at least, as far as it says: registered or updated.
    #[must_use]
    pub fn age(&self, now: u64) -> u64 {
        now.saturating_sub(self.updated_at.unwrap_or(self.issued_at))
    }
}
