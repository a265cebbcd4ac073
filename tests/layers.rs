//! The layers: `edge → http → service → client → vocabulary`, and never upwards.

use std::fs;
use std::path::{Path, PathBuf};

const LAYERS: [&str; 5] = ["vocabulary", "client", "service", "http", "edge"];

/// Every `crate::LAYER` that the text names, in code.
fn named_layers(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next())
        .collect()
}

fn upward_imports(layer: &str, text: &str) -> Vec<String> {
    let rank = |name: &str| LAYERS.iter().position(|known| *known == name);
    let above = |name: &&str| rank(name).is_none_or(|named| Some(named) > rank(layer));
    named_layers(text).into_iter().filter(above).map(str::to_owned).collect()
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] }).collect()
}

#[test]
fn no_layer_names_one_above_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = 0;
    for layer in LAYERS {
        for file in rust_files(&source.join(layer)) {
            let text = fs::read_to_string(&file).unwrap();
            assert_eq!(upward_imports(layer, &text), Vec::<String>::new(), "in {}", file.display());
            files += 1;
        }
    }
    assert!(files > 30, "the layers were not found");
}

#[test]
fn an_upward_import_is_seen() {
    assert_eq!(upward_imports("client", "use crate::service::Config;"), ["service"]);
    assert_eq!(upward_imports("vocabulary", "fn f() { crate::client::limits::BODY }"), ["client"]);
    assert_eq!(upward_imports("http", "use crate::vocabulary::Scope;"), Vec::<String>::new());
    assert_eq!(upward_imports("http", "// crate::edge is above"), Vec::<String>::new());
}

#[test]
fn the_runtime_stays_in_the_edge() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for layer in &LAYERS[..4] {
        for file in rust_files(&source.join(layer)) {
            let text = fs::read_to_string(&file).unwrap();
            for name in ["worker::", "js_sys::", "web_sys::", "wasm_bindgen"] {
                assert!(!text.contains(name), "{name} in {}", file.display());
            }
        }
    }
}
