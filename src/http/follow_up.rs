//! What is done once a request is answered, so that nobody waits for it.

use std::rc::Rc;

use crate::service::ports::{Host, Store};
use crate::service::{App, Issuer};
use crate::vocabulary::ClientId;

/// A client was used: that is to be noted.
#[derive(Debug)]
pub struct FollowUp {
    pub(super) issuer: Rc<Issuer>,
    pub(super) client_id: ClientId,
}

impl FollowUp {
    /// Does it. Returns what an operator has to know of it.
    pub async fn run<S: Store, H: Host>(self, store: S, host: H) -> Option<String> {
        let app = App::new(&self.issuer, store, host);
        let noted = app.note_use(&self.client_id).await;
        noted.err().map(|error| format!("a use of {} was not noted: {error}", self.client_id))
    }
}
