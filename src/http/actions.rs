//! What a request does, in one word: how an event is called, and whether it is one that is kept an eye on.

use super::Request;
use super::routes::{Admin, Route, Server};

impl Route<'_> {
    /// What a request with `method` does here. `docs/events.md` lists the words.
    pub fn act(&self, request: &Request<()>) -> &'static str {
        match (self, &*request.method) {
            (_, "OPTIONS") => "preflight",
            (Self::AuthorizationServer | Self::OpenidConfiguration, _) => "discover",
            (Self::Register, _) if matches!(request.dry_run(), Ok(true)) => "rehearse",
            (Self::Register, _) => "register",
            (Self::Client(_), "PUT") => "update",
            (Self::Client(_), "DELETE") => "delete",
            (Self::Client(_), _) => "read",
            (Self::Server(Server::LookUp(_)), _) => "look_up",
            (Self::Server(Server::Authenticate), _) => "authenticate",
            (Self::Server(Server::RedirectUri(_)), _) => "check_redirect_uri",
            (Self::Admin(route), method) => route.act(method),
            (Self::Stub(_), _) => "stub",
        }
    }
}

impl Admin<'_> {
    fn act(self, method: &str) -> &'static str {
        match (self, method) {
            (Self::Tokens, "POST") => "admin.mint_token",
            (Self::Tokens, _) => "admin.list_tokens",
            (Self::Token(_), _) => "admin.revoke_token",
            (Self::Clients, _) => "admin.list_clients",
            (Self::Client(_), "DELETE") => "admin.delete_client",
            (Self::Client(_), _) => "admin.get_client",
            (Self::Disable(_), _) => "admin.disable_client",
            (Self::Enable(_), _) => "admin.enable_client",
            (Self::Rotate(_), _) => "admin.rotate_credential",
            (Self::DeleteMany, _) => "admin.delete_clients",
            (Self::Export, _) => "admin.export_clients",
            (Self::Import, _) => "admin.import_clients",
        }
    }
}

/// Whether an event is sent to a webhook: every change and every act of the operator, and their refusals.
pub(super) fn is_audited(action: &str, status: u16) -> bool {
    let refused = status >= 400;
    match (action, status) {
        ("-" | "discover" | "rehearse" | "preflight" | "stub", _) => false,
        ("read" | "look_up" | "authenticate" | "check_redirect_uri", _) => refused,
        _ => true,
    }
}
