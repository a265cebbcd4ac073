//! An incoming request: headers to ask for, and a body that is handed over whole or not at all.

use crate::issuer::UPSTREAM_MARK;

/// The request headers that the program reads, in lower case. `edge` hands over only these.
#[rustfmt::skip]
pub const READ_HEADERS: [&str; 10] = [
    "authorization", "cf-connecting-ip", "content-encoding", "content-length", "content-type",
    "idempotency-key", "if-match", "if-none-match", "origin", UPSTREAM_MARK,
];

/// The part of a request that has not been read yet.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Incoming {
    /// The value of one of [`READ_HEADERS`]; several of one name are joined with commas.
    fn header(&self, name: &str) -> Option<String>;

    /// The whole body; empty if there is none. The runtime collects it: no part of an unfinished body is ever
    /// held here.
    ///
    /// # Errors
    /// [`ReadError`]
    async fn body(&mut self, limits: BodyLimits) -> Result<Vec<u8>, ReadError>;
}

/// How large a body may be, and how long it may take to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// Bytes.
    pub bytes: usize,
    /// Milliseconds from the moment that the body is asked for.
    pub milliseconds: u32,
}

/// Why there is no body.
#[derive(Debug)]
pub enum ReadError {
    /// It has more bytes than it may have.
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// The client stopped sending; the reason that the runtime gives, for the log.
    Broken(String),
}
