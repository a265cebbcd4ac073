//! The runtime as small traits for every layer above, which mention none of our types: the time, randomness,
//! requests to other servers, and Web Crypto. Tests fix all of them.

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

/// The web, for what an operator points at. Never for what a client sends.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Fetch {
    /// The body of a 200 to `GET url`: bounded in time and size, no redirect followed.
    ///
    /// # Errors
    /// [`FetchError`]
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, FetchError>;

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

/// Why nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// Another status than 200.
    Status(u16),
    /// More bytes than a document of metadata can have.
    TooLarge,
    /// No answer, or not in time; what the runtime said.
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

/// The source of randomness failed.
#[derive(Debug, thiserror::Error)]
#[error("no randomness")]
pub struct EntropyError;
