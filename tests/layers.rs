//! The layers, and which of them each may import: `edge` → `http` → `service` → `issuer` → `gate` → `records` →
//! `runtime`; below them `client` → `vocabulary`.

use std::fs;
use std::path::{Path, PathBuf};

use rollcall_support::pages::root;

/// Each layer with those that it may import: the lowest first.
const LAYERS: [(&str, &[&str]); 9] = [
    ("vocabulary", &[]),
    ("client", &["vocabulary"]),
    ("runtime", &[]),
    ("records", &["runtime", "client", "vocabulary"]),
    ("gate", &["records", "runtime", "client", "vocabulary"]),
    ("issuer", &["gate", "records", "runtime", "client", "vocabulary"]),
    ("service", &["issuer", "gate", "records", "runtime", "client", "vocabulary"]),
    ("http", &["service", "issuer", "gate", "records", "runtime", "client", "vocabulary"]),
    ("edge", &["http", "service", "issuer", "gate", "records", "runtime", "client", "vocabulary"]),
];

/// Every `crate::LAYER` that the text names, in code; `edge` has a crate of its own, and says `rollcall::LAYER`.
fn named_layers(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").flat_map(|part| part.split("rollcall::")).skip(1))
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next())
        .collect()
}

fn forbidden_imports(layer: &str, text: &str) -> Vec<String> {
    let (_, allowed) = LAYERS.iter().find(|(known, _)| *known == layer).unwrap();
    let is_allowed = |name: &str| name == layer || allowed.contains(&name);
    let names = named_layers(text).into_iter();
    names.filter(|name| !is_allowed(name)).map(str::to_owned).collect()
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] }).collect()
}

#[test]
fn layers_import_only_layers_below() {
    let root = root();
    let folders = ["src", "bundle/src"].into_iter().flat_map(|source| {
        fs::read_dir(root.join(source)).unwrap().map(|entry| entry.unwrap().path())
    });
    let folders = folders.filter(|path| path.is_dir());
    let mut layers = 0;
    for folder in folders {
        let layer = folder.file_name().unwrap().to_str().unwrap();
        for file in rust_files(&folder) {
            let text = fs::read_to_string(&file).unwrap();
            let forbidden = forbidden_imports(layer, &text);
            assert_eq!(forbidden, Vec::<String>::new(), "in {}", file.display());
        }
        layers += 1;
    }
    assert_eq!(layers, LAYERS.len());
}

#[test]
fn forbidden_import_is_found() {
    for (layer, text, found) in [
        ("client", "use crate::service::Error;", &["service"][..]),
        ("vocabulary", "fn f() { crate::client::limits::BODY }", &["client"]),
        ("records", "use crate::gate::Gate;", &["gate"]),
        ("gate", "use crate::issuer::Issuer;", &["issuer"]),
        ("runtime", "use crate::vocabulary::ClientId;", &["vocabulary"]),
        ("http", "use crate::vocabulary::Scope;", &[]),
        ("gate", "use rollcall::issuer::Issuer;", &["issuer"]),
        ("http", "// crate::edge is above", &[]),
    ] {
        assert_eq!(forbidden_imports(layer, text), found, "{text}");
    }
}

/// Code for wasm32 alone must be in the edge too: clippy sees the crate `rollcall` only on the host.
#[test]
fn only_the_edge_imports_the_platform() {
    let source = root().join("src");
    for (layer, _) in &LAYERS[..8] {
        for file in rust_files(&source.join(layer)) {
            let text = fs::read_to_string(&file).unwrap();
            for name in ["worker::", "js_sys::", "web_sys::", "wasm_bindgen", "target_arch"] {
                assert!(!text.contains(name), "{name} in {}", file.display());
            }
        }
    }
}
