//! Client ID Metadata Documents: a client whose identifier is the URL of its own metadata
//! (draft-ietf-oauth-client-id-metadata-document-02).

mod events;
mod fetch;
mod freshness;
mod resolve;
mod view;

pub use events::DocumentEvent;
pub use freshness::{Lifetime, lifetime};
pub(super) use resolve::{Reader, read_url};
pub use resolve::{look_up, refresh};
pub use view::DocumentSource;
