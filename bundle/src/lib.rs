//! Rollcall as the WebAssembly module that Cloudflare runs. All code is in the crate `rollcall`.

#[cfg(target_arch = "wasm32")]
extern crate rollcall;
