//! Rollcall as the WebAssembly module that Cloudflare runs. All code is in the crate `rollcall`.

#[cfg(target_arch = "wasm32")]
#[expect(unused_extern_crates, reason = "what is linked is its exports, which JavaScript calls")]
extern crate rollcall;
