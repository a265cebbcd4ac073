//! Initial access tokens are made, listed and revoked.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use crate::client::limits::ENTRIES;
use crate::client::reading::read;
use crate::client::setting::{Count, Seconds, text};
use crate::client::{Policy, TokenName};
use crate::service::hosts;
use crate::service::ports::{Host, Store};
use crate::service::token_book::{BookReply, BookRequest, Entry};
use crate::service::{App, Error, request};
use crate::vocabulary::InitialAccessToken;

/// Lifetime of a token that the operator gives none, in seconds.
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

/// What an operator is told of a token. The token itself is in the answer that makes it, and in no other.
#[derive(Serialize)]
struct Told<'e> {
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

impl<'e> Told<'e> {
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
/// [`Error::Request`] with the member that is wrong.
pub async fn mint<S: Store, H: Host>(app: &App<'_, S, H>, body: &[u8]) -> Result<String, Error> {
    let (members, mut mistakes) = (request::object(body)?, Vec::new());
    let minted: Minting = read("", &members, ENTRIES, &mut mistakes);
    let policy = members.get("policy").and_then(Value::as_object).cloned().unwrap_or_default();
    Policy::check_new("policy", &policy, &mut mistakes);
    hosts::check("policy", &policy.clone().into(), &app.host, &mut mistakes);
    request::reject(mistakes)?;

    let mut bytes = [0; 32];
    app.host.fill(&mut bytes)?;
    let token = InitialAccessToken::from_entropy(bytes);
    let digest = token.digest();
    let now = app.host.now();
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
    app.host.book(app.issuer.id(), request).await?;
    Ok(serde_json::to_string(&Told::of(&entry, Some(&token)))?)
}

/// The tokens that still work, as JSON.
///
/// # Errors
/// What the book could not do.
pub async fn list<S: Store, H: Host>(app: &App<'_, S, H>) -> Result<String, Error> {
    let reply = app.host.book(app.issuer.id(), BookRequest::List).await?;
    let BookReply::Entries(entries) = reply else { return Err(Error::Book("no list".into())) };
    let told: Vec<Told<'_>> = entries.iter().map(|entry| Told::of(entry, None)).collect();
    Ok(serde_json::to_string(&json!({ "initial_access_tokens": told }))?)
}

/// Ends a token at once. What was registered with it stays.
///
/// # Errors
/// [`Error::Unknown`] if there is none of this id.
pub async fn revoke<S: Store, H: Host>(app: &App<'_, S, H>, id: &str) -> Result<(), Error> {
    match app.host.book(app.issuer.id(), BookRequest::Revoke { id: id.to_owned() }).await? {
        BookReply::Done(true) => Ok(()),
        _ => Err(Error::Unknown),
    }
}
