//! Pages that are written from the code, whole or in part. With `UPDATE_DOCS` they are written anew.

use std::fs;
use std::path::{Path, PathBuf};

use super::UPDATE_DOCS;

/// The folder of the repository.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The path of a page in `docs`.
pub fn page(name: &str) -> PathBuf {
    root().join("docs").join(name)
}

/// Checks that the page is `expected`.
pub fn hold(name: &str, expected: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(page(name), expected).unwrap();
    }
    let found = fs::read_to_string(page(name)).unwrap_or_default();
    assert!(found == expected, "docs/{name} is not what the code says: {UPDATE_DOCS}");
}

/// Checks that the table with this `head` on the page has these `rows`.
pub fn hold_table(name: &str, head: &str, rows: &str) {
    let page = fs::read_to_string(page(name)).unwrap();
    let (before, rest) = page.split_once(head).expect("the page has the head of the table");
    let (_, after) = rest.split_once("\n\n").expect("text follows the table");
    hold(name, &format!("{before}{head}{rows}\n{after}"));
}
