//! Rollcall: OAuth 2.0 / OpenID Connect dynamic client registration at the edge.
//!
//! In scope: discovery (RFC 8414, OpenID Connect Discovery), registration (RFC 7591, OpenID Connect
//! Dynamic Client Registration) and its management (RFC 7592). Out of scope: authorization, tokens
//! and keys, which belong to the authorization server whose front desk this is.
//!
//! The layers, each knowing only those below it (`tests/layers.rs` holds them to it):
//!
//! - `edge` (in the crate `rollcall-bundle`, wasm32 only): the Cloudflare runtime. Converts, calls, converts back, logs.
//! - [`http`]: HTTP as plain values: routes, body, bearer tokens, CORS, replies.
//! - [`service`]: the procedures of the specifications, as functions with numbered steps.
//! - [`issuer`]: settings → issuer → profile → documents: what we publish.
//! - [`gate`]: who may register, under which policy, and how often.
//! - [`records`]: records at rest, on a store that is eventually consistent.
//! - [`runtime`]: the time, randomness, requests to other servers, Web Crypto.
//! - [`client`]: what a client is: raw → verified → stored → returned, and the rules in between.
//! - [`vocabulary`]: the terms of the specifications as types.
//!
//! A registration: `edge::fetch` → [`http::handle`] → [`service::register`] → [`client`] → [`records`] → back.
//! To know the program, read this file, `http/routes.rs`, `service/register.rs`,
//! `client/verify.rs` and `bundle/src/edge/mod.rs` in this order.

// Every dependency is bytes of the bundle.
#![warn(unused_crate_dependencies)]
// A panic kills every request in flight on an isolate: no request may reach one.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::todo,
    clippy::unimplemented,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects
)]

pub mod client;
pub mod gate;
pub mod http;
pub mod issuer;
pub mod records;
pub mod runtime;
pub mod service;
pub mod vocabulary;
