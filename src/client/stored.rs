//! [`StoredMetadata`]: the registered metadata in a record.

use std::cell::OnceCell;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::metadata::ClientMetadata;

/// Registered metadata as JSON text, so that reading a client back serialises nothing again. What a list shows of them
/// is taken from the values when the text is written, and read from a stored text at most once.
#[derive(Debug, Clone)]
pub(super) struct StoredMetadata {
    text: Box<RawValue>,
    listed: OnceCell<ListedMembers>,
}

/// The members that a list of clients shows.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ListedMembers {
    pub client_name: Option<String>,
    pub token_endpoint_auth_method: Option<String>,
}

impl StoredMetadata {
    /// Writes `metadata`.
    ///
    /// # Errors
    /// If they cannot be written as JSON.
    pub fn new(metadata: &ClientMetadata) -> Result<Self, serde_json::Error> {
        let listed = ListedMembers {
            client_name: metadata.passive.text("client_name").map(str::to_owned),
            token_endpoint_auth_method: Some(metadata.auth_method().as_str().to_owned()),
        };
        let text = serde_json::value::to_raw_value(metadata)?;
        Ok(Self { text, listed: listed.into() })
    }

    /// All members, as JSON.
    pub fn text(&self) -> &RawValue {
        &self.text
    }

    /// The members that a list shows.
    pub fn listed(&self) -> &ListedMembers {
        self.listed.get_or_init(|| self.read().unwrap_or_default())
    }

    /// Reads some members from the text; `None` if it has them in another type.
    pub fn read<'t, T: Deserialize<'t>>(&'t self) -> Option<T> {
        serde_json::from_slice(self.text.get().as_bytes()).ok()
    }
}

impl Serialize for StoredMetadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredMetadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self { text, listed: OnceCell::new() })
    }
}
