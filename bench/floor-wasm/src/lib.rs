//! The least that a registration server on the `worker` crate can be: `../workers/floor-js.mjs` in Rust.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use worker::{Date, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(mut request: Request, env: Env, _: worker::Context) -> Result<Response> {
    let kv = env.kv("CLIENTS")?;
    let path = request.path();
    if path.starts_with("/.well-known/") {
        return answer(200, include_str!("../../workers/floor-discovery.json").to_owned());
    }
    if let Some(id) = path.strip_prefix("/reg/") {
        return match kv.get(id).text().await? {
            Some(client) => answer(200, client),
            None => answer(404, r#"{"error":"not_found"}"#.to_owned()),
        };
    }
    let body: Value = serde_json::from_slice(&request.bytes().await?).unwrap_or_default();
    if !body["redirect_uris"].is_array() {
        return answer(400, r#"{"error":"invalid_redirect_uri"}"#.to_owned());
    }
    let mut client = body;
    let id = random::<16>();
    client["client_id"] = json!(id);
    client["client_secret"] = json!(random::<64>());
    client["client_id_issued_at"] = json!(Date::now().as_millis() / 1000);
    let client = client.to_string();
    kv.put(&id, client.as_str())?.execute().await?;
    answer(201, client)
}

fn random<const N: usize>() -> String {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the runtime has randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

fn answer(status: u16, body: String) -> Result<Response> {
    let response = Response::builder().with_status(status).with_header("content-type", "application/json")?;
    Ok(response.fixed(body.into_bytes()))
}
