//! The use of a client, recorded once its request is answered, so that no caller waits for the write.

use std::rc::Rc;

use crate::issuer::Issuer;
use crate::records::Store;
use crate::service::Ports;
use crate::vocabulary::ClientId;

/// The use of a client, which is still to be recorded.
#[derive(Debug)]
pub struct ClientUse {
    pub(super) issuer: Rc<Issuer>,
    pub(super) client_id: ClientId,
}

impl ClientUse {
    /// Does it. Returns what an operator has to know of it.
    pub async fn record<S: Store, R: Ports>(self, store: S, runtime: R) -> Option<String> {
        let records = self.issuer.records(store, &runtime);
        let recorded = records.record_use(&self.client_id, &self.issuer.recent_uses).await;
        let error = recorded.err()?;
        Some(format!("a use of {} was not recorded: {error}", self.client_id))
    }
}
