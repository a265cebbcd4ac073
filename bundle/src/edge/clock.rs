//! The clock of the runtime.

/// Milliseconds since 1970. The runtime's clock moves only when something is waited for.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and positive")]
pub(super) fn milliseconds() -> u64 {
    worker::js_sys::Date::now() as u64
}
