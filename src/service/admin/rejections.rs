//! Recent rejections, for the operator.

use serde_json::json;

use crate::gate::token_book::{BookReply, BookRequest};
use crate::gate::{Gate, GateError};
use crate::service::{Error, Ports};
use crate::vocabulary::json_text;

/// The rules that registrations and updates have broken lately, with the members and how often, as JSON. What isolates have
/// not passed on yet is missing: a minute's worth at most.
///
/// # Errors
/// 503 if the Durable Object fails.
pub async fn list<R: Ports>(gate: &Gate<'_, R>) -> Result<String, Error> {
    match gate.book(BookRequest::ListRejections).await? {
        BookReply::Rejections(counts) => Ok(json_text(&json!({ "rejections": counts }))),
        _ => Err(GateError::Book("no rejections".into()).into()),
    }
}
