//! The client identifiers of an issuer: how new ones are made, and which ones it can have issued.
//!
//! Without `ID_KEY`, identifiers are random. With it, they are signed ([`ClientId::signed`]), and two things follow:
//!
//! 1. Where `ID_KEY_REQUIRED` is set, an identifier that is not signed is unknown, and nothing is read for it. Otherwise
//!    such an identifier is looked up: it may be older than the key, imported, or signed by a key that is lost.
//! 2. A signed identifier that the store does not show, and that is younger than a minute and a half, may belong to a client
//!    that another location has just stored.
//!
//! With `SHARED_ID_KEY`, the identifiers of [shared clients](ClientId::shared) are genuine, too.

use std::rc::Rc;

use serde_json::Value;

use super::config_error::{ConfigError, ConfigErrors};
use super::secret::Secret;
use crate::vocabulary::{ClientId, Key, KeyRing};

/// How long a location may not show a new client, and how much a clock may be off, in seconds. The time in an identifier
/// is up to 8 seconds too early.
const YOUNG: u64 = 90 + 8;

/// The keys of a deployment, shared by all its issuers.
#[derive(Debug, Clone, Default)]
pub(super) struct IdKeys {
    ring: Option<Rc<KeyRing>>,
    required: bool,
    shared: Option<Rc<Key>>,
}

impl IdKeys {
    /// Takes `ID_KEY`, `ID_KEY_REQUIRED` and `SHARED_ID_KEY`.
    pub fn parse(
        ring: Option<Secret<KeyRing>>,
        required: &Value,
        shared: Option<Secret<Key>>,
        errors: &mut ConfigErrors,
    ) -> Self {
        let is_set = ring.is_some();
        let ring = Secret::check_format(ring, "ID_KEY", KeyRing::FORMAT, errors).map(Rc::new);
        let name = "ID_KEY_REQUIRED";
        let required = match required {
            Value::Null => false,
            Value::Bool(flag) => *flag,
            // As `--var` passes it.
            Value::String(text) if matches!(&**text, "true" | "false" | "") => text == "true",
            other => {
                errors.push(ConfigError::value(name, other, super::reference::FLAG));
                false
            }
        };
        if required && !is_set {
            errors.push(ConfigError::Missing { name: "ID_KEY", needed_by: name });
        }
        let shared = Secret::check_format(shared, "SHARED_ID_KEY", Key::FORMAT, errors);
        Self { ring, required, shared: shared.map(Rc::new) }
    }
}

/// The client identifiers of one issuer.
#[derive(Debug)]
pub struct ClientIds {
    issuer: String,
    keys: IdKeys,
    /// Whether public clients without keys are one client if their metadata are equal.
    shares: bool,
}

impl ClientIds {
    /// Those of `issuer`, which `shares` clients or not.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] if it does without a key for that.
    pub(super) fn new(issuer: &str, keys: IdKeys, shares: bool) -> Result<Self, ConfigError> {
        if shares && keys.shared.is_none() {
            let needed_by = "REGISTRATION.shared_public_clients";
            return Err(ConfigError::Missing { name: "SHARED_ID_KEY", needed_by });
        }
        Ok(Self { issuer: issuer.to_owned(), keys, shares })
    }

    /// A new identifier of `random` bytes, at `now` in seconds since 1970.
    #[must_use]
    pub fn issue(&self, random: [u8; 16], now: u64) -> ClientId {
        let Some(ring) = &self.keys.ring else { return ClientId::from_entropy(random) };
        let [head @ .., _, _, _, _] = random;
        ClientId::signed(head, now, &self.issuer, ring.newest())
    }

    /// Reads an identifier that this issuer can have issued: anything else needs no look-up.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<ClientId> {
        ClientId::parse(text).filter(|client_id| {
            !self.keys.required || self.is_signed(client_id) || self.is_shared(client_id)
        })
    }

    /// Whether public clients without keys are one client if their metadata are equal.
    #[must_use]
    pub fn are_shared(&self) -> bool {
        self.shares
    }

    /// The identifier of the shared client that has all these `parts` in common; `None` without `SHARED_ID_KEY`.
    #[must_use]
    pub fn share(&self, parts: &[&[u8]]) -> Option<ClientId> {
        Some(ClientId::shared(parts, &self.issuer, self.keys.shared.as_deref()?))
    }

    /// Whether this issuer has made `client_id` for a shared client.
    #[must_use]
    pub fn is_shared(&self, client_id: &ClientId) -> bool {
        self.keys.shared.as_ref().is_some_and(|key| client_id.is_shared(&self.issuer, key))
    }

    /// Whether this issuer has issued `client_id` so recently that its client may exist although the store does not show
    /// it at this location; `now` is in seconds since 1970.
    #[must_use]
    pub fn is_young(&self, client_id: &ClientId, now: u64) -> bool {
        client_id.issued_at().is_some_and(|time| time.abs_diff(now) < YOUNG)
            && self.is_signed(client_id)
    }

    /// The keys that sign and verify; `None` without `ID_KEY`.
    #[must_use]
    pub fn ring(&self) -> Option<&KeyRing> {
        self.keys.ring.as_deref()
    }

    fn is_signed(&self, client_id: &ClientId) -> bool {
        self.keys.ring.as_ref().is_some_and(|ring| client_id.is_signed(&self.issuer, ring))
    }
}
