//! Rules for contributors: one list of commands, one Rust, pinned actions, and the subjects of commits.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use rollcall_support::pages::root;
use serde_json::Value;

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
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
    let folder = root().join("tests");
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
    assert_eq!(files, modules, "tests/native.rs names every file of its folder");
}

/// Their `Cargo.toml` says `test = false`: cargo would not run them.
#[test]
fn crate_and_the_server_of_its_tests_have_no_tests_in_their_own_files() {
    let mut files = Vec::new();
    texts(&root().join("src"), &mut files);
    assert!(files.len() > 100);
    texts(&root().join("tests/support"), &mut files);
    for (path, text) in files {
        assert!(!text.contains("#[test]") && !text.contains("cfg(test)"), "{path}");
    }
}

#[test]
fn oldest_rust_that_is_promised_is_the_one_that_is_used() {
    let toolchain: toml::Table = read("rust-toolchain.toml").parse().unwrap();
    let channel = toolchain["toolchain"]["channel"].as_str().unwrap();
    for manifest in ["Cargo.toml", "bundle/Cargo.toml", "bundle/checkup/Cargo.toml"] {
        let manifest: toml::Table = read(manifest).parse().unwrap();
        let promised = manifest["package"]["rust-version"].as_str().unwrap();
        assert!(channel.starts_with(&format!("{promised}.")), "{promised} and {channel}");
    }
}

#[test]
fn every_action_is_pinned_by_its_commit() {
    let folder = root().join(".github/workflows");
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

/// Runs the hook for a commit message and returns whether it accepts the message, and what it prints.
fn run_commit_msg(message: &str) -> (bool, String) {
    let name = format!("rollcall-commit-msg-{}", std::process::id());
    let file = std::env::temp_dir().join(name);
    fs::write(&file, message).unwrap();
    let hook = root().join(".githooks/commit-msg");
    let output = Command::new(hook).arg(&file).env("LC_ALL", "C.UTF-8").output().unwrap();
    fs::remove_file(file).unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn commit_msg_hook_accepts_short_imperative_subjects_with_an_area() {
    let longest = format!("gate: add {}", "é".repeat(62));
    for message in [
        "gate: reject expired tokens before reading the body",
        "docs, tests: rename the page\n\nA body may say anything: added, adding, adds.",
        "src/edge: pass the request on",
        "build: compress the bundle",
        "tests: need no network",
        "client: bring back the sets",
        "ui: focus the first field",
        "# a comment\n\nfuzz: build faster\n# another",
        "Merge branch 'docs'",
        "Revert \"gate: add a mode\"",
        "fixup! gate: add a mode",
        &longest,
    ] {
        let (accepted, printed) = run_commit_msg(message);
        assert!(accepted, "{message}: {printed}");
    }
    for (message, problem) in [
        ("", "must begin with an area"),
        ("Add a mode", "must begin with an area"),
        ("Gate: add a mode", "must begin with an area"),
        ("gate:add a mode", "must begin with an area"),
        ("gate: ", "must begin with an area"),
        ("gate: added a mode", "\"added\" must be an imperative verb"),
        ("gate: Adding a mode", "\"adding\" must be an imperative verb"),
        ("gate: adds a mode", "\"adds\" must be an imperative verb"),
        ("gate: fixes, tests", "\"fixes\" must be an imperative verb"),
        (&format!("{longest}!"), "has 73 characters"),
    ] {
        let (accepted, printed) = run_commit_msg(message);
        assert!(!accepted && printed.contains(problem), "{message}: {printed}");
    }
}

#[test]
fn hooks_command_enables_the_hooks() {
    let package: Value = serde_json::from_str(&read("package.json")).unwrap();
    assert_eq!(package["scripts"]["hooks"], "git config core.hooksPath .githooks");
    for hook in ["commit-msg", "pre-commit"] {
        let file = root().join(".githooks").join(hook);
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{hook} is executable");
    }
}

#[test]
fn both_crates_of_the_bundle_forbid_the_same_panics() {
    let [program, bundle] = ["src/lib.rs", "bundle/src/lib.rs"].map(|name| {
        let text = read(name);
        let (_, rest) = text.split_once("#![deny(").unwrap();
        rest.split_once(")]").unwrap().0.to_owned()
    });
    assert!(program.contains("clippy::panic"), "{program}");
    assert_eq!(program, bundle);
}

/// Every file of the project that is text, below `folder`.
fn texts(folder: &Path, found: &mut Vec<(String, String)>) {
    const NOT_OURS: [&str; 7] =
        ["node_modules", "target", "build", "build-panic", "dist", ".git", ".wrangler"];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_symlink() || NOT_OURS.contains(&name) {
            continue;
        }
        if path.is_dir() {
            texts(&path, found);
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push((path.display().to_string(), text));
        }
    }
}

#[test]
fn no_file_has_a_conflict_that_is_not_resolved() {
    let mut files = Vec::new();
    texts(root(), &mut files);
    assert!(files.len() > 300);
    let markers = [["<"; 7].concat() + " ", [">"; 7].concat() + " "];
    for (path, text) in files {
        let conflict = text.lines().find(|line| markers.iter().any(|mark| line.starts_with(mark)));
        assert_eq!(conflict, None, "{path}");
    }
}
