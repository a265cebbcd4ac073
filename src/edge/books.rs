//! [`Books`] on Durable Objects: one object for each issuer, its book in a table.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::clock::milliseconds;
use super::host::Runtime;
use super::incoming::message;
use super::task::{answer, settled};
use crate::service::IssuerId;
use crate::service::ports::{Books, StoreError};
use crate::service::token_book::{self, BookReply, BookRequest, Rows};

/// The binding in `wrangler.toml`.
const BINDING: &str = "INITIAL_ACCESS_TOKENS";

#[wasm_bindgen]
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

impl Books for Runtime<'_> {
    async fn book(&self, issuer: &IssuerId, request: BookRequest) -> Result<BookReply, StoreError> {
        let text = serde_json::to_string(&request)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let reply = ask(self.env, &issuer.to_string(), &text).await;
        let reply = reply.map_err(|error| StoreError::Unavailable(message(&error)))?;
        // An object that failed says why in words, which are no reply.
        serde_json::from_slice(reply.as_bytes()).map_err(|_| StoreError::Unavailable(reply))
    }
}

async fn ask(env: &JsValue, issuer: &str, request: &str) -> Result<String, JsValue> {
    let namespace = Reflect::get(env, &BINDING.into())?;
    if !namespace.is_object() {
        let missing = format!("The Durable Object binding {BINDING} is missing in wrangler.toml");
        return Err(missing.into());
    }
    let namespace: Namespace = namespace.unchecked_into();
    let stub = namespace.get(&namespace.id_from_name(issuer)?)?;
    let init = Object::new();
    Reflect::set(&init, &"method".into(), &"POST".into())?;
    Reflect::set(&init, &"body".into(), &request.into())?;
    let response = settled(stub.fetch("https://book/", &init)?).await?;
    let response: web_sys::Response = response.dyn_into()?;
    let text = settled(response.text()?).await?;
    Ok(text.as_string().unwrap_or_default())
}

/// Answers a request of [`Books`] from the book whose `state` it is.
#[wasm_bindgen]
pub fn book(request: web_sys::Request, state: &JsValue, resolve: Function, reject: Function) {
    let sql = Reflect::get(state, &"storage".into())
        .and_then(|storage| Reflect::get(&storage, &"sql".into()));
    answer(resolve, reject, async move {
        let text = settled(request.text()?).await?;
        // From here on nothing is waited for: no other request comes in between.
        let sql = sql?.unchecked_into();
        let reply = reply(sql, &text.as_string().unwrap_or_default()).unwrap_or_else(|why| why);
        Ok(web_sys::Response::new_with_opt_str(Some(&reply))?.into())
    });
}

fn reply(sql: Sql, request: &str) -> Result<String, String> {
    let request: BookRequest =
        serde_json::from_slice(request.as_bytes()).map_err(|error| error.to_string())?;
    let mut rows = Table { sql, error: None };
    let schema = "CREATE TABLE IF NOT EXISTS tokens (digest TEXT PRIMARY KEY, entry TEXT NOT NULL)";
    let made = rows.run(schema, &[]);
    rows.note(made);
    let reply = token_book::handle(&mut rows, request, milliseconds() / 1000);
    if let Some(error) = rows.error {
        return Err(message(&error));
    }
    reply.and_then(|reply| serde_json::to_string(&reply)).map_err(|error| error.to_string())
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
}
