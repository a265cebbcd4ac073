//! What arrives: headers to ask for, a body to read piece by piece.

/// What of a request has not been read yet.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Incoming {
    /// The value of a header; several of one name are joined with commas.
    fn header(&self, name: &str) -> Option<String>;

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// If the client stops sending.
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ReadError>;
}

/// The body did not arrive whole; what the runtime said, for the log.
#[derive(Debug)]
pub struct ReadError(pub String);
