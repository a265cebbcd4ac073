//! Many clients: listed page by page, and deleted.

use serde::Serialize;

use super::Filter;
use crate::client::{Record, Summary};
use crate::service::holder::Caller;
use crate::service::ports::{Host, Key, Page, Store, StoreError};
use crate::service::request::{Members, wrong};
use crate::service::{App, Error};
use crate::vocabulary::ClientId;

/// The most keys of one page: what the store takes.
const MOST: u64 = 1_000;
/// The keys of a page unless the operator says otherwise.
const USUAL: u64 = 100;
/// The most keys of a page whose clients are deleted or read one by one: each takes up to four operations
/// of the thousand that a request may do.
pub(super) const MOST_READ: u64 = 200;

/// Which page is wanted.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Which clients of it.
    pub filter: Filter,
    /// How many keys are looked at; 0 for as many as usual.
    pub limit: u64,
    /// Where it begins, as the page before has said.
    pub cursor: Option<String>,
}

impl Wanted {
    /// Sets what the query of a request says.
    ///
    /// # Errors
    /// [`Error::Request`] for what is not known or no value.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        match name {
            "cursor" => self.cursor = Some(value.to_owned()),
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=MOST).contains(limit));
                self.limit = limit.ok_or_else(|| wrong(name, "a whole number from 1 to 1000"))?;
            }
            _ if self.filter.set(name, value)? => {}
            _ => {
                let known = Filter::NAMES.join(", ");
                return Err(Error::Request(format!(
                    "There is a query parameter that is not known here; known: limit, cursor, {known}"
                )));
            }
        }
        Ok(())
    }
}

/// A client in a list.
#[derive(Serialize)]
struct Listed<'l> {
    client_id: &'l str,
    #[serde(flatten)]
    summary: Option<&'l Summary>,
}

/// A page of the list of clients, as JSON. One operation of the store, and no read.
///
/// # Errors
/// [`Error::Request`] for a cursor that is none, or a condition that makes no sense.
pub async fn list<S: Store, H: Host>(
    app: &App<'_, S, H>,
    wanted: &Wanted,
) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Told<'l> {
        clients: Vec<Listed<'l>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cursor: Option<&'l String>,
    }
    let (found, cursor) = app.page(wanted, MOST).await?;
    let clients = found.iter().map(|(client_id, summary)| Listed {
        client_id: client_id.as_str(),
        summary: summary.as_ref(),
    });
    Ok(serde_json::to_string(&Told { clients: clients.collect(), cursor: cursor.as_ref() })?)
}

/// Deletes the clients of a page that the `filter` of `body` holds for, or with `dry_run` only tells which;
/// that one has to be said. Each is looked at again before. Where one cannot be deleted just now, those before it
/// are told, and that the page is `incomplete`.
///
/// # Errors
/// [`Error::Request`], for a filter that says nothing too.
pub async fn delete_many<S: Store, H: Host>(
    app: &App<'_, S, H>,
    body: &[u8],
) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Told<'l> {
        matched: usize,
        deleted: usize,
        client_ids: Vec<&'l str>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        incomplete: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        cursor: Option<&'l String>,
    }
    let members = Members::parse(body, &["filter", "dry_run", "limit", "cursor"])?;
    let filter = Filter::of(&members)?;
    if filter == Filter::default() {
        return Err(wrong("filter", "an object with at least one condition"));
    }
    let dry_run = members.flag("dry_run")?.ok_or_else(|| wrong("dry_run", "true or false"))?;
    let limit = members.number("limit", if dry_run { MOST } else { MOST_READ })?.unwrap_or(0);
    let cursor = members.text("cursor")?.map(str::to_owned);
    let wanted = Wanted { filter, limit, cursor };
    let recording = app.issuer.lifetimes().use_recording();
    let (found, cursor) = app.page(&wanted, if dry_run { MOST } else { MOST_READ }).await?;
    let mut done = Vec::new();
    let mut incomplete = false;
    for (client_id, _) in &found {
        let holds = |record: Option<&Record>| {
            // One that cannot be read may be of a later version of this program.
            let told = |record: &Record| Summary::of(record).told(recording);
            let still = record.is_some_and(|record| wanted.filter.holds(&told(record)));
            if still { Ok(()) } else { Err(Error::Changed) }
        };
        let deleted = if dry_run {
            Ok(())
        } else {
            app.end(Caller::Operator(client_id), false, &holds).await
        };
        match deleted {
            Ok(()) => done.push(client_id.as_str()),
            // Used or changed since the list was made, or gone.
            Err(Error::Changed | Error::Unknown) => {}
            // Another write of this client is under way. The operator has the next turn, so others do not wait for it.
            Err(Error::Busy) => incomplete = true,
            // Whoever repeats the request gets the error, unless it is over.
            Err(_) if !done.is_empty() => {
                incomplete = true;
                break;
            }
            Err(error) => return Err(error),
        }
    }
    if incomplete && done.is_empty() {
        return Err(Error::Busy);
    }
    let deleted = if dry_run { 0 } else { done.len() };
    let cursor = cursor.as_ref().filter(|_| !incomplete);
    let told = Told { matched: done.len(), deleted, client_ids: done, incomplete, cursor };
    Ok(serde_json::to_string(&told)?)
}

/// Clients with what a list tells of them.
type Clients = Vec<(ClientId, Option<Summary>)>;

impl<S: Store, H: Host> App<'_, S, H> {
    /// The clients of a page that are meant, as an operator is told of them, and where the next one begins.
    pub(super) async fn page(
        &self,
        wanted: &Wanted,
        most: u64,
    ) -> Result<(Clients, Option<String>), Error> {
        let recording = self.issuer.lifetimes().use_recording();
        wanted.filter.check(recording, self.host.now())?;
        let limit = if wanted.limit == 0 { USUAL } else { wanted.limit }.min(most);
        let limit = u32::try_from(limit).unwrap_or(1);
        let prefix = Key::clients(self.issuer.id(), &wanted.filter.prefix);
        let listed = self.list(&prefix, limit, wanted.cursor.as_deref()).await;
        let Page { keys, cursor } = match listed {
            Err(StoreError::Cursor) => return Err(wrong("cursor", "one that a page has brought")),
            listed => listed?,
        };
        let all = Filter { prefix: wanted.filter.prefix.clone(), ..Filter::default() };
        let found = keys.into_iter().filter_map(|(key, summary)| {
            let client_id = ClientId::parse(key.rsplit(':').next()?)?;
            let summary: Option<Summary> =
                summary.and_then(|value| serde_json::from_value(value).ok());
            // Of a record that was stored without a summary nothing is known but that it is there.
            let summary = summary.map(|summary| summary.told(recording));
            let meant = match &summary {
                Some(summary) => wanted.filter.holds(summary),
                None => wanted.filter == all,
            };
            meant.then_some((client_id, summary))
        });
        Ok((found.collect(), cursor))
    }
}
