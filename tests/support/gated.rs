//! Servers with a gate, and those who ask there.

use rollcall::issuer::Settings;
use serde_json::{Value, json};

use super::{ADMIN_TOKEN, Answer, Call, Server};

/// The path of initial access tokens.
pub const TOKENS: &str = "/admin/initial-access-tokens";

/// A server with this mode and other settings besides.
pub fn gate(mode: &str, adjust: impl FnOnce(&mut Settings)) -> Server {
    let mut settings = super::settings(&json!({"REGISTRATION": {"mode": mode}}));
    adjust(&mut settings);
    Server::configured(settings)
}

/// The metadata of a client.
pub fn body() -> Value {
    json!({"redirect_uris": ["https://a.example/cb"]})
}

/// Sends JSON of the operator.
pub fn admin(server: &Server, method: &str, path: &str, body: &Value) -> Answer {
    let call = Call::new(method, path).header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
    server.send(call.header("content-type", "application/json").body(body.to_string()))
}

/// Creates an initial access token.
pub fn mint(server: &Server, body: &Value) -> Value {
    admin(server, "POST", TOKENS, body).created()
}

/// A registration with an initial access token.
pub fn with(token: &Value, metadata: &Value) -> Call {
    let token = token["initial_access_token"].as_str().unwrap();
    Call::register(metadata.to_string()).header("authorization", &format!("Bearer {token}"))
}

/// A request whose body must not be looked at.
pub fn unread() -> Call {
    Call::register("").chunks(vec![b"{".to_vec(); 3])
}
