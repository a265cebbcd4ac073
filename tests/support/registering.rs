//! Clients at a server that supports everything: taken, or rejected by a rule.
#![expect(clippy::needless_pass_by_value, reason = "a hundred calls read better without a &")]

use serde_json::{Value, json};

use super::{Server, profiles};

/// A web client of the code flow with `members` besides.
pub fn client(members: &Value) -> Value {
    let mut request = json!({"redirect_uris": ["https://app.example/cb"]});
    for (name, value) in members.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

/// A server that supports everything.
pub fn everything() -> Server {
    Server::with(profiles::everything())
}

/// The registration of a client with `members`, which is accepted.
#[track_caller]
pub fn accepted(members: Value) -> Value {
    everything().register(&client(&members)).created()
}

/// Registers a client with `members`, which `rule` rejects at `member`.
#[track_caller]
pub fn refused(members: Value, member: &str, rule: &str) {
    let answer = everything().register(&client(&members));
    assert_eq!(answer.status(), 400, "{members} was accepted");
    assert_eq!(answer.problems(), [(member.to_owned(), rule.to_owned())], "{members}");
}
