//! What an update says of the members that only the server assigns (RFC 7592 §2.2).

use serde_json::Value;

use super::problem::{Pointer, Problem};
use super::raw::RawMetadata;
use super::record::{Record, Standing};
use super::rule::Rule;
use super::table::Kind;
use crate::vocabulary::{ClientId, ClientSecret};

impl RawMetadata {
    /// Holds an update against the registration it is for: `client_id` has to be its own,
    /// `client_secret` may be there if it is its own, the other server-assigned members must not be.
    /// Returns which secret the client knows, as far as it says so.
    ///
    /// # Errors
    /// Every claim that is wrong. None shows a value: it could be a credential.
    pub fn claims(
        &self,
        client_id: &ClientId,
        record: &Record,
    ) -> Result<Option<Standing>, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut refuse =
            |name: &str, rule| problems.push(Problem::new(Pointer::to(name), "", rule));

        if self.find("client_id").and_then(Value::as_str) != Some(client_id.as_str()) {
            refuse("client_id", Rule::ClientId);
        }
        let secret = self.find("client_secret");
        let known = secret
            .and_then(Value::as_str)
            .and_then(|text| record.secrets().standing(&ClientSecret::presented(text)));
        if secret.is_some() && known.is_none() {
            refuse("client_secret", Rule::ClientSecret);
        }
        for member in &self.members {
            let assigned = member.row.kind == Kind::ServerAssigned;
            if assigned && !matches!(member.row.name, "client_id" | "client_secret") {
                refuse(member.row.name, Rule::ServerAssigned);
            }
        }
        if problems.is_empty() { Ok(known) } else { Err(problems) }
    }
}
