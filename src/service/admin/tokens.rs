//! Initial access tokens are made, listed and revoked.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use crate::client::limits::{ENTRIES, TOKEN_POLICY};
use crate::client::reading::read;
use crate::client::setting::{Count, Seconds, text};
use crate::client::{Mistake, Policy, TokenName};
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
    #[serde(rename = "policy")]
    _policy: Policy,
}

impl Default for Minting {
    fn default() -> Self {
        Self {
            label: Label::default(),
            uses: Count(1),
            expires_in: Seconds(LIFETIME),
            _policy: Policy::default(),
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
        }
    }
}

/// Makes an initial access token as `body` says: `label`, `uses` (1), `expires_in` (seconds, a week),
/// `policy`. Returns it with all that is known of it, as JSON.
///
/// # Errors
/// 400 with every member that is wrong; 500 without randomness; 503 if the token book fails.
pub async fn mint<R: Ports>(gate: &Gate<'_, R>, body: &[u8]) -> Result<String, Error> {
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
    Ok(serde_json::to_string(&TokenResponse::of(&entry, Some(&token)))?)
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
