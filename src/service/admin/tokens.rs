//! Initial access tokens are made, listed and revoked.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use crate::client::limits::{ENTRIES, TOKEN_POLICY};
use crate::client::reading::read;
use crate::client::satisfiable::{self, Flaw, Held};
use crate::client::setting::{Count, Seconds, text};
use crate::client::{Mistake, Policy, Reason, Supported, TokenName};
use crate::gate::token_book::{BookReply, BookRequest, Entry};
use crate::gate::{Gate, GateError};
use crate::issuer::hosts;
use crate::service::{Error, Ports, request};
use crate::vocabulary::InitialAccessToken;

/// The default lifetime of a token, in seconds.
const LIFETIME: u32 = 7 * 24 * 60 * 60;
/// The longest lifetime, in seconds.
const LONGEST: u32 = 366 * 24 * 60 * 60;
/// The most clients one token can register.
const MOST_USES: u32 = 1_000_000;
/// The longest label, in bytes.
const LABEL: usize = 200;

/// A token that an operator wants.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Minting {
    label: Label,
    uses: Count<1, MOST_USES>,
    expires_in: Seconds<1, LONGEST>,
    policy: Policy,
}

impl Default for Minting {
    fn default() -> Self {
        Self {
            label: Label::default(),
            uses: Count(1),
            expires_in: Seconds(LIFETIME),
            policy: Policy::default(),
        }
    }
}

#[derive(Default)]
struct Label(String);

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, "text of at most 200 bytes without control characters", |text| {
            let good = text.len() <= LABEL && !text.chars().any(char::is_control);
            good.then(|| Self(text.to_owned()))
        })
    }
}

/// An initial access token in a response. The token itself is only in the response that makes it.
#[derive(Serialize)]
struct TokenResponse<'e> {
    id: &'e str,
    label: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_access_token: Option<&'e InitialAccessToken>,
    created_at: u64,
    expires_at: u64,
    uses: u64,
    used: u64,
    policy: &'e Map<String, Value>,
    /// Values of the policy that the server does not support.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

impl<'e> TokenResponse<'e> {
    fn of(entry: &'e Entry, initial_access_token: Option<&'e InitialAccessToken>) -> Self {
        let Entry { name, created_at, expires_at, uses, used, policy, .. } = entry;
        Self {
            id: &name.id,
            label: &name.label,
            initial_access_token,
            created_at: *created_at,
            expires_at: *expires_at,
            uses: *uses,
            used: *used,
            policy,
            warnings: Vec::new(),
        }
    }
}

/// Makes an initial access token as `body` says: `label`, `uses` (1), `expires_in` (seconds, a week),
/// `policy`. Returns it with all that is known of it, as JSON. `supported` is what the server supports, where that is
/// known: values of the policy beyond it are warnings.
///
/// # Errors
/// 400 with every member that is wrong, also where the policy leaves nothing that a client could register; 500 without
/// randomness; 503 if the token book fails.
pub async fn mint<R: Ports>(
    gate: &Gate<'_, R>,
    supported: Option<&Supported>,
    body: &[u8],
) -> Result<String, Error> {
    let runtime = gate.runtime;
    let (members, mut mistakes) = (request::object(body)?, Vec::new());
    let minted: Minting = read("", &members, ENTRIES, &mut mistakes);
    let policy = members.get("policy").and_then(Value::as_object).cloned().unwrap_or_default();
    if serde_json::to_string(&policy)?.len() > TOKEN_POLICY {
        let expected = format!("at most {TOKEN_POLICY} bytes of JSON: each client keeps it");
        mistakes.push(Mistake::value("policy", None, expected));
    }
    Policy::check_new("policy", &policy, &mut mistakes);
    hosts::check("policy", &policy.clone().into(), runtime, &mut mistakes);
    let flaws = examine(gate, supported, &minted.policy);
    let fatal = flaws.iter().filter(|flaw| flaw.is_fatal).cloned();
    mistakes.extend(fatal.map(|Flaw { setting, wrong, instead, .. }| Mistake {
        path: setting,
        reason: Reason::Unsatisfiable { wrong, instead },
    }));
    request::reject(mistakes)?;

    let mut bytes = [0; 32];
    runtime.fill(&mut bytes)?;
    let token = InitialAccessToken::from_entropy(bytes);
    let digest = token.digest();
    let now = runtime.now();
    let entry = Entry {
        name: TokenName { id: digest.short_name(), label: minted.label.0 },
        created_at: now,
        expires_at: now.saturating_add(minted.expires_in.0.into()),
        uses: minted.uses.0.into(),
        used: 0,
        policy,
        reservations: Vec::new(),
    };
    let request = BookRequest::Mint { digest: digest.into(), entry: entry.clone() };
    gate.book(request).await?;
    let warning = |flaw: &Flaw| format!("{} {}. {}", flaw.setting, flaw.wrong, flaw.instead);
    let warnings = flaws.iter().map(warning).collect();
    let response = TokenResponse { warnings, ..TokenResponse::of(&entry, Some(&token)) };
    Ok(serde_json::to_string(&response)?)
}

/// The policy of a new token, together with the one that holds for every client.
fn examine<R>(gate: &Gate<'_, R>, supported: Option<&Supported>, policy: &Policy) -> Vec<Flaw> {
    let of_all = gate.settings.policy.iter().map(|policy| Held { path: "POLICY", policy });
    let held: Vec<Held<'_>> = of_all.chain([Held { path: "policy", policy }]).collect();
    satisfiable::examine(supported, &held)
}

/// The tokens that still work, as JSON.
///
/// # Errors
/// 503 if the token book fails.
pub async fn list<R: Ports>(gate: &Gate<'_, R>) -> Result<String, Error> {
    let reply = gate.book(BookRequest::List).await?;
    let BookReply::Entries(entries) = reply else {
        return Err(GateError::Book("no list".into()).into());
    };
    let tokens: Vec<TokenResponse<'_>> =
        entries.iter().map(|entry| TokenResponse::of(entry, None)).collect();
    Ok(serde_json::to_string(&json!({ "initial_access_tokens": tokens }))?)
}

/// Ends a token at once. What was registered with it stays.
///
/// # Errors
/// 404 for an unknown id; 503 if the token book fails.
pub async fn revoke<R: Ports>(gate: &Gate<'_, R>, id: &str) -> Result<(), Error> {
    match gate.book(BookRequest::Revoke { id: id.to_owned() }).await? {
        BookReply::Done(true) => Ok(()),
        _ => Err(Error::Unknown),
    }
}
