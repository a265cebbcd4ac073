//! Encrypted copies of client secrets, where the operator has set `SEALING_KEY`.
//!
//! 1. A record with a new secret has its plain text in memory. [`Records::encode`] encrypts it with the newest key of the
//!    ring and removes the plain text, so that what the store and the ledger get has only the encrypted copy.
//! 2. The same step opens each copy of an older key and encrypts it again. A copy that no key opens stays as it is: the
//!    operator may put its key back.
//! 3. An opened text counts only if it has the digest that is stored beside it.
//!
//! The number in a copy says which key to try first. The others follow, because two deployments can have different keys
//! of one number.

use std::pin::Pin;

use super::{Records, RecordsError};
use crate::client::{Record, StoredSecret};
use crate::runtime::{AesGcm, Entropy, Sealing};
use crate::vocabulary::{ClientSecret, Key, KeyRing, SealedSecret, associated_data};

/// The note for the operator where a copy stays closed.
const UNOPENED: &str = "a sealed client secret cannot be opened: SEALING_KEY has no key for it";

/// A future on the heap.
type Task<'x, T> = Pin<Box<dyn Future<Output = Result<T, RecordsError>> + 'x>>;

impl<S, R: Entropy + Sealing> Records<'_, S, R> {
    /// [`Self::seal_secrets`], on the heap, so that the several callers share one copy of its code.
    pub(super) fn seal<'x>(&'x self, record: &'x mut Record) -> Task<'x, ()> {
        Box::pin(self.seal_secrets(record))
    }

    /// Encrypts the secrets of `record` that are new, and again those that an older key has encrypted.
    ///
    /// # Errors
    /// [`RecordsError::Sealing`], [`RecordsError::Entropy`]
    async fn seal_secrets(&self, record: &mut Record) -> Result<(), RecordsError> {
        let Some(ring) = self.sealing else { return Ok(()) };
        let client_id = &record.client_id;
        for secret in record.secrets.iter_mut() {
            let mut plain = secret.take_plain();
            let number = secret.sealed().map(SealedSecret::key_number);
            if plain.is_none()
                && number.is_some_and(|number| number != Some(ring.newest().number()))
            {
                plain = self.open(ring, client_id, secret).await?;
            }
            if let Some(plain) = plain {
                secret.set_sealed(self.encrypt(ring, client_id, &plain).await?);
            }
        }
        record.set_version();
        Ok(())
    }

    /// Lets every secret of an imported record be encrypted with the newest key. Returns whether all copies could be
    /// opened; the others stay as they are.
    ///
    /// # Errors
    /// [`RecordsError::Sealing`]
    pub async fn adopt_secrets(&self, record: &mut Record) -> Result<bool, RecordsError> {
        let client_id = &record.client_id;
        let mut are_open = true;
        for secret in record.secrets.iter_mut().filter(|secret| secret.sealed().is_some()) {
            let plain = match self.sealing {
                Some(ring) => self.open(ring, client_id, secret).await?,
                None => None,
            };
            match plain {
                Some(plain) => secret.set_plain(plain),
                None => are_open = false,
            }
        }
        Ok(are_open)
    }

    /// Whether the authorization server needs the plain secret of a client and there is no encrypted copy of it: the secret is
    /// older than `SEALING_KEY`.
    #[must_use]
    pub fn lacks_plain_secret(&self, record: &Record) -> bool {
        let lacks = self.sealing.is_some() && !record.secrets.newest_is_sealed();
        lacks && record.needs_plain_secret()
    }

    /// The newest secret of a client, if there is a copy of it that can be opened.
    ///
    /// # Errors
    /// [`RecordsError::Sealing`]
    pub async fn open_newest_secret(
        &self,
        record: &Record,
    ) -> Result<Option<ClientSecret>, RecordsError> {
        match record.secrets.newest_first().next() {
            Some(secret) => self.open_noted(&record.client_id, secret).await,
            None => Ok(None),
        }
    }

    /// The secrets of a client that work at `now`, in seconds since 1970, and can be opened, the newest first. Each comes
    /// with the time at which it stops working, 0 for never.
    ///
    /// # Errors
    /// [`RecordsError::Sealing`]
    pub async fn open_secrets(
        &self,
        record: &Record,
        now: u64,
    ) -> Result<Vec<(ClientSecret, u64)>, RecordsError> {
        let mut opened = Vec::new();
        for secret in record.secrets.newest_first().filter(|secret| !secret.has_expired(now)) {
            if let Some(plain) = self.open_noted(&record.client_id, secret).await? {
                opened.push((plain, secret.expires_at()));
            }
        }
        Ok(opened)
    }

    async fn open_noted(
        &self,
        client_id: &str,
        secret: &StoredSecret,
    ) -> Result<Option<ClientSecret>, RecordsError> {
        let Some(ring) = self.sealing else { return Ok(None) };
        let opened = self.open(ring, client_id, secret).await?;
        if opened.is_none() && secret.sealed().is_some() {
            self.note(UNOPENED);
        }
        Ok(opened)
    }

    async fn encrypt(
        &self,
        ring: &KeyRing,
        client_id: &str,
        plain: &ClientSecret,
    ) -> Result<SealedSecret, RecordsError> {
        let mut nonce = [0; 12];
        self.runtime.fill(&mut nonce)?;
        let (key, associated_data) = (ring.newest().sealing_key(), associated_data(client_id));
        let with = AesGcm { key: &key, nonce: &nonce, associated_data: &associated_data };
        let sealed = self.runtime.seal(&with, plain.plain().as_bytes()).await;
        let sealed = sealed.map_err(RecordsError::Sealing)?;
        Ok(SealedSecret::new(ring.newest().number(), nonce, &sealed))
    }

    /// On the heap, so that the several callers share one copy of its code.
    fn open<'x>(
        &'x self,
        ring: &'x KeyRing,
        client_id: &'x str,
        secret: &'x StoredSecret,
    ) -> Task<'x, Option<ClientSecret>> {
        Box::pin(self.open_with_any(ring, client_id, secret))
    }

    async fn open_with_any(
        &self,
        ring: &KeyRing,
        client_id: &str,
        secret: &StoredSecret,
    ) -> Result<Option<ClientSecret>, RecordsError> {
        let Some(sealed) = secret.sealed() else { return Ok(None) };
        let Some((nonce, ciphertext)) = sealed.read() else { return Ok(None) };
        let associated_data = associated_data(client_id);
        let is_named = |key: &&Key| Some(key.number()) == sealed.key_number();
        let others = ring.keys().filter(|key| !is_named(key));
        for key in ring.keys().filter(is_named).chain(others) {
            let key = key.sealing_key();
            let with = AesGcm { key: &key, nonce: &nonce, associated_data: &associated_data };
            let opened = self.runtime.open(&with, &ciphertext).await;
            let opened = opened.map_err(RecordsError::Sealing)?;
            let plain = opened.and_then(|bytes| String::from_utf8(bytes).ok());
            let plain = plain.map(|text| ClientSecret::presented(&text));
            if let Some(plain) = plain.filter(|plain| secret.matches(plain)) {
                return Ok(Some(plain));
            }
        }
        Ok(None)
    }
}
