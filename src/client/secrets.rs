//! [`Secrets`]: the client secrets at rest, at most two, and when a client gets another one.
//!
//! A new secret keeps its plain text in memory until the record is encoded (`src/records/sealing.rs`). No plain text is
//! ever serialized.

use serde::{Deserialize, Serialize};

use super::standing::{Standing, standing};
use crate::vocabulary::{ClientSecret, Digest, SealedSecret};

/// The client secrets of a registration, the newest last; none for a client whose method has none.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets(Vec<StoredSecret>);

/// A client secret at rest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredSecret {
    /// Its digest.
    sha256: Digest,
    /// When it was issued, in seconds since 1970.
    #[serde(default)]
    issued_at: u64,
    /// When it stops working, in seconds since 1970; 0 for never (RFC 7591 §3.2.1).
    expires_at: u64,
    /// Its encrypted copy; absent if it was issued without `SEALING_KEY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<SealedSecret>,
    /// Its plain text while it is to be encrypted.
    #[serde(skip)]
    plain: Option<ClientSecret>,
}

impl StoredSecret {
    /// Its encrypted copy.
    #[must_use]
    pub fn sealed(&self) -> Option<&SealedSecret> {
        self.sealed.as_ref()
    }

    /// Replaces its encrypted copy.
    pub fn set_sealed(&mut self, sealed: SealedSecret) {
        self.sealed = Some(sealed);
    }

    /// The plain text that is to be encrypted; the record no longer has it.
    pub fn take_plain(&mut self) -> Option<ClientSecret> {
        self.plain.take()
    }

    /// Keeps the plain text, so that it is encrypted when the record is encoded.
    pub fn set_plain(&mut self, plain: ClientSecret) {
        self.plain = Some(plain);
    }

    /// Whether `secret` is this one.
    #[must_use]
    pub fn matches(&self, secret: &ClientSecret) -> bool {
        self.sha256.matches(&secret.digest())
    }

    /// When it stops working, in seconds since 1970; 0 for never.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.expires_at
    }

    /// Whether half of its life is over, or all of it.
    fn is_due(&self, now: u64) -> bool {
        let life = self.expires_at.saturating_sub(self.issued_at);
        self.expires_at != 0 && now >= self.expires_at.saturating_sub(life / 2)
    }

    /// Whether it does not work any more.
    #[must_use]
    pub fn has_expired(&self, now: u64) -> bool {
        self.expires_at != 0 && now >= self.expires_at
    }
}

impl Secrets {
    /// When the newest secret stops working, in seconds since 1970, 0 for never; `None` for a client
    /// without one.
    #[must_use]
    pub fn expires_at(&self) -> Option<u64> {
        self.0.last().map(|secret| secret.expires_at)
    }

    /// The standing of `secret` at this registration, expired or not.
    #[must_use]
    pub fn standing(&self, secret: &ClientSecret) -> Option<Standing> {
        standing(self.0.iter().map(|stored| &stored.sha256), &secret.digest())
    }

    /// Whether `secret` works now.
    #[must_use]
    pub fn admit(&self, secret: &ClientSecret, now: u64) -> bool {
        // Every one is looked at: the time says nothing about which one matched.
        let working = self.0.iter().filter(|stored| !stored.has_expired(now));
        standing(working.map(|stored| &stored.sha256), &secret.digest()).is_some()
    }

    /// Whether a client that knows the secret of this standing needs another one: it has none; half
    /// of the newest one's life is over; it presents the former one, so has not seen the newest; or it
    /// presents none and the former one has expired, so may have none that works.
    #[must_use]
    pub fn needs_another(&self, known: Option<Standing>, now: u64) -> bool {
        let Some((newest, former)) = self.0.split_last() else { return true };
        newest.is_due(now)
            || known == Some(Standing::Former)
            || known.is_none() && former.iter().any(|secret| secret.has_expired(now))
    }

    /// When each was issued and when it stops working, in seconds since 1970; 0 for not said, and for never.
    pub fn times(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|secret| (secret.issued_at, secret.expires_at))
    }

    /// Adds a secret that lives for `lifetime` seconds, 0 for ever. Beside it stays the one that the
    /// client knows, until it expires by itself.
    pub fn issue(
        &mut self,
        secret: &ClientSecret,
        known: Option<Standing>,
        now: u64,
        lifetime: u64,
    ) {
        let kept = match known {
            Some(Standing::Former) => self.0.drain(..).next(),
            _ => self.0.pop(),
        };
        let expires_at = if lifetime == 0 { 0 } else { now.saturating_add(lifetime) };
        let sha256 = secret.digest();
        let plain = Some(secret.clone());
        let new = StoredSecret { sha256, issued_at: now, expires_at, sealed: None, plain };
        self.0 = kept.into_iter().chain([new]).collect();
    }

    /// Every secret, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &StoredSecret> {
        self.0.iter().rev()
    }

    /// Every secret, to encrypt it.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut StoredSecret> {
        self.0.iter_mut()
    }

    /// Whether the newest secret has an encrypted copy, or gets one.
    #[must_use]
    pub fn newest_is_sealed(&self) -> bool {
        self.0.last().is_some_and(|secret| secret.sealed.is_some() || secret.plain.is_some())
    }

    /// Whether a secret has an encrypted copy.
    #[must_use]
    pub fn are_sealed(&self) -> bool {
        self.0.iter().any(|secret| secret.sealed.is_some())
    }

    /// Ends every secret but the newest.
    pub fn retire_former(&mut self) {
        self.0 = self.0.pop().into_iter().collect();
    }

    /// Ends every secret.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
