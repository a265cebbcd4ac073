//! Request bodies: the media type and the size are judged before anything is parsed.

use super::incoming::Incoming;
use super::refusal::Refusal;
use crate::client::limits;

/// One JSON object.
const JSON: &str = "application/json";
/// JSON objects, one a line.
pub(super) const LINES: &str = "application/x-ndjson";
/// The largest body of lines, in bytes.
const LINES_LIMIT: usize = 1024 * 1024;

/// Reads a JSON body of at most [`limits::BODY`] bytes.
pub(super) async fn read(incoming: &mut impl Incoming) -> Result<Vec<u8>, Refusal> {
    read_as(incoming, JSON, limits::BODY).await
}

/// Judges the headers of a JSON body, before anything is read for its request.
pub(super) fn check(incoming: &impl Incoming) -> Result<(), Refusal> {
    check_as(incoming, JSON, limits::BODY)
}

/// Reads a body of JSON lines, of at most 1 MiB.
pub(super) async fn read_lines(incoming: &mut impl Incoming) -> Result<Vec<u8>, Refusal> {
    read_as(incoming, LINES, LINES_LIMIT).await
}

/// Reads a body of `expected` media type and at most `limit` bytes. A larger one is refused by its declared
/// length, or once the limit is passed, and never held whole.
async fn read_as(
    incoming: &mut impl Incoming,
    expected: &'static str,
    limit: usize,
) -> Result<Vec<u8>, Refusal> {
    check_as(incoming, expected, limit)?;
    let mut body = Vec::new();
    while let Some(chunk) = incoming.chunk().await.map_err(Refusal::Read)? {
        if body.len().saturating_add(chunk.len()) > limit {
            drain(incoming).await;
            return Err(Refusal::TooLarge(limit));
        }
        if body.is_empty() {
            body = chunk;
        } else {
            body.extend_from_slice(&chunk);
        }
    }
    Ok(body)
}

/// Judges the media type, the encoding and the declared length of a body.
fn check_as(incoming: &impl Incoming, expected: &'static str, limit: usize) -> Result<(), Refusal> {
    let media_type = incoming.header("content-type").unwrap_or_default();
    if !is(&media_type, expected) {
        return Err(Refusal::MediaType(expected));
    }
    // A compressed body could be anything, a thousand times its size included.
    let encoding = incoming.header("content-encoding").unwrap_or_default();
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        return Err(Refusal::Compressed);
    }
    let declared = incoming.header("content-length").and_then(|text| text.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(Refusal::TooLarge(limit));
    }
    Ok(())
}

/// Takes in and drops some more of a body that is refused anyway: a client that is still sending
/// when the connection closes sees a broken connection instead of the answer.
async fn drain(incoming: &mut impl Incoming) {
    const AT_MOST: usize = 1024 * 1024;
    let mut dropped = 0;
    while let Ok(Some(chunk)) = incoming.chunk().await {
        dropped = chunk.len().saturating_add(dropped);
        if dropped > AT_MOST {
            break;
        }
    }
}

/// Whether it is the `expected` one, with any parameters (RFC 9110 §8.3.1).
fn is(media_type: &str, expected: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r16_json_may_have_parameters_and_nothing_else_is_guessed_at() {
        for text in [
            "application/json",
            "Application/JSON",
            "application/json;charset=utf-8",
            " application/json ; x=y",
        ] {
            assert!(is(text, JSON), "{text}");
        }
        for text in [
            "",
            "text/plain",
            "application/jsonx",
            "application/json, text/plain",
            "text/json",
            "application/x-www-form-urlencoded",
            "application/problem+json",
        ] {
            assert!(!is(text, JSON), "{text}");
        }
    }
}
