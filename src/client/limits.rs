//! Every bound on what a client may send, in one place. Lengths are bytes unless said otherwise.

/// A whole request body.
pub const BODY: usize = 64 * 1024;
/// Members of the metadata object, unknown ones and language variants included.
pub const METADATA_MEMBERS: usize = 256;
/// JSON values in a body, however deep, each member and each element of a list counted: the longest lists of URIs
/// have 300 together.
pub const VALUES: usize = 1500;
/// Nesting of JSON objects and arrays, the metadata object itself counted.
pub const DEPTH: usize = 8;
/// A display text: `client_name`, `description` and their like.
pub const DISPLAY_TEXT: usize = 1024;
/// All names of a client and of its organization, in all languages together: each is held against every name that
/// is reserved.
pub const NAMES: usize = 3 * 1024;
/// An identifier or version that is kept and never interpreted: `software_id`.
pub const OPAQUE: usize = 512;
/// A URI of any kind.
pub const URI: usize = 2048;
/// A `scope`.
pub const SCOPE: usize = 4096;
/// A `software_statement`.
pub const SOFTWARE_STATEMENT: usize = 16 * 1024;
/// Elements of a list of redirect URIs.
pub const REDIRECT_URIS: usize = 100;
/// Elements of any other list.
pub const LIST: usize = 64;
/// Labels of hosts that begin with `xn--`, in all URIs of a request: each is decoded, and the runtime judges each host.
pub const ENCODED_LABELS: usize = 100;
/// Keys of a JWK set.
pub const KEYS: usize = 20;
/// Modulus of an RSA key, in bits: the least that is safe (RFC 7518 §3.3) and the most that is sane.
pub const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Exponent of an RSA key, in bits. 65537 is usual; the rest is room.
pub const RSA_EXPONENT_BITS: usize = 64;
/// A language tag (RFC 5646 §4.4.1 recommends to allow for 35).
pub const LANGUAGE_TAG: usize = 35;
/// `default_max_age`, in seconds: what a signed 32-bit reader can still hold.
pub const SECONDS: u64 = i32::MAX as u64;
/// Entries of a list in the configuration: what a request costs grows with them.
pub const ENTRIES: usize = 100;

/// The policy of an initial access token, in bytes of JSON: it is stored with every client that comes in with it.
pub const TOKEN_POLICY: usize = 2048;

/// The number of entries of a list in the configuration, if it is more than [`ENTRIES`].
#[must_use]
pub fn entries_beyond(setting: &serde_json::Value) -> Option<usize> {
    setting.as_array().map(Vec::len).filter(|count| *count > ENTRIES)
}
