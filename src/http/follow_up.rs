//! What is done once a request is answered, so that nobody waits for it.

use std::rc::Rc;

use crate::issuer::Issuer;
use crate::records::Store;
use crate::service::Ports;
use crate::vocabulary::ClientId;

/// A client was used: that is to be noted.
#[derive(Debug)]
pub struct FollowUp {
    pub(super) issuer: Rc<Issuer>,
    pub(super) client_id: ClientId,
}

impl FollowUp {
    /// Does it. Returns what an operator has to know of it.
    pub async fn run<S: Store, R: Ports>(self, store: S, runtime: R) -> Option<String> {
        let records = self.issuer.records(store, &runtime);
        let recorded = records.record_use(&self.client_id, self.issuer.recent_uses()).await;
        let error = recorded.err()?;
        Some(format!("a use of {} was not recorded: {error}", self.client_id))
    }
}
