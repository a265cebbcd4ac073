//! The claims of an update about the members that only the server assigns (RFC 7592 §2.2).

use serde_json::Value;

use super::problem::{Pointer, Problem, Problems};
use super::raw::RawMetadata;
use super::record::Record;
use super::rule::Rule;
use super::standing::Standing;
use super::table::Kind;
use crate::vocabulary::ClientSecret;

/// The server-assigned members of an update, not yet held against anything.
#[derive(Debug)]
pub struct Claims {
    client_id: Option<String>,
    client_secret: Option<ClientSecret>,
    /// The names of those that must not be there.
    others: Vec<&'static str>,
}

impl RawMetadata {
    /// The claims of the request.
    #[must_use]
    pub fn claims(&self) -> Claims {
        let assigned = self.members.iter().filter(|member| member.row.kind == Kind::ServerAssigned);
        let others = assigned.map(|member| member.row.name);
        Claims {
            client_id: self.find("client_id").and_then(Value::as_str).map(str::to_owned),
            // Any other type is taken for a wrong secret.
            client_secret: self
                .find("client_secret")
                .map(|value| ClientSecret::presented(value.as_str().unwrap_or_default())),
            others: others.filter(|name| !matches!(*name, "client_id" | "client_secret")).collect(),
        }
    }
}

impl Claims {
    /// Holds them against the registration they are for: `client_id` has to be its own, `client_secret`
    /// may be there if it is its own, the others must not be. Returns which secret the client knows, as
    /// far as it says so.
    ///
    /// # Errors
    /// Every claim that is wrong. None shows a value: it could be a credential.
    pub fn check(&self, record: &Record) -> Result<Option<Standing>, Problems> {
        let mut problems = Problems::default();
        let mut reject =
            |name: &str, rule| problems.push(Problem::new(Pointer::to(name), "", rule));
        if self.client_id.as_deref() != Some(record.public_id()) {
            reject("client_id", Rule::ClientId);
        }
        let secret = self.client_secret.as_ref();
        let known = secret.and_then(|secret| record.secrets.standing(secret));
        if secret.is_some() && known.is_none() {
            reject("client_secret", Rule::ClientSecret);
        }
        self.others.iter().for_each(|name| reject(name, Rule::ServerAssigned));
        if problems.is_empty() { Ok(known) } else { Err(problems) }
    }
}
