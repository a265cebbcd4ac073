//! Request bodies: the media type and the size are judged before anything is parsed.

use super::incoming::Incoming;
use super::refusal::Refusal;
use crate::client::limits;

/// Reads a JSON body of at most [`limits::BODY`] bytes. A larger one is refused by its declared
/// length, or once the limit is passed, and never held whole.
pub(super) async fn read(incoming: &mut impl Incoming) -> Result<Vec<u8>, Refusal> {
    let media_type = incoming.header("content-type").unwrap_or_default();
    if !is_json(&media_type) {
        return Err(Refusal::MediaType);
    }
    // A compressed body could be anything, a thousand times its size included.
    let encoding = incoming.header("content-encoding").unwrap_or_default();
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        return Err(Refusal::MediaType);
    }
    let declared = incoming.header("content-length").and_then(|text| text.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limits::BODY) {
        return Err(Refusal::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = incoming.chunk().await.map_err(Refusal::Read)? {
        if body.len().saturating_add(chunk.len()) > limits::BODY {
            drain(incoming).await;
            return Err(Refusal::TooLarge);
        }
        if body.is_empty() {
            body = chunk;
        } else {
            body.extend_from_slice(&chunk);
        }
    }
    Ok(body)
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

/// `application/json`, with any parameters (RFC 9110 §8.3.1).
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
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
            assert!(is_json(text), "{text}");
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
            assert!(!is_json(text), "{text}");
        }
    }
}
