//! Client ID Metadata Documents of an issuer's clients: which are resolved, and what an isolate remembers of them.

mod settings;
mod state;

pub(super) use settings::PINNED;
pub use settings::{Approval, DocumentMode, DocumentSettings, Freshness};
pub use state::{DocumentFailure, DocumentState, DocumentTurn, EndOfDocumentTurn};
