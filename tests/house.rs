//! What those who carry on rely on: one list of commands, one Rust, and actions that cannot change beneath us.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn contributing_lists_every_command_and_no_other() {
    let package: Value = serde_json::from_str(&read("package.json")).unwrap();
    let scripts: BTreeSet<String> =
        package["scripts"].as_object().unwrap().keys().cloned().collect();
    let page = read("CONTRIBUTING.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `npm "));
    let listed: BTreeSet<String> = rows
        .map(|rest| rest.strip_prefix("run ").unwrap_or(rest))
        .map(|rest| rest.split(['`', ' ']).next().unwrap().to_owned())
        .collect();
    let missing: Vec<_> = scripts.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&scripts).collect();
    assert!(missing.is_empty(), "not in the table of CONTRIBUTING.md: {missing:?}");
    assert!(gone.is_empty(), "in the table of CONTRIBUTING.md, and no script: {gone:?}");
}

#[test]
fn every_file_of_native_tests_is_a_module_of_their_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: BTreeSet<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "native")
        .collect();
    let program = read("tests/native.rs");
    let modules = program.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let modules: BTreeSet<String> =
        modules.filter(|name| *name != "support").map(str::to_owned).collect();
    assert_eq!(files, modules, "tests/native.rs names every file beside it");
}

#[test]
fn the_oldest_rust_that_is_promised_is_the_one_that_is_used() {
    let toolchain: toml::Table = read("rust-toolchain.toml").parse().unwrap();
    let channel = toolchain["toolchain"]["channel"].as_str().unwrap();
    for manifest in ["Cargo.toml", "bundle/Cargo.toml"] {
        let manifest: toml::Table = read(manifest).parse().unwrap();
        let promised = manifest["package"]["rust-version"].as_str().unwrap();
        assert!(channel.starts_with(&format!("{promised}.")), "{promised} and {channel}");
    }
}

#[test]
fn every_action_is_pinned_by_its_commit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows");
    let workflows: String = fs::read_dir(folder)
        .unwrap()
        .map(|f| fs::read_to_string(f.unwrap().path()).unwrap())
        .collect();
    let used: Vec<_> = workflows.lines().filter_map(|line| line.split_once("uses: ")).collect();
    assert!(!used.is_empty());
    for (_, action) in used {
        let (_, pinned) = action.split_once('@').unwrap();
        let (commit, version) = pinned.split_once(" # v").unwrap_or((pinned, ""));
        let is_hash = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(is_hash && !version.is_empty(), "{action}");
    }
}
