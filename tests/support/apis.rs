//! Callers of the authorization server's and the operator's API.

use serde_json::{Value, json};

use super::gated::body;
use super::{ADMIN_TOKEN, AS_TOKEN, Answer, Call, Server, settings};

/// A server with settings of `REGISTRATION` and `AS`.
pub fn server_with(registration: &Value, authorization_server: &Value) -> Server {
    Server::configured(settings(&json!({"REGISTRATION": registration, "AS": authorization_server})))
}

/// A server that gives a new registration access token `when` its setting says.
pub fn rotating(when: &str) -> Server {
    Server::with_registration(json!({"registration_access_token_rotation": when}))
}

/// A client that was registered two seconds ago, so that its record can be written again.
pub fn registered(server: &Server) -> Value {
    let client = server.register(&body()).created();
    server.store.pass(2_000);
    client
}

/// A client's `client_id`.
pub fn id(client: &Value) -> &str {
    client["client_id"].as_str().unwrap()
}

/// A request with a bearer token.
pub fn bearer(method: &str, path: &str, token: &str) -> Call {
    Call::new(method, path).header("authorization", &format!("Bearer {token}"))
}

/// A request of the operator to a path below `/admin/clients`.
pub fn operator(method: &str, path: &str) -> Call {
    bearer(method, &format!("/admin/clients{path}"), ADMIN_TOKEN)
}

/// Sends JSON of the operator to a path below `/admin/clients`.
pub fn operator_post(server: &Server, path: &str, body: &Value) -> Answer {
    let call = operator("POST", path).header("content-type", "application/json");
    server.send(call.body(body.to_string()))
}

/// Disables or enables a client.
pub fn change_state(server: &Server, client: &Value, action: &str) -> Answer {
    server.send(operator("POST", &format!("/{}/{action}", id(client))))
}

/// Imports the clients of these lines.
pub fn import(server: &Server, lines: &str) -> Answer {
    let call = operator("POST", "/import").header("content-type", "application/x-ndjson");
    server.send(call.body(lines))
}

/// Looks up a client for the authorization server.
pub fn look_up(server: &Server, client: &Value) -> Answer {
    server.send(bearer("GET", &format!("/as/clients/{}", id(client)), AS_TOKEN))
}

/// Sends JSON of the authorization server.
pub fn server_post(server: &Server, path: &str, body: &Value) -> Answer {
    let call = bearer("POST", path, AS_TOKEN).header("content-type", "application/json");
    server.send(call.body(body.to_string()))
}

/// Lets the authorization server check the secret of a client.
pub fn authenticate(server: &Server, client: &Value, secret: &str) -> Answer {
    let body = json!({"client_id": client["client_id"], "client_secret": secret});
    server_post(server, "/as/clients/authenticate", &body)
}
