//! The runtime as small traits for every layer above, which mention none of our types: the time, randomness,
//! requests to other servers, and Web Crypto in two parts. Tests fix all of them.

/// The time.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Clock {
    /// Milliseconds since 1970-01-01T00:00:00Z. May stand still while nothing is waited for.
    fn milliseconds(&self) -> u64;

    /// Seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> u64 {
        self.milliseconds() / 1000
    }

    /// Waits.
    async fn sleep(&self, milliseconds: u64);
}

/// Randomness for credentials.
pub trait Entropy {
    /// Fills `bytes` from a cryptographically secure source.
    ///
    /// # Errors
    /// If the source fails. No credential may be made then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The web: what an operator points at, and what an operator's setting lets clients name.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Fetch {
    /// The answer to a `GET`. No redirect is followed.
    ///
    /// # Errors
    /// [`FetchError`]; a status is none, whatever it is.
    async fn get(&self, request: &FetchRequest<'_>) -> Result<Fetched, FetchError>;

    /// Sends `body` as JSON with these headers; the status of the answer, which is not read.
    ///
    /// # Errors
    /// [`FetchError::Failed`]
    async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<u16, FetchError>;
}

/// The user agent of requests for documents that clients name: firewalls reject requests without one. Nothing in it
/// names the operator.
pub const USER_AGENT: &str = concat!("rollcall/", env!("CARGO_PKG_VERSION"));

/// A `GET` to another server.
#[derive(Debug, Clone, Copy)]
pub struct FetchRequest<'r> {
    /// The URL.
    pub url: &'r str,
    /// Every header that is sent, with names in lower case.
    pub headers: &'r [(&'r str, &'r str)],
    /// The most bytes of a body, counted as they arrive and after decompression.
    pub bytes: usize,
    /// Until when the whole answer has to be there, in milliseconds from now.
    pub milliseconds: u32,
}

/// The headers of an answer that are read: all that HTTP caching needs (RFC 9111), and the media type.
#[rustfmt::skip]
pub const FETCHED_HEADERS: [&str; 7] =
    ["age", "cache-control", "content-type", "etag", "expires", "last-modified", "vary"];

/// The answer to a [`FetchRequest`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The status.
    pub status: u16,
    /// Those of [`FETCHED_HEADERS`] that the answer has; several of one name are joined with commas.
    pub headers: Vec<(String, String)>,
    /// The body of a 200; empty for any other status, of which the body is not read.
    pub body: Vec<u8>,
}

impl Fetched {
    /// The value of one of [`FETCHED_HEADERS`].
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer. The words complete "the document".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The body has more bytes than it may have.
    #[error("is too large")]
    TooLarge,
    /// No answer, or not in time; what the runtime said.
    #[error("cannot be fetched: {0}")]
    Failed(String),
}

/// Web Crypto, for what takes the arithmetic of a curve.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Curves {
    /// Whether each of `points` is on its curve, in their order: whether `importKey` takes it. They are a list
    /// of public EC keys as JWKs, on curves that Web Crypto knows; only `kty`, `crv`, `x` and `y` matter.
    ///
    /// # Errors
    /// The runtime's message if it could not tell. Then no point may be accepted.
    async fn on_curve(&self, points: &serde_json::Value) -> Result<Vec<bool>, String>;
}

/// Web Crypto, for authenticated encryption: AES-256-GCM (NIST SP 800-38D), with its tag of 16 bytes behind the ciphertext.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Sealing {
    /// Encrypts `plain`.
    ///
    /// # Errors
    /// The runtime's message.
    async fn seal(&self, with: &AesGcm<'_>, plain: &[u8]) -> Result<Vec<u8>, String>;

    /// Decrypts `sealed`; `None` if it was not encrypted with these parameters.
    ///
    /// # Errors
    /// The runtime's message if it could not tell.
    async fn open(&self, with: &AesGcm<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>, String>;
}

/// The parameters of an encryption.
#[derive(Clone, Copy)]
pub struct AesGcm<'a> {
    /// The key.
    pub key: &'a [u8; 32],
    /// Another one for each encryption.
    pub nonce: &'a [u8; 12],
    /// The data that are authenticated and not encrypted.
    pub associated_data: &'a [u8],
}

/// Web Crypto, for signatures.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Signatures {
    /// Whether the key has made the signature. A key that Web Crypto does not take has made none.
    ///
    /// # Errors
    /// The runtime's message if it could not tell. Then the signature counts as wrong, for now.
    async fn verify(&self, signature: &Signature<'_>) -> Result<bool, String>;
}

/// A signature of a JWS (RFC 7515 §5.2), and what it is verified with.
#[derive(Debug, Clone, Copy)]
pub struct Signature<'s> {
    /// The name of the algorithm: an asymmetric one of RFC 7518 §3.1, `EdDSA` or `Ed25519`.
    pub algorithm: &'s str,
    /// The public key as a JWK: only the members that make the key.
    pub key: &'s serde_json::Value,
    /// The text that is signed.
    pub signed: &'s str,
    /// The bytes of the signature.
    pub bytes: &'s [u8],
}

/// The source of randomness failed.
#[derive(Debug, thiserror::Error)]
#[error("no randomness")]
pub struct EntropyError;
