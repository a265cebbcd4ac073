//! How much the longest tests do.

use std::env;

/// The number of cases of a test that takes seconds with `all` of them. `npm test` sets `ROLLCALL_ALL_CASES`; `cargo test`, which
/// developers run after each edit, tries an eighth.
pub(crate) fn cases(all: u32) -> u32 {
    if env::var_os("ROLLCALL_ALL_CASES").is_some() { all } else { all.div_ceil(8) }
}
