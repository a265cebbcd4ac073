//! Requests.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rollcall::http::{self, Binding, BodyLimits, Incoming, ReadError};
use serde_json::{Value, json};

use super::runtime::Meanwhile;
use super::{ORIGIN, path_of};

/// A request before it is sent.
pub struct Call {
    pub(crate) method: String,
    pub(crate) origin: String,
    pub(crate) path: String,
    pub(crate) address: Option<String>,
    pub(crate) bound: Binding,
    pub(crate) certificate: String,
    pub(crate) wire: Wire,
}

/// A request while something else happens.
pub(crate) struct Arriving<'a, 'm> {
    pub(crate) wire: Wire,
    pub(crate) arriving: &'a Meanwhile<'m>,
}

/// Headers and body of a request; the body arrives in pieces.
pub(crate) struct Wire {
    headers: Vec<(String, String)>,
    chunks: std::vec::IntoIter<Vec<u8>>,
    /// How long the body takes to arrive; `None` if it never arrives whole.
    milliseconds: Option<u32>,
    /// Whether the request waits for its body for ever.
    stuck: bool,
}

impl Call {
    /// A request without headers and body.
    pub fn new(method: &str, path: &str) -> Self {
        let chunks = Vec::new().into_iter();
        let wire = Wire { headers: Vec::new(), chunks, milliseconds: Some(0), stuck: false };
        let (method, origin, path) = (method.into(), ORIGIN.into(), path.into());
        let (bound, certificate) = (Binding::Unmarked, String::new());
        Self { method, origin, path, address: None, bound, certificate, wire }
    }

    /// A registration with this body.
    pub fn register(body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", "/reg").header("content-type", "application/json").body(body)
    }

    /// A request to the client configuration endpoint of a client, with its token.
    pub fn of(method: &str, registered: &Value) -> Self {
        let token = registered["registration_access_token"].as_str().unwrap();
        Self::new(method, path_of(registered)).header("authorization", &format!("Bearer {token}"))
    }

    /// An update of a client to `metadata`; its `client_id` is added where there is none.
    pub fn update(registered: &Value, metadata: &Value) -> Self {
        let mut body = json!({"client_id": registered["client_id"]});
        body.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
        Self::of("PUT", registered)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    /// From this address.
    pub fn from(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    /// Through a binding of the authorization server's.
    pub fn bound(mut self) -> Self {
        self.bound = Binding::Server;
        self
    }

    /// Through a binding of the authorization server's, with `secrets = true`.
    pub fn bound_with_secrets(mut self) -> Self {
        self.bound = Binding::ServerWithSecrets;
        self
    }

    /// With a client certificate, as Cloudflare reports it: `certPresented`, `certVerified`, `certRevoked`, the subject, the
    /// issuer, and the SHA-256 fingerprint.
    pub fn certificate(mut self, report: [&str; 6]) -> Self {
        self.certificate = json!(report).to_string();
        self
    }

    /// To another origin.
    pub fn origin(mut self, origin: &str) -> Self {
        self.origin = origin.into();
        self
    }

    /// With this header instead of any that has its name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.wire.headers.retain(|(known, _)| known != name);
        self.wire.headers.push((name.into(), value.into()));
        self
    }

    /// Without a header.
    pub fn without(mut self, name: &str) -> Self {
        self.wire.headers.retain(|(known, _)| known != name);
        self
    }

    /// With this body, in one piece.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        self.chunks(vec![body.into()])
    }

    /// The body takes this long to arrive.
    pub fn taking(mut self, milliseconds: u32) -> Self {
        self.wire.milliseconds = Some(milliseconds);
        self
    }

    /// The body never arrives, and the runtime never says so.
    pub fn stuck(mut self) -> Self {
        self.wire.stuck = true;
        self
    }

    /// The body is cut off.
    pub fn broken(mut self) -> Self {
        self.wire.milliseconds = None;
        self
    }

    /// With a body of these pieces.
    pub fn chunks(mut self, chunks: Vec<Vec<u8>>) -> Self {
        self.wire.chunks = chunks.into_iter();
        self
    }
}

thread_local! {
    /// The headers that requests of this test have read.
    pub static READ: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

impl Incoming for Arriving<'_, '_> {
    fn header(&self, name: &str) -> Option<String> {
        assert!(http::READ_HEADERS.contains(&name), "{name} is not in http::READ_HEADERS");
        READ.with_borrow_mut(|read| read.contains(name) || read.insert(name.to_owned()));
        self.wire.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    async fn body(&mut self, limits: BodyLimits) -> Result<Vec<u8>, ReadError> {
        let meanwhile = self.arriving.borrow_mut().take();
        if let Some(action) = meanwhile {
            action();
        }
        if self.wire.stuck {
            return std::future::pending().await;
        }
        let Wire { chunks, milliseconds, .. } = &mut self.wire;
        if milliseconds.is_none_or(|needed| needed > limits.milliseconds) {
            return Err(match milliseconds {
                Some(_) => ReadError::TooSlow,
                None => ReadError::Broken("Network connection lost.".into()),
            });
        }
        let body = chunks.by_ref().collect::<Vec<_>>().concat();
        if body.len() > limits.bytes { Err(ReadError::TooLarge) } else { Ok(body) }
    }
}

/// The value that a handler reads of a header of `call`.
pub fn read_header(call: Call, name: &str) -> Option<String> {
    Arriving { wire: call.wire, arriving: &RefCell::default() }.header(name)
}
