//! New credentials of a registration.

use crate::runtime::{Entropy, EntropyError};
use crate::vocabulary::{ClientSecret, EntityTag, RegistrationToken};

/// New credentials. The caller takes those that it needs.
pub(super) struct Credentials {
    /// Random bytes for a new client identifier.
    pub id: [u8; 16],
    pub secret: ClientSecret,
    pub token: RegistrationToken,
    pub version: EntityTag,
}

impl Credentials {
    /// Draws all randomness at once: a call into the runtime costs more than the bytes.
    pub fn draw(entropy: &impl Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; 121];
        entropy.fill(&mut bytes)?;
        Self::from_bytes(&bytes).ok_or(EntropyError)
    }

    /// Splits random bytes, in the order of the members. `None` if there are fewer than 121.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, bytes) = bytes.split_first_chunk()?;
        let (secret, bytes) = bytes.split_first_chunk()?;
        let (token, bytes) = bytes.split_first_chunk()?;
        let version = bytes.first_chunk()?;
        Some(Self {
            id: *id,
            secret: ClientSecret::from_entropy(*secret),
            token: RegistrationToken::from_entropy(*token),
            version: EntityTag::from_entropy(*version),
        })
    }
}
