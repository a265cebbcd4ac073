//! The operator's decision about a client that waits for approval.

use serde_json::{Map, Value};

use super::clients::parse;
use crate::client::{LONGEST_REASON, Mistake, Reason};
use crate::records::{Decision, Store, Writer};
use crate::service::credentials::Credentials;
use crate::service::{Error, IssuerContext, Ports, done, request};

/// Approves a client. `body` names the `version` that the operator has seen: if the client has changed since then, it
/// still waits.
///
/// 1. Parse. 400; 404 for a malformed identifier
/// 2. Compare the version. 404, 412
/// 3. Store. 503 if the store fails, or while other writes of the client are under way
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn approve<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
    body: &[u8],
) -> Result<(), Error> {
    // 1.
    let version = member(request::object(body)?, "version", 64, &["version"])?;
    let client_id = parse(context, client_id)?;
    let permit = std::future::ready(true);
    let change = context.records.update(&client_id, Writer::Operator, permit, |record| {
        // 2.
        let is_approved = record.approval().is_none();
        if is_approved {
            return Ok((Decision::Keep, ()));
        }
        if record.version.text() != version {
            return Err(Error::AnotherVersion);
        }
        let drawn = Credentials::draw(context.runtime)?;
        record.approve(drawn.version, context.runtime.now());
        Ok((Decision::Store, ()))
    });
    // 3.
    done(change.await?, Error::Unknown).map(drop)
}

/// Rejects a client that waits, with the `reason` of `body`, which its owner can read.
///
/// 1. Parse. 400; 404 for a malformed identifier
/// 2. Check that the client waits, or was rejected before. 404; 400 for another one
/// 3. Store. 503 if the store fails, or while other writes of the client are under way
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn reject<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
    body: &[u8],
) -> Result<(), Error> {
    // 1.
    let reason = member(request::object(body)?, "reason", LONGEST_REASON, &["reason"])?;
    let client_id = parse(context, client_id)?;
    let permit = std::future::ready(true);
    let change = context.records.update(&client_id, Writer::Operator, permit, |record| {
        // 2.
        let drawn = Credentials::draw(context.runtime)?;
        if !record.reject(&reason, drawn.version, context.runtime.now()) {
            let text = "This client does not wait for approval; disable it instead";
            return Err(Error::Request(text.into()));
        }
        Ok((Decision::Store, ()))
    });
    // 3.
    done(change.await?, Error::Unknown).map(drop)
}

/// The only member of a body: a text of at most `longest` bytes without control characters.
fn member(
    mut members: Map<String, Value>,
    name: &'static str,
    longest: usize,
    names: &'static [&'static str],
) -> Result<String, Error> {
    let found = members.remove(name);
    let is_sound = |text: &String| {
        !text.trim().is_empty() && text.len() <= longest && !text.chars().any(char::is_control)
    };
    let mut mistakes: Vec<Mistake> = members
        .into_iter()
        .map(|(path, _)| Mistake { path, reason: Reason::Unknown(names) })
        .collect();
    let text = found.as_ref().and_then(Value::as_str).map(str::to_owned).filter(is_sound);
    if text.is_none() {
        let expected = format!("text of at most {longest} bytes without control characters");
        mistakes.push(Mistake::value(name, found.as_ref(), expected));
    }
    request::reject(mistakes)?;
    Ok(text.unwrap_or_default())
}
