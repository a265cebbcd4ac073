//! A client. Its forms, each made from the one before and never from a later one:
//!
//! [`RawMetadata`] (what arrived) → [`ClientMetadata`] (verified, defaults filled in) → [`Record`]
//! (what is stored) → [`Registration`] (what is answered).

mod alphabets;
mod categories;
mod check;
mod claims;
mod document;
mod encoded_hosts;
mod grants;
mod hidden;
mod host_patterns;
mod import;
mod judge;
mod jwks;
mod letters;
pub mod limits;
mod look_alikes;
mod member;
mod metadata;
mod mistake;
mod names;
pub mod policy;
mod policy_lists;
mod policy_rules;
mod problem;
mod provenance;
mod raw;
pub mod reading;
mod record;
mod reserved;
mod rule;
mod rule_catalogue;
mod rules;
mod secrets;
pub mod setting;
mod shown;
mod standing;
mod stored;
mod summary;
mod supported;
pub mod table;
mod uses;
mod value;
mod verify;

pub use claims::Claims;
pub use document::{Audience, Registration};
pub use import::{FIRST_CLIENT, Remark};
pub use metadata::ClientMetadata;
pub use mistake::{Mistake, Reason};
pub use names::Decompose;
pub use policy::Policy;
pub use problem::{Pointer, Problem, Problems};
pub use provenance::{Provenance, TokenName};
pub use raw::RawMetadata;
pub use record::{Record, RecordError};
pub use rule::{KeyFault, Rule};
pub use rule_catalogue::RULES;
pub use secrets::Secrets;
pub use shown::Shown;
pub use standing::Standing;
pub use summary::Summary;
pub use supported::Supported;
pub use uses::UseRecording;
