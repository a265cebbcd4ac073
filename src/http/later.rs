//! The work that is due once a request is answered, so that no caller waits for it: the use of a client, and counts.

use std::rc::Rc;

use crate::gate::token_book::BookRequest;
use crate::gate::{RejectionCount, RequestCount};
use crate::issuer::Issuer;
use crate::records::Store;
use crate::service::Ports;
use crate::vocabulary::ClientId;

/// Work that is due once a request is answered.
#[derive(Debug)]
pub struct Later {
    pub(super) issuer: Rc<Issuer>,
    /// A client that was used.
    pub(super) used: Option<ClientId>,
    /// Counts of rejections that are due.
    pub(super) rejections: Vec<RejectionCount>,
    /// Counts of requests for shared clients that are due.
    pub(super) requests: Vec<RequestCount>,
}

impl Later {
    /// Does it. Returns what failed: its name in the log, and what an operator has to know of it.
    pub async fn run<S: Store, R: Ports>(
        self,
        store: S,
        runtime: R,
    ) -> Vec<(&'static str, String)> {
        let mut failures = Vec::new();
        if let Some(client_id) = &self.used {
            let records = self.issuer.records(store, &runtime);
            let recorded = records.record_use(client_id, &self.issuer.recent_uses).await;
            if let Err(error) = recorded {
                let detail = format!("a use of {client_id} was not recorded: {error}");
                failures.push(("record_use", detail));
            }
        }
        let (rejections, requests) = (self.rejections, self.requests);
        let due = [
            (
                !rejections.is_empty(),
                ("count_rejections", "rejections"),
                BookRequest::CountRejections { counts: rejections },
            ),
            (
                !requests.is_empty(),
                ("count_requests", "requests for shared clients"),
                BookRequest::CountRequests { counts: requests },
            ),
        ];
        for (is_due, (action, counted), request) in due {
            if is_due && let Err(error) = self.issuer.gate(&runtime).book(request).await {
                failures.push((action, format!("{counted} were not counted: {error}")));
            }
        }
        failures
    }
}
