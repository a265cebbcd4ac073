//! Clients out and in again, as they are stored: one record a line (NDJSON).

use serde::Serialize;

use super::listing::{MOST_READ, Wanted, page};
use crate::client::{Record, Remark};
use crate::issuer::{Issuer, Profile};
use crate::records::{Import, RecordsError, Store};
use crate::service::keys::misplaced_keys;
use crate::service::{Error, IssuerContext, Ports};
use crate::vocabulary::ClientId;

/// The most records of one import: each takes five operations of the thousand that a request may do.
const MOST_LINES: usize = 190;

/// The records of a page, one a line, and where the next page begins.
///
/// # Errors
/// 400 for an invalid cursor; 503 if the store fails.
pub async fn export<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    query: Vec<(String, String)>,
) -> Result<(String, Option<String>), Error> {
    let wanted = Wanted::of_query(query, context.issuer, context.runtime.now())?;
    let (found, cursor) = page(context, &wanted, MOST_READ).await?;
    let mut lines = String::new();
    for (client_id, _) in found {
        match context.records.get(&client_id).await {
            Ok(None) => continue,
            Ok(Some(record)) => lines.push_str(&record.to_json()?),
            // An export names every client that it leaves out.
            Err(RecordsError::Record(_)) => {
                lines.push_str("{\"unreadable\":\"");
                lines.push_str(client_id.as_str());
                lines.push_str("\"}");
            }
            Err(error) => return Err(error.into()),
        }
        lines.push('\n');
    }
    Ok((lines, cursor))
}

/// The most rejected lines, and the most warnings, that a response lists. The others are counted.
const MOST_LISTED: usize = 50;

/// The response to an import: the outcome of its lines.
#[derive(Default, Serialize)]
struct ImportResponse {
    imported: usize,
    existing: usize,
    deleted: usize,
    expired: usize,
    refused: Vec<Line>,
    #[serde(skip_serializing_if = "is_zero")]
    more_refused: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Line>,
    #[serde(skip_serializing_if = "is_zero")]
    more_warnings: usize,
}

/// A line with a remark.
#[derive(Serialize)]
struct Line {
    line: usize,
    #[serde(flatten)]
    remark: Remark,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Lists a remark, or counts it where there are too many.
fn list_remark(listed: &mut Vec<Line>, more: &mut usize, line: usize, remark: Remark) {
    if listed.len() < MOST_LISTED {
        listed.push(Line { line, remark });
    } else {
        *more = more.saturating_add(1);
    }
}

/// Imports the records of an export, one a line. Each is verified like a registration, without the policies; one that
/// is rejected does not stop the others. A client that exists or was deleted here stays as it is, so an import may be
/// repeated.
///
/// # Errors
/// 400 for too many lines; 503 if the upstream document, Web Crypto or the store fails.
pub async fn import<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    body: &[u8],
) -> Result<String, Error> {
    let &IssuerContext { issuer, ref records, runtime, .. } = context;
    let lines = body.split(|byte| *byte == b'\n').enumerate();
    let lines: Vec<_> = lines.filter(|(_, line)| !line.trim_ascii().is_empty()).collect();
    if lines.len() > MOST_LINES {
        return Err(Error::Request(format!("An import has at most {MOST_LINES} lines")));
    }
    let profile = issuer.profile(records, runtime).await?;
    let mut response = ImportResponse::default();
    for (at, line) in lines {
        let line_number = at.saturating_add(1);
        let (client_id, mut record, mut warnings) =
            match verify_line(runtime, line, (issuer, &profile)).await? {
                Ok(verified) => verified,
                Err(remark) => {
                    list_remark(
                        &mut response.refused,
                        &mut response.more_refused,
                        line_number,
                        remark,
                    );
                    continue;
                }
            };
        if !records.adopt_secrets(&mut record).await? {
            warnings.push(Remark::unopened_secret());
        }
        let count = match records.import(&client_id, record).await? {
            Import::Imported => {
                for remark in warnings {
                    list_remark(
                        &mut response.warnings,
                        &mut response.more_warnings,
                        line_number,
                        remark,
                    );
                }
                &mut response.imported
            }
            Import::Existing => &mut response.existing,
            Import::Deleted => &mut response.deleted,
            Import::Expired => &mut response.expired,
        };
        *count = count.saturating_add(1);
    }
    Ok(serde_json::to_string(&response)?)
}

/// The record of a line, with its warnings.
type Verified = (ClientId, Record, Vec<Remark>);

/// Reads a line as the record of a client that this server could have registered. What is wrong with the line is a value.
///
/// # Errors
/// [`Error::Curves`]
async fn verify_line<R: Ports>(
    runtime: &R,
    line: &[u8],
    (issuer, profile): (&Issuer, &Profile),
) -> Result<Result<Verified, Remark>, Error> {
    let read = || {
        let mut record = Record::parse(line).map_err(|error| Remark::of_parsing(&error))?;
        ClientId::parse(&record.client_id).ok_or_else(Remark::no_client_id)?;
        let client_id = issuer.client_ids.parse(&record.client_id);
        let client_id = client_id.ok_or_else(Remark::unsigned_client_id)?;
        let (warnings, points) =
            record.verify_import(&profile.supported, runtime, runtime.now())?;
        Ok(((client_id, record, warnings), points))
    };
    let (verified, points): (Verified, _) = match read() {
        Ok(read) => read,
        Err(remark) => return Ok(Err(remark)),
    };
    let misplaced = misplaced_keys(runtime, points).await?;
    Ok(misplaced.listed().first().map_or(Ok(verified), |problem| Err(Remark::of(problem))))
}
