//! How long an operator lets clients and their credentials live.

use serde::Deserialize;

use crate::client::UseRecording;

/// When a client gets a new registration access token (RFC 7592 §2, §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// Never: the first one stays.
    #[default]
    Never,
    /// With every update.
    OnUpdate,
    /// With every read and every update.
    Always,
}

/// The operator's settings for the life of clients and their credentials.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lifetimes {
    /// When a client gets a new registration access token.
    pub rotation: Rotation,
    /// How long a client secret works, in seconds; 0 for ever.
    pub client_secret: u64,
    /// How long a client lives that no authorization server has asked for yet, in seconds; 0 for ever.
    pub unused_client: u64,
    /// How long a client lives after its last use, in seconds; 0 for ever.
    pub idle_client: u64,
    /// How long a client lives that waits for approval, in seconds; 0 for ever.
    pub pending_client: u64,
    /// Whether uses of clients are recorded even where no lifetime depends on them.
    pub recorded_uses: UseRecording,
}

impl Lifetimes {
    /// Whether uses of clients are recorded: where the operator says so, or a lifetime depends on them.
    #[must_use]
    pub fn use_recording(&self) -> UseRecording {
        match self.recorded_uses {
            UseRecording::Off if self.unused_client != 0 || self.idle_client != 0 => {
                UseRecording::On
            }
            recorded => recorded,
        }
    }
}
