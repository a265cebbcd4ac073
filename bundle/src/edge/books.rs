//! [`Books`], [`Ledgers`] and [`Claims`] on Durable Objects: one object for each issuer, with a table for its book, one for
//! its ledger and one for its claims.

use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::js_sys::{Array, Object, Promise, Reflect};
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{Env, web_sys};

use super::clock::milliseconds;
use super::incoming::message;
use super::promises::{settled, until_abandoned};
use super::runtime::Runtime;
use rollcall::gate::claims::{self, ClaimReply, ClaimRequest, ClaimRows, Claims};
use rollcall::gate::request_counts::{KEPT, RequestRows};
use rollcall::gate::token_book::{self, BookReply, BookRequest, Books, Rows};
use rollcall::issuer::reference::BOOKS_BINDING;
use rollcall::records::StoreError;
use rollcall::records::document_decisions::DecisionRow;
use rollcall::records::ledger::{self, LedgerReply, LedgerRequest, LedgerRows, Ledgers};
use rollcall::vocabulary::IssuerId;

/// The tables of an object. `docs/storage-schema.md` describes them.
const SCHEMA: [&str; 9] = [
    "CREATE TABLE IF NOT EXISTS tokens (digest TEXT PRIMARY KEY, entry TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS rejections (id TEXT PRIMARY KEY, counts TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS document_decisions (id TEXT PRIMARY KEY, decisions TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS clients (client_id TEXT PRIMARY KEY, state TEXT NOT NULL, record TEXT NOT NULL, expires_at INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS clients_by_expiry ON clients (expires_at)",
    "CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, entry TEXT NOT NULL, expires_at INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS claims_by_expiry ON claims (expires_at)",
    "CREATE TABLE IF NOT EXISTS requests (client_id TEXT PRIMARY KEY, count INTEGER NOT NULL, last_at INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS requests_by_time ON requests (last_at)",
];

#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    type Namespace;

    #[wasm_bindgen(method, catch, js_name = idFromName)]
    fn id_from_name(this: &Namespace, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn get(this: &Namespace, id: &JsValue) -> Result<Stub, JsValue>;

    type Stub;

    #[wasm_bindgen(method, catch)]
    fn fetch(this: &Stub, url: &str, init: &Object) -> Result<Promise, JsValue>;

    #[derive(Clone)]
    type Sql;

    #[wasm_bindgen(method, catch, variadic)]
    fn exec(this: &Sql, query: &str, bindings: &Array) -> Result<Cursor, JsValue>;

    type Cursor;

    #[wasm_bindgen(method, catch, js_name = toArray)]
    fn to_array(this: &Cursor) -> Result<Array, JsValue>;
}

/// The part of an object that a request is for, as the path of its URL.
#[derive(Clone, Copy)]
enum Target {
    Book,
    Ledger,
    Claims,
}

impl Target {
    const ALL: [Self; 3] = [Self::Book, Self::Ledger, Self::Claims];

    fn url(self) -> &'static str {
        match self {
            Self::Book => "https://book/",
            Self::Ledger => "https://book/ledger",
            Self::Claims => "https://book/claims",
        }
    }
}

impl Books for Runtime<'_> {
    async fn book(&self, issuer: &IssuerId, request: BookRequest) -> Result<BookReply, StoreError> {
        ask(self.env, issuer, Target::Book, &request).await
    }
}

impl Ledgers for Runtime<'_> {
    async fn ledger(
        &self,
        issuer: &IssuerId,
        request: &LedgerRequest,
    ) -> Result<LedgerReply, StoreError> {
        ask(self.env, issuer, Target::Ledger, request).await
    }
}

impl Claims for Runtime<'_> {
    async fn claim(
        &self,
        issuer: &IssuerId,
        request: &ClaimRequest,
    ) -> Result<ClaimReply, StoreError> {
        ask(self.env, issuer, Target::Claims, request).await
    }
}

async fn ask<Q: Serialize, A: DeserializeOwned>(
    env: &Env,
    issuer: &IssuerId,
    target: Target,
    request: &Q,
) -> Result<A, StoreError> {
    let text = serde_json::to_string(request)
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let reply = send(env, &issuer.to_string(), target, &text).await;
    let reply = reply.map_err(|error| StoreError::Unavailable(message(&error)))?;
    // An object that failed says why in words, which are no reply.
    serde_json::from_slice(reply.as_bytes()).map_err(|_| StoreError::Unavailable(reply))
}

async fn send(env: &Env, issuer: &str, target: Target, request: &str) -> Result<String, JsValue> {
    let namespace = Reflect::get(env, &BOOKS_BINDING.into())?;
    if !namespace.is_object() {
        let missing =
            format!("The Durable Object binding {BOOKS_BINDING} is missing in wrangler.toml");
        return Err(missing.into());
    }
    let namespace: Namespace = namespace.unchecked_into();
    let stub = namespace.get(&namespace.id_from_name(issuer)?)?;
    let init = Object::new();
    Reflect::set(&init, &"method".into(), &"POST".into())?;
    Reflect::set(&init, &"body".into(), &request.into())?;
    let response = settled(stub.fetch(target.url(), &init)?).await?;
    let response: web_sys::Response = response.dyn_into()?;
    let text = settled(response.text()?).await?;
    Ok(text.as_string().unwrap_or_default())
}

/// Answers a request of [`Books`], [`Ledgers`] or [`Claims`] from the object whose `state` it is.
///
/// # Errors
/// The runtime's exception, if the request cannot be read or the response cannot be made.
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen, js_sys = worker::js_sys, wasm_bindgen_futures = worker::wasm_bindgen_futures)]
pub async fn book(request: web_sys::Request, state: JsValue) -> Result<JsValue, JsValue> {
    let answered = until_abandoned(Some(&request), answer(&request, &state)).await;
    answered.unwrap_or(Ok(JsValue::UNDEFINED))
}

async fn answer(request: &web_sys::Request, state: &JsValue) -> Result<JsValue, JsValue> {
    let url = request.url();
    let target = Target::ALL.into_iter().find(|target| target.url() == url);
    let target = target.unwrap_or(Target::Book);
    let text = settled(request.text()?).await?;
    // From here on there is no await, so no other request comes in between.
    let sql = Reflect::get(&Reflect::get(state, &"storage".into())?, &"sql".into())?;
    let text = text.as_string().unwrap_or_default();
    let reply = reply(sql.unchecked_into(), target, text.as_bytes()).unwrap_or_else(|why| why);
    Ok(web_sys::Response::new_with_opt_str(Some(&reply))?.into())
}

fn reply(sql: Sql, target: Target, request: &[u8]) -> Result<String, String> {
    let mut rows = Table { sql, error: None };
    for schema in SCHEMA {
        let made = rows.run(schema, &[]);
        rows.note(made);
    }
    let now = milliseconds() / 1000;
    let reply = match target {
        Target::Book => serde_json::from_slice(request)
            .and_then(|request| token_book::handle(&mut rows, request, now))
            .and_then(|reply| serde_json::to_string(&reply)),
        Target::Ledger => serde_json::from_slice(request)
            .and_then(|request| ledger::handle(&mut rows, request, now))
            .and_then(|reply| serde_json::to_string(&reply)),
        Target::Claims => serde_json::from_slice(request)
            .and_then(|request| claims::handle(&mut rows, request, now))
            .and_then(|reply| serde_json::to_string(&reply)),
    };
    if let Some(error) = rows.error {
        return Err(message(&error));
    }
    reply.map_err(|error| error.to_string())
}

/// The rows of a book, and the first thing that went wrong with them.
struct Table {
    sql: Sql,
    error: Option<JsValue>,
}

impl Table {
    fn run(&self, query: &str, bindings: &[&str]) -> Result<Vec<(String, String)>, JsValue> {
        let bindings: Array = bindings.iter().map(|text| JsValue::from_str(text)).collect();
        let rows = self.sql.exec(query, &bindings)?.to_array()?;
        let column = |row: &JsValue, name: &str| {
            Reflect::get(row, &name.into()).map(|value| value.as_string().unwrap_or_default())
        };
        rows.iter().map(|row| Ok((column(&row, "digest")?, column(&row, "entry")?))).collect()
    }

    fn note<T: Default>(&mut self, done: Result<T, JsValue>) -> T {
        done.unwrap_or_else(|error| {
            self.error.get_or_insert(error);
            T::default()
        })
    }
}

impl Rows for Table {
    fn get(&mut self, digest: &str) -> Option<String> {
        let found = self.run("SELECT digest, entry FROM tokens WHERE digest = ?", &[digest]);
        self.note(found).pop().map(|(_, entry)| entry)
    }

    fn put(&mut self, digest: &str, entry: &str) {
        let query = "INSERT OR REPLACE INTO tokens (digest, entry) VALUES (?, ?)";
        let done = self.run(query, &[digest, entry]);
        self.note(done);
    }

    fn delete(&mut self, digest: &str) {
        let done = self.run("DELETE FROM tokens WHERE digest = ?", &[digest]);
        self.note(done);
    }

    fn all(&mut self) -> Vec<(String, String)> {
        let all = self.run("SELECT digest, entry FROM tokens ORDER BY rowid", &[]);
        self.note(all)
    }

    fn rejections(&mut self) -> Option<String> {
        let found = self.run("SELECT id AS digest, counts AS entry FROM rejections", &[]);
        self.note(found).pop().map(|(_, counts)| counts)
    }

    fn put_rejections(&mut self, counts: &str) {
        let query = "INSERT OR REPLACE INTO rejections (id, counts) VALUES ('all', ?)";
        let done = self.run(query, &[counts]);
        self.note(done);
    }
}

impl DecisionRow for Table {
    fn decisions(&mut self) -> Option<String> {
        let query = "SELECT id AS digest, decisions AS entry FROM document_decisions";
        let found = self.run(query, &[]);
        self.note(found).pop().map(|(_, decisions)| decisions)
    }

    fn put_decisions(&mut self, decisions: &str) {
        let query = "INSERT OR REPLACE INTO document_decisions (id, decisions) VALUES ('all', ?)";
        let done = self.run(query, &[decisions]);
        self.note(done);
    }
}

impl ClaimRows for Table {
    fn find_claim(&mut self, key: &str, now: u64) -> Option<String> {
        let query = "SELECT key AS digest, entry FROM claims \
                     WHERE key = ? AND expires_at > CAST(? AS INTEGER)";
        let found = self.run(query, &[key, &now.to_string()]);
        self.note(found).pop().map(|(_, entry)| entry)
    }

    fn write_claim(&mut self, key: &str, entry: &str, expires_at: u64, now: u64) {
        // A thousand at a time, as below.
        let query = "DELETE FROM claims WHERE key IN \
                     (SELECT key FROM claims WHERE expires_at <= CAST(? AS INTEGER) LIMIT 1000)";
        let done = self.run(query, &[&now.to_string()]);
        self.note(done);
        let query = "INSERT OR REPLACE INTO claims (key, entry, expires_at) \
                     VALUES (?, ?, CAST(? AS INTEGER))";
        let done = self.run(query, &[key, entry, &expires_at.to_string()]);
        self.note(done);
    }
}

impl RequestRows for Table {
    fn add_requests(&mut self, counts: &str, now: u64) {
        // A thousand at a time, as below.
        let query = "DELETE FROM requests WHERE client_id IN \
                     (SELECT client_id FROM requests WHERE last_at <= CAST(? AS INTEGER) LIMIT 1000)";
        let done = self.run(query, &[&now.saturating_sub(KEPT).to_string()]);
        self.note(done);
        let query = "INSERT INTO requests (client_id, count, last_at) \
                     SELECT value ->> 'client_id', value ->> 'count', CAST(? AS INTEGER) FROM json_each(?) WHERE true \
                     ON CONFLICT (client_id) DO UPDATE SET count = count + excluded.count, last_at = excluded.last_at";
        let done = self.run(query, &[&now.to_string(), counts]);
        self.note(done);
    }

    fn find_requests(&mut self, client_ids: &str) -> Vec<(String, String)> {
        let query = "SELECT client_id AS digest, CAST(count AS TEXT) AS entry FROM requests \
                     WHERE client_id IN (SELECT value FROM json_each(?))";
        let found = self.run(query, &[client_ids]);
        self.note(found)
    }
}

impl LedgerRows for Table {
    fn find(&mut self, client_id: &str, now: u64) -> Option<String> {
        let query = "SELECT client_id AS digest, state AS entry FROM clients \
                     WHERE client_id = ? AND expires_at > CAST(? AS INTEGER)";
        let found = self.run(query, &[client_id, &now.to_string()]);
        self.note(found).pop().map(|(_, state)| state)
    }

    fn find_record(&mut self, client_id: &str) -> Option<String> {
        let query = "SELECT client_id AS digest, record AS entry FROM clients WHERE client_id = ?";
        let found = self.run(query, &[client_id]);
        self.note(found).pop().map(|(_, record)| record)
    }

    fn write(&mut self, client_id: &str, state: &str, record: Option<&str>, expires_at: u64) {
        let expires_at = expires_at.to_string();
        let done = if let Some(record) = record {
            let query = "INSERT OR REPLACE INTO clients (client_id, state, record, expires_at) \
                         VALUES (?, ?, ?, CAST(? AS INTEGER))";
            self.run(query, &[client_id, state, record, &expires_at])
        } else {
            let query = "UPDATE clients SET state = ?, expires_at = CAST(? AS INTEGER) \
                         WHERE client_id = ?";
            self.run(query, &[state, &expires_at, client_id])
        };
        self.note(done);
    }

    fn remove_expired(&mut self, now: u64) {
        // A thousand at a time: after a quiet year there could be very many.
        let query = "DELETE FROM clients WHERE client_id IN \
                     (SELECT client_id FROM clients WHERE expires_at <= CAST(? AS INTEGER) LIMIT 1000)";
        let done = self.run(query, &[&now.to_string()]);
        self.note(done);
    }
}
