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
        let mut id = [0; 16];
        let mut secret = [0; 64];
        let mut token = [0; 32];
        let mut version = [0; 9];
        let mut bytes = [0; 121];
        entropy.fill(&mut bytes)?;
        let drawn = id.iter_mut().chain(&mut secret).chain(&mut token).chain(&mut version);
        drawn.zip(bytes).for_each(|(to, from)| *to = from);
        Ok(Self {
            id,
            secret: ClientSecret::from_entropy(secret),
            token: RegistrationToken::from_entropy(token),
            version: EntityTag::from_entropy(version),
        })
    }
}
