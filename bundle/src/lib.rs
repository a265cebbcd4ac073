//! Rollcall as the WebAssembly module that Cloudflare runs: the layer `edge`, on top of the crate `rollcall`.

// Every dependency is bytes of the bundle.
#![cfg_attr(target_arch = "wasm32", warn(unused_crate_dependencies))]
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

#[cfg(target_arch = "wasm32")]
mod edge;
