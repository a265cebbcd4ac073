//! [`Record`]: a registration as it is stored. `docs/storage-schema.md` shows one.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::metadata::ClientMetadata;
use crate::vocabulary::{ClientId, ClientSecret, Digest, RegistrationToken};

/// The schema version this program writes.
const VERSION: u32 = 1;

/// A registration at rest: digests instead of credentials, the metadata as it is answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// Schema version.
    v: u32,
    /// The client's identifier.
    client_id: String,
    /// When it was registered, in seconds since 1970.
    issued_at: u64,
    /// The client secrets that work.
    secrets: Vec<StoredSecret>,
    /// The registration access tokens that work.
    tokens: Vec<Digest>,
    /// The verified metadata, as text: reading a client back re-serialises nothing.
    metadata: Box<RawValue>,
}

/// A client secret at rest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredSecret {
    /// Its digest.
    pub sha256: Digest,
    /// When it stops working, in seconds since 1970; 0 for never (RFC 7591 §3.2.1).
    pub expires_at: u64,
}

/// Why stored bytes are no record.
#[derive(Debug)]
pub enum RecordError {
    /// Written by a later version of this program, which must not be guessed at or overwritten.
    Newer {
        /// Its schema version.
        version: u32,
    },
    /// Not a record at all.
    Corrupt {
        /// What the parser said.
        reason: serde_json::Error,
    },
}

impl Record {
    /// Makes the record of a new registration.
    ///
    /// # Errors
    /// If the metadata cannot be written as JSON.
    pub fn new(
        client_id: &ClientId,
        issued_at: u64,
        secret: Option<&ClientSecret>,
        token: &RegistrationToken,
        metadata: &ClientMetadata,
    ) -> Result<Self, serde_json::Error> {
        let stored =
            |secret: &ClientSecret| StoredSecret { sha256: secret.digest(), expires_at: 0 };
        Ok(Self {
            v: VERSION,
            client_id: client_id.as_str().to_owned(),
            issued_at,
            secrets: secret.map(stored).into_iter().collect(),
            tokens: vec![token.digest()],
            metadata: serde_json::value::to_raw_value(metadata)?,
        })
    }

    /// The bytes to store.
    ///
    /// # Errors
    /// If the record cannot be written as JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads stored bytes of any version ever written.
    ///
    /// # Errors
    /// [`RecordError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        #[derive(Deserialize)]
        struct Versioned {
            v: u32,
        }
        let corrupt = |reason| RecordError::Corrupt { reason };
        match serde_json::from_slice::<Self>(bytes) {
            Ok(record) if record.v == VERSION => Ok(record),
            Ok(record) => Err(RecordError::Newer { version: record.v }),
            Err(reason) => match serde_json::from_slice::<Versioned>(bytes) {
                Ok(other) if other.v > VERSION => Err(RecordError::Newer { version: other.v }),
                _ => Err(corrupt(reason)),
            },
        }
    }

    /// When the client was registered, in seconds since 1970.
    #[must_use]
    pub fn issued_at(&self) -> u64 {
        self.issued_at
    }

    /// When the newest client secret stops working; `None` for a client without one.
    #[must_use]
    pub fn secret_expires_at(&self) -> Option<u64> {
        self.secrets.last().map(|secret| secret.expires_at)
    }

    /// The verified metadata as JSON text.
    #[must_use]
    pub fn metadata(&self) -> &RawValue {
        &self.metadata
    }

    /// Whether `token` may manage this registration. Looks at every digest, so that the time says
    /// nothing about which one matched.
    #[must_use]
    pub fn admits(&self, token: &RegistrationToken) -> bool {
        let presented = token.digest();
        self.tokens.iter().fold(false, |admitted, digest| digest.matches(&presented) | admitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_another_version_is_not_guessed_at() {
        let v1 = r#"{"v":1,"client_id":"x","issued_at":0,"secrets":[],"tokens":[],"metadata":{}}"#;
        assert!(Record::parse(v1.as_bytes()).is_ok());
        for body in [v1.replace("\"v\":1", "\"v\":2"), r#"{"v":7,"shape":"unknown"}"#.to_owned()] {
            assert!(
                matches!(Record::parse(body.as_bytes()), Err(RecordError::Newer { .. })),
                "{body}"
            );
        }
        for body in ["", "{}", "null", "{\"v\":1}", "\u{0}"] {
            assert!(
                matches!(Record::parse(body.as_bytes()), Err(RecordError::Corrupt { .. })),
                "{body}"
            );
        }
    }
}
