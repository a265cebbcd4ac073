//! Clients out and in again, as they are stored: one record a line (NDJSON).

use serde::Serialize;

use super::listing::{MOST_READ, Wanted};
use crate::client::{Record, Remark};
use crate::service::ledger::{LedgerReply, Writer};
use crate::service::ports::{Host, Key, Store};
use crate::service::{App, Error, Profile};
use crate::vocabulary::ClientId;

/// The most records of one import: each takes five operations of the thousand that a request may do.
const MOST_LINES: usize = 190;

/// The records of a page, one a line, and where the next page begins.
///
/// # Errors
/// [`Error::Request`] for a cursor that is none.
pub async fn export<S: Store, H: Host>(
    app: &App<'_, S, H>,
    query: Vec<(String, String)>,
) -> Result<(String, Option<String>), Error> {
    let wanted = Wanted::of_query(query, app.issuer.lifetimes().use_recording(), app.host.now())?;
    let (found, cursor) = app.page(&wanted, MOST_READ).await?;
    let mut lines = String::new();
    for (client_id, _) in found {
        match app.record(&client_id, None).await {
            Ok(None) => continue,
            Ok(Some(record)) => lines.push_str(&record.to_json()?),
            // Nothing is left out without a word.
            Err(Error::Record(_)) => {
                lines.push_str("{\"unreadable\":\"");
                lines.push_str(client_id.as_str());
                lines.push_str("\"}");
            }
            Err(error) => return Err(error),
        }
        lines.push('\n');
    }
    Ok((lines, cursor))
}

/// How many refused lines, and how many warnings, an answer lists at most: the others are counted.
const MOST_TOLD: usize = 50;

/// What became of the lines of an import.
#[derive(Default, Serialize)]
struct Told {
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
fn tell(told: &mut Vec<Line>, more: &mut usize, line: usize, remark: Remark) {
    if told.len() < MOST_TOLD {
        told.push(Line { line, remark });
    } else {
        *more = more.saturating_add(1);
    }
}

/// Takes in the records of an export, one a line. Each is verified like a registration, the policies apart; one that
/// is refused does not stop the others. A client that exists or was deleted here stays as it is, so an import may be
/// repeated.
///
/// # Errors
/// [`Error::Request`] for too many lines; [`Error::Upstream`]; what the store could not do.
pub async fn import<S: Store, H: Host>(app: &App<'_, S, H>, body: &[u8]) -> Result<String, Error> {
    let lines = body.split(|byte| *byte == b'\n').enumerate();
    let lines: Vec<_> = lines.filter(|(_, line)| !line.trim_ascii().is_empty()).collect();
    if lines.len() > MOST_LINES {
        return Err(Error::Request(format!("An import has at most {MOST_LINES} lines")));
    }
    let profile = app.profile().await?;
    let mut told = Told::default();
    for (at, line) in lines {
        let line_number = at.saturating_add(1);
        let (client_id, mut record, warnings) = match app.verify_line(line, &profile).await? {
            Ok(verified) => verified,
            Err(remark) => {
                tell(&mut told.refused, &mut told.more_refused, line_number, remark);
                continue;
            }
        };
        let count = match app.take_in(&client_id, &mut record).await? {
            Outcome::Imported => {
                for remark in warnings {
                    tell(&mut told.warnings, &mut told.more_warnings, line_number, remark);
                }
                &mut told.imported
            }
            Outcome::Existing => &mut told.existing,
            Outcome::Deleted => &mut told.deleted,
            Outcome::Expired => &mut told.expired,
        };
        *count = count.saturating_add(1);
    }
    Ok(serde_json::to_string(&told)?)
}

/// The record of a line, with its warnings.
type Verified = (ClientId, Record, Vec<Remark>);

enum Outcome {
    Imported,
    Existing,
    Deleted,
    Expired,
}

impl<S: Store, H: Host> App<'_, S, H> {
    /// Reads a line as the record of a client that this server could have registered.
    ///
    /// # Errors
    /// [`Error::Curves`]; what is wrong with the line is a value.
    async fn verify_line(
        &self,
        line: &[u8],
        profile: &Profile,
    ) -> Result<Result<Verified, Remark>, Error> {
        let read = || {
            let mut record = Record::parse(line).map_err(|error| Remark::of_parsing(&error))?;
            let client_id = ClientId::parse(record.client_id()).ok_or_else(Remark::no_client_id)?;
            let now = self.host.now();
            let (warnings, points) = record.verify_import(&profile.supported, &self.host, now)?;
            Ok(((client_id, record, warnings), points))
        };
        let (verified, points): (Verified, _) = match read() {
            Ok(read) => read,
            Err(remark) => return Ok(Err(remark)),
        };
        let misplaced = self.misplaced(points).await?;
        Ok(misplaced.told().first().map_or(Ok(verified), |problem| Err(Remark::of(problem))))
    }

    async fn take_in(&self, client_id: &ClientId, record: &mut Record) -> Result<Outcome, Error> {
        if record.has_expired(self.host.now()) {
            return Ok(Outcome::Expired);
        }
        // Where it comes from it may have been used after the export.
        record.forget_use_recording();
        // Asked by a list: to read a key that is not there would hide it here for a minute.
        let prefix = Key::clients(self.issuer.id(), client_id.as_str());
        if !self.list(&prefix, 1, None).await?.keys.is_empty() {
            return Ok(Outcome::Existing);
        }
        // Versions before 0.2.0 wrote tombstones into KV.
        let tombstone = Key::tombstone(self.issuer.id(), client_id);
        if self.get(&tombstone).await?.is_some() {
            return Ok(Outcome::Deleted);
        }
        let seen = record.latest_write().saturating_sub(1);
        let mut reply = self.write(client_id, seen, record.clone(), Writer::Operator).await?;
        if let LedgerReply::Newer { record, is_stored: false } = &reply {
            // An import that failed has left this: it is stored now.
            let kept = Record::parse_of(client_id, record.as_bytes())?;
            reply = self.write(client_id, kept.latest_write(), kept, Writer::Operator).await?;
        }
        Ok(match reply {
            LedgerReply::Granted => Outcome::Imported,
            LedgerReply::Deleted => Outcome::Deleted,
            // A list may not show yet what was written a moment ago, or is being written.
            LedgerReply::Newer { .. } | LedgerReply::Busy => Outcome::Existing,
        })
    }
}
