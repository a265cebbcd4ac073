//! The action of a request, in one word, for the log; and which events are sent to a webhook.

use super::RequestHead;
use super::routes::{ROUTES, Route};

/// A registration that stores nothing.
const DRY_RUN: &str = "dry_run";
/// A browser's question before a request.
const PREFLIGHT: &str = "preflight";

/// The word for `request` at `route`, also where the method is not allowed.
pub(super) fn name_action(route: &Route<'_>, request: &RequestHead) -> &'static str {
    match (route.operation_name(&request.method), &*request.method) {
        (_, "OPTIONS") => PREFLIGHT,
        ("register", _) if matches!(request.dry_run(), Ok(true)) => DRY_RUN,
        (name, _) => name,
    }
}

/// Every action that an event can have, some of them more than once. `docs/events.md` explains them.
pub fn action_names() -> impl Iterator<Item = &'static str> {
    let operations = ROUTES.iter().flat_map(|endpoint| endpoint.operations);
    operations.map(|operation| operation.name).chain([DRY_RUN, PREFLIGHT])
}

/// Whether an event is sent to a webhook: every change and everything that the operator does, done or rejected; of
/// reads only the rejected ones.
pub(super) fn is_audited(action: &str, status: u16) -> bool {
    let refused = status >= 400;
    match action {
        "-" | "discover" | "list_issuers" | "serve_document" | DRY_RUN | PREFLIGHT | "stub" => {
            false
        }
        "read" | "look_up" | "authenticate" | "check_redirect_uri" => refused,
        _ => true,
    }
}
