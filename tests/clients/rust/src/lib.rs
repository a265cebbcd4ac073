//! The frame of every client in Rust: it takes its steps, and prints a line for each.

use std::error::Error;
use std::future::Future;

use serde_json::{Value, json};

/// The outcome of a step.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// The issuer, and an MCP server that names it.
pub fn arguments() -> (String, String) {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("two URLs");
    (next(), next())
}

/// The clients that are registered, by their kinds.
pub fn kinds() -> Value {
    serde_json::from_str(include_str!("../../kinds.json")).expect("kinds.json is JSON")
}

/// The steps of a library.
pub struct Steps {
    library: &'static str,
    version: &'static str,
}

impl Steps {
    /// Of the library with this name in Cargo.lock.
    pub fn of(library: &'static str) -> Self {
        let lock = include_str!("../Cargo.lock");
        let entry = format!("name = \"{library}\"\nversion = \"");
        let (_, rest) = lock.split_once(&entry).expect("it is in Cargo.lock");
        let (version, _) = rest.split_once('"').expect("its version ends");
        Self { library, version }
    }

    /// Takes a step. A panic ends the program, and the steps that are missing tell.
    pub async fn take<T>(&self, step: &str, action: impl Future<Output = Outcome<T>>) -> Option<T> {
        let outcome = action.await;
        let detail = outcome.as_ref().err().map_or(String::new(), |error| format!("{error:?}"));
        let Self { library, version } = self;
        let ok = outcome.is_ok();
        let line = json!({"library": library, "version": version, "step": step, "ok": ok, "detail": detail});
        println!("{line}");
        outcome.ok()
    }
}
