//! Many clients: listed page by page, and deleted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Filter;
use super::members::MemberConditions;
use crate::client::limits::ENTRIES;
use crate::client::reading::read;
use crate::client::setting::Count;
use crate::client::{Mistake, Reason, Record, Summary};
use crate::gate::token_book::{BookReply, BookRequest};
use crate::issuer::Issuer;
use crate::records::{Deletion, Page, RecordsError, Store, StoreError, Writer};
use crate::service::{Error, IssuerContext, Ports, request};
use crate::vocabulary::{ClientId, insert_all};

/// The most keys of one page: what the store takes.
pub(super) const MOST: u32 = 1_000;
/// The keys of a page unless the operator says otherwise.
pub(super) const USUAL: u32 = 100;
/// The most keys of a page whose clients are deleted or read one by one: each takes up to four operations
/// of the thousand that a request may do.
pub(super) const MOST_READ: u32 = 200;

/// The most keys of a page with conditions about extension members: each client is read before anything is done with it.
const MOST_EXAMINED: u32 = 150;

/// Which page is wanted.
pub(super) struct Wanted {
    /// Which clients of it.
    filter: Filter,
    /// The same, by their extension members.
    members: MemberConditions,
    /// The number of keys of the page; 0 for the default.
    limit: u32,
    /// The cursor at which it begins, as the page before has said.
    cursor: Option<String>,
}

/// The parameters of a query that lists clients.
#[rustfmt::skip]
const PARAMETERS: [&str; 13] = [
    "limit", "cursor", "prefix", "name", "created_before", "created_after", "unused_since", "never_used",
    "self_asserted", "statement_issuer", "software_id", "disabled", "pending",
];

/// Those that are no conditions.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Paging {
    pub limit: Option<Count<1, MOST>>,
    pub cursor: Option<String>,
}

/// A body that deletes clients.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DeletionBody {
    filter: Filter,
    dry_run: bool,
    limit: Option<Count<0, MOST>>,
    cursor: Option<String>,
}

impl Wanted {
    /// Reads the parameters of a query.
    ///
    /// # Errors
    /// [`Error::Request`], with everything that is wrong.
    pub fn of_query(
        query: Vec<(String, String)>,
        issuer: &Issuer,
        now: u64,
    ) -> Result<Self, Error> {
        let recording = issuer.lifetimes.use_recording();
        let mut mistakes = Vec::new();
        let (mut paging, mut conditions) = (Map::new(), Map::new());
        for (name, value) in query {
            let members =
                if matches!(&*name, "limit" | "cursor") { &mut paging } else { &mut conditions };
            insert(members, name, value, &mut mistakes);
        }
        let Paging { limit, cursor } = read("", &paging, ENTRIES, &mut mistakes);
        let members =
            MemberConditions::take("", &mut conditions, &issuer.extensions, &mut mistakes);
        let filter: Filter = read("", &conditions, ENTRIES, &mut mistakes);
        filter.check(("", &conditions), recording, now, &mut mistakes);
        for mistake in &mut mistakes {
            if let Reason::Unknown(known) = &mut mistake.reason {
                *known = &PARAMETERS;
            }
        }
        request::reject(mistakes)?;
        Ok(Self { filter, members, limit: limit.map_or(0, |limit| limit.0), cursor })
    }

    /// Reads a body that deletes clients, and whether to delete none.
    fn of_body(body: &[u8], issuer: &Issuer, now: u64) -> Result<(Self, bool), Error> {
        let recording = issuer.lifetimes.use_recording();
        let mut mistakes = Vec::new();
        let mut members = request::object(body)?;
        let by_member = match members.get_mut("filter") {
            Some(Value::Object(conditions)) => {
                let extensions = &issuer.extensions;
                MemberConditions::take("filter.", conditions, extensions, &mut mistakes)
            }
            _ => MemberConditions::default(),
        };
        let DeletionBody { filter, dry_run, limit, cursor } =
            read("", &members, ENTRIES, &mut mistakes);
        match members.get("filter") {
            Some(Value::Object(conditions)) if !conditions.is_empty() || !by_member.is_empty() => {
                filter.check(("filter.", conditions), recording, now, &mut mistakes);
            }
            Some(Value::Object(_)) | None => {
                let expected = "an object with at least one condition";
                mistakes.push(Mistake::value("filter", members.get("filter"), expected));
            }
            Some(_) => {}
        }
        let limit = limit.map_or(0, |limit| limit.0);
        match members.get("dry_run") {
            None => mistakes.push(Mistake::value("dry_run", None, "true or false")),
            Some(Value::Bool(false)) if limit > MOST_READ => {
                let expected = format!("a whole number from 0 to {MOST_READ} without dry_run");
                mistakes.push(Mistake::value("limit", members.get("limit"), expected));
            }
            Some(_) => {}
        }
        request::reject(mistakes)?;
        Ok((Self { filter, members: by_member, limit, cursor }, dry_run))
    }
}

/// Adds a parameter of a query to `members`. Each may be there once.
pub(super) fn insert(
    members: &mut Map<String, Value>,
    name: String,
    value: String,
    mistakes: &mut Vec<Mistake>,
) {
    let number = value.parse::<u64>().ok().filter(|_| name == "limit");
    let value = number.map_or_else(|| Value::from(value), Value::from);
    if members.contains_key(&name) {
        mistakes.push(Mistake::value(&name, Some(&value), "there once only"));
    }
    members.insert(name, value);
}

/// The page that the store has `listed` from `cursor` on.
///
/// # Errors
/// 400 for a cursor that no page has brought; 503
pub(super) fn read_page(
    listed: Result<Page, StoreError>,
    cursor: Option<&str>,
) -> Result<Page, Error> {
    match listed {
        Err(StoreError::Cursor) => {
            let cursor = cursor.map(Value::from);
            let mistake = Mistake::value("cursor", cursor.as_ref(), "one that a page has brought");
            Err(request::rejected(vec![mistake]))
        }
        listed => Ok(listed.map_err(RecordsError::Store)?),
    }
}

/// A client in a list.
#[derive(Serialize)]
struct Listed<'l> {
    client_id: &'l str,
    /// How often it was requested, about, if it is shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<u64>,
    #[serde(flatten)]
    summary: Option<&'l Summary>,
}

/// A page of the list of clients, as JSON. One operation of the store, and no read; with conditions about extension
/// members, a read for each client for which the others hold. If shared clients are on the page, the Durable Object is asked how
/// often they were requested; without its answer, the page does not say so.
///
/// # Errors
/// 400 for an invalid cursor, or a condition that makes no sense; 503 if the store fails.
pub async fn list<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    query: Vec<(String, String)>,
) -> Result<String, Error> {
    #[derive(Serialize)]
    struct ListResponse<'l> {
        clients: Vec<Listed<'l>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cursor: Option<&'l String>,
    }
    let wanted = Wanted::of_query(query, context.issuer, context.runtime.now())?;
    let (found, cursor) = page(context, &wanted, MOST).await?;
    let requests = count_requests(context, &found).await;
    let clients = found.iter().map(|(client_id, summary)| Listed {
        client_id: client_id.as_str(),
        requests: requests.get(client_id.as_str()).copied(),
        summary: summary.as_ref(),
    });
    Ok(serde_json::to_string(&ListResponse {
        clients: clients.collect(),
        cursor: cursor.as_ref(),
    })?)
}

/// How often the shared clients among these were requested, by identifier.
async fn count_requests<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    clients: &Clients,
) -> BTreeMap<String, u64> {
    let is_shared = |(_, summary): &&(ClientId, Option<Summary>)| {
        summary.as_ref().is_some_and(|summary| summary.shared)
    };
    let shared = clients.iter().filter(is_shared).map(|(client_id, _)| client_id.to_string());
    let client_ids: Vec<String> = shared.collect();
    if client_ids.is_empty() {
        return BTreeMap::new();
    }
    let request = BookRequest::FindRequests { client_ids: client_ids.clone() };
    let Ok(BookReply::Requests(counts)) = context.gate.book(request).await else {
        context.records.note("the counts of requests for shared clients could not be read");
        return BTreeMap::new();
    };
    let none = client_ids.into_iter().map(|client_id| (client_id, 0));
    insert_all(none.chain(counts.into_iter().map(|one| (one.client_id, one.count))))
}

/// Deletes the clients of a page that the `filter` of `body` holds for, or with `dry_run` only lists them;
/// that one has to be said. Each is looked at again before. Where one cannot be deleted just now, those before it
/// are listed, and the page is `incomplete`.
///
/// # Errors
/// 400, also for a filter without a condition; 503 if the store fails or another write is under way before anything is
/// deleted.
pub async fn delete_many<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    body: &[u8],
) -> Result<String, Error> {
    #[derive(Serialize)]
    struct DeleteResponse<'l> {
        matched: usize,
        deleted: usize,
        client_ids: Vec<&'l str>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        incomplete: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        cursor: Option<&'l String>,
    }
    let recording = context.use_recording();
    let (wanted, dry_run) = Wanted::of_body(body, context.issuer, context.runtime.now())?;
    let (found, cursor) = page(context, &wanted, if dry_run { MOST } else { MOST_READ }).await?;
    let mut done = Vec::new();
    let mut incomplete = false;
    for (client_id, _) in &found {
        let still_matches = |record: Option<&Record>| {
            // A record that cannot be read may be of a later version of this program.
            let shown = |record: &Record| Summary::of(record).shown_with(recording);
            let holds = |record: &Record| {
                wanted.filter.holds(&shown(record)) && wanted.members.hold(record)
            };
            Ok::<_, Error>(record.is_some_and(holds))
        };
        let deletion = if dry_run {
            Ok(Deletion::Done)
        } else {
            context.records.delete(client_id, Writer::Operator, false, &still_matches).await
        };
        match deletion {
            Ok(Deletion::Done) => done.push(client_id.as_str()),
            // Used or changed since the list was made, or gone.
            Ok(Deletion::Declined | Deletion::Absent) => {}
            // Another write of this client is under way. The operator has the next turn, so others do not wait for it.
            Ok(Deletion::Busy) => incomplete = true,
            // A caller that repeats the request gets the error, unless it is over.
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
    let response =
        DeleteResponse { matched: done.len(), deleted, client_ids: done, incomplete, cursor };
    Ok(serde_json::to_string(&response)?)
}

/// Clients with their summaries.
type Clients = Vec<(ClientId, Option<Summary>)>;

/// The clients of a page that match, as an operator sees them, and where the next page begins.
pub(super) async fn page<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    wanted: &Wanted,
    most: u32,
) -> Result<(Clients, Option<String>), Error> {
    let recording = context.use_recording();
    let most = if wanted.members.is_empty() { most } else { most.min(MOST_EXAMINED) };
    let limit = if wanted.limit == 0 { USUAL } else { wanted.limit }.min(most);
    let listed = context.records.list(&wanted.filter.prefix, limit, wanted.cursor.as_deref()).await;
    let Page { keys, cursor } = read_page(listed, wanted.cursor.as_deref())?;
    let all = Filter { prefix: wanted.filter.prefix.clone(), ..Filter::default() };
    let found = keys.into_iter().filter_map(|(key, summary)| {
        let client_id = ClientId::parse(key.rsplit(':').next()?)?;
        let summary: Option<Summary> = summary.and_then(|value| serde_json::from_value(value).ok());
        // Of a record that was stored without a summary only the identifier is known.
        let summary = summary.map(|summary| summary.shown_with(recording));
        let matches = match &summary {
            Some(summary) => wanted.filter.holds(summary),
            None => wanted.filter == all,
        };
        matches.then_some((client_id, summary))
    });
    let found: Clients = found.collect();
    if wanted.members.is_empty() {
        return Ok((found, cursor));
    }
    let mut matching = Vec::with_capacity(found.len());
    for (client_id, summary) in found {
        match context.records.get(&client_id).await {
            Ok(Some(record)) if wanted.members.hold(&record) => matching.push((client_id, summary)),
            // A record that cannot be read may be of a later version of this program.
            Ok(_) | Err(RecordsError::Record(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok((matching, cursor))
}
