//! Request bodies: the media type and the size are judged before anything is parsed.

use super::incoming::{BodyLimits, Incoming, ReadError};
use super::refusal::Refusal;
use super::refusals as table;
use crate::client::{Shown, limits};
use crate::service::Body;

/// One JSON object.
const JSON: &str = "application/json";
/// JSON objects, one a line.
pub(super) const LINES: &str = "application/x-ndjson";
/// The longest header about a body, in bytes: all headers together may have 128 KB.
const LONGEST_HEADER: usize = 1024;
/// A client sends 64 KiB within ten seconds over any line that is of use (50 kbit/s).
const JSON_LIMITS: BodyLimits = BodyLimits { bytes: limits::BODY, milliseconds: 10_000 };
/// An operator's import: 1 MiB, and a minute for a slow line.
const LINES_LIMITS: BodyLimits = BodyLimits { bytes: 1024 * 1024, milliseconds: 60_000 };

/// A signed JSON object (RFC 7519 §10.3.1, RFC 7515 §9.2.1).
const SIGNED: [&str; 2] = ["application/jwt", "application/jose"];
/// The media types of a registration, where it may be signed.
const JSON_OR_SIGNED: &str = "application/json, application/jwt, application/jose";

/// Reads the body of a registration or an update, of the media type that [`check_metadata`] has returned.
pub(super) async fn read_metadata(
    incoming: &mut impl Incoming,
    media_type: &'static str,
) -> Result<Body, Refusal> {
    let bytes = collect(incoming, JSON_LIMITS).await?;
    Ok(if media_type == JSON { Body::Json(bytes) } else { Body::Signed(bytes) })
}

/// Judges the headers of the body of a registration or an update, before anything is read for its request. Returns its
/// media type.
pub(super) fn check_metadata(
    incoming: &impl Incoming,
    may_be_signed: bool,
) -> Result<&'static str, Refusal> {
    let mut expected = JSON;
    if may_be_signed {
        let media_type = incoming.header("content-type").unwrap_or_default();
        let is_short = media_type.len() <= LONGEST_HEADER;
        let mut known = [JSON].into_iter().chain(SIGNED);
        let found = known.find(|expected| is_short && is(&media_type, expected));
        expected = found.ok_or_else(|| table::MEDIA_TYPE.with(JSON_OR_SIGNED))?;
    }
    check_as(incoming, expected, JSON_LIMITS)?;
    Ok(expected)
}

/// Reads a JSON body of at most [`limits::BODY`] bytes, which has to arrive within 10 seconds.
pub(super) async fn read(incoming: &mut impl Incoming) -> Result<Vec<u8>, Refusal> {
    read_as(incoming, JSON, JSON_LIMITS).await
}

/// Reads a body of JSON lines of at most 1 MiB, which has to arrive within a minute.
pub(super) async fn read_lines(incoming: &mut impl Incoming) -> Result<Vec<u8>, Refusal> {
    read_as(incoming, LINES, LINES_LIMITS).await
}

/// Reads a body of the `expected` media type within `limits`, after [`check_as`].
async fn read_as(
    incoming: &mut impl Incoming,
    expected: &'static str,
    limits: BodyLimits,
) -> Result<Vec<u8>, Refusal> {
    check_as(incoming, expected, limits)?;
    collect(incoming, limits).await
}

/// Lets the runtime collect a body. Over the limit: 413; too slow: 408; cut off: 400.
async fn collect(incoming: &mut impl Incoming, limits: BodyLimits) -> Result<Vec<u8>, Refusal> {
    incoming.body(limits).await.map_err(|error| match error {
        ReadError::TooLarge => table::TOO_LARGE.with(limits.bytes.to_string()),
        ReadError::TooSlow => table::TOO_SLOW.with((limits.milliseconds / 1000).to_string()),
        ReadError::Broken(why) => table::CUT_OFF.refusal().with_detail(why),
    })
}

/// Judges the headers of a body.
///
/// 1. Another media type, or a coded body: 415.
/// 2. A declared length over the limit: 413.
fn check_as(
    incoming: &impl Incoming,
    expected: &'static str,
    limits: BodyLimits,
) -> Result<(), Refusal> {
    // 1.
    let media_type = incoming.header("content-type").unwrap_or_default();
    if media_type.len() > LONGEST_HEADER || !is(&media_type, expected) {
        return Err(table::MEDIA_TYPE.with(expected));
    }
    // A compressed body could be anything, a thousand times its size included.
    let coding = incoming.header("content-encoding").unwrap_or_default();
    if coding.len() > LONGEST_HEADER {
        return Err(refuse_coding(&coding));
    }
    if let Some(coding) = elements(&coding).find(|coding| !coding.eq_ignore_ascii_case("identity"))
    {
        return Err(refuse_coding(coding));
    }
    // 2.
    let declared = incoming.header("content-length").and_then(|text| text.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limits.bytes) {
        return Err(table::TOO_LARGE.with(limits.bytes.to_string()));
    }
    Ok(())
}

/// The codings that compress or encrypt (the IANA registry of HTTP content codings).
#[rustfmt::skip]
const CODINGS: [&str; 12] = [
    "aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip", "x-compress", "x-gzip",
    "zstd",
];

/// The refusal of a body whose `Content-Encoding` has this element.
fn refuse_coding(coding: &str) -> Refusal {
    let is_known = CODINGS.iter().any(|known| known.eq_ignore_ascii_case(coding));
    let row = if is_known { &table::COMPRESSED } else { &table::UNKNOWN_CODING };
    row.with(Shown::of(coding).to_string())
}

/// Whether it is the `expected` one, with any parameters (RFC 9110 §8.3.1). A header that is sent twice counts as
/// once while both say the same.
fn is(media_types: &str, expected: &str) -> bool {
    let mut all = elements(media_types).filter_map(|text| text.split(';').next()).peekable();
    all.peek().is_some() && all.all(|essence| essence.trim().eq_ignore_ascii_case(expected))
}

/// The elements of a list, without empty ones (RFC 9110 §5.6.1). A comma inside quotes separates nothing.
fn elements(header: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let separates = move |letter: char| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    };
    header.split(separates).map(str::trim).filter(|element| !element.is_empty())
}
