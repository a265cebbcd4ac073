//! `docs/conformance.md`, `docs/threat-model.md` and `docs/architecture.md` name what is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const STATUSES: [&str; 4] = ["met", "partly", "deviates", "not here"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// The cells of each row of a page's tables, without their heads, below the heading they stand under.
fn rows(page: &str) -> Vec<(String, Vec<String>)> {
    let mut heading = "";
    let mut rows = Vec::new();
    let mut head = true;
    for line in page.lines() {
        if let Some(text) = line.strip_prefix("## ") {
            heading = text.split(',').next().unwrap();
        } else if line.starts_with("| ---") {
            head = false;
        } else if let Some(row) = line.strip_prefix("| ").filter(|_| !head) {
            let cells = row.trim_end_matches('|').split(" | ").map(|cell| cell.trim().to_owned());
            rows.push((heading.to_owned(), cells.collect()));
        } else {
            head = true;
        }
    }
    rows
}

/// What stands between backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The name of every test there is.
fn tests() -> BTreeSet<String> {
    fn look(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, found);
            }
            let Ok(text) = fs::read_to_string(&path) else { continue };
            for line in text.lines().map(str::trim_start) {
                let rust = line.strip_prefix("fn ").and_then(|rest| rest.split('(').next());
                let node = line.strip_prefix("test(\"").and_then(|rest| rest.split('"').next());
                found.extend(rust.or(node).map(str::to_owned));
            }
        }
    }
    let mut found = BTreeSet::new();
    for folder in ["src", "tests/e2e", "tests/browser", "tests/contract", "tests/vectors"] {
        look(&root().join(folder), &mut found);
    }
    for entry in fs::read_dir(root().join("tests")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
        let names = text.lines().filter_map(|line| line.trim_start().strip_prefix("fn "));
        found.extend(names.map(|rest| rest.split('(').next().unwrap().to_owned()));
    }
    found
}

#[test]
fn every_test_that_a_page_names_exists() {
    let tests = tests();
    for name in ["conformance.md", "threat-model.md"] {
        let page = page(name);
        let rows = rows(&page);
        assert!(rows.len() > 30, "{name} has its tables");
        for (_, cells) in rows {
            for test in quoted(cells.last().unwrap()) {
                assert!(tests.contains(test), "{name} names {test}, which is no test");
            }
        }
    }
}

#[test]
fn every_section_has_a_status_and_its_tests_once() {
    let page = page("conformance.md");
    let (_, deviations) = page.split_once("\n## Deviations\n").unwrap();
    let mut sections = BTreeSet::new();
    for (spec, cells) in rows(&page) {
        let [section, _, status, tests] = &cells[..] else { panic!("{cells:?}") };
        assert!(STATUSES.contains(&&**status), "{spec} {section}: {status}");
        assert_eq!(quoted(tests).is_empty(), status == "not here", "{spec} {section}");
        assert!(sections.insert(format!("{spec} {section}")), "{spec} {section} stands twice");
        let explained = deviations.contains(&format!("**{spec} {section}**:"));
        assert_eq!(explained, matches!(&**status, "partly" | "deviates"), "{spec} {section}");
    }
}

#[test]
fn every_section_that_a_page_claims_is_in_the_tables() {
    let rows = rows(&page("conformance.md"));
    let known = |spec: &str, section: &str| {
        rows.iter().any(|(heading, cells)| {
            let full = format!("{heading} {}", cells[0]);
            full.contains(&format!("{spec} §{section}"))
                || full.contains(&format!("{spec} {section}"))
        })
    };
    let pages = ["../README.md", "../SECURITY.md", "lifecycle.md", "gate.md", "issuers.md"];
    let more = ["authorization-server.md", "operator.md", "events.md", "redirect-uris.md"];
    let mut claims = 0;
    for name in pages.into_iter().chain(more) {
        let text = page(name).replace(" section ", " §");
        for rest in text.split("RFC ").skip(1) {
            let Some((number, rest)) = rest.split_once(" §") else { continue };
            if !number.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            let section: String =
                rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let section = section.trim_end_matches('.');
            claims += 1;
            assert!(known(number, section), "{name}: RFC {number} §{section}");
        }
    }
    assert!(claims > 10, "{claims}");
}

#[test]
fn every_abuse_has_a_test_or_a_reason_for_none() {
    for (_, cells) in rows(&page("threat-model.md")) {
        let [abuse, defence, tests] = &cells[..] else { panic!("{cells:?}") };
        assert!(!defence.is_empty(), "{abuse}");
        assert!(!quoted(tests).is_empty() || tests.starts_with("none: "), "{abuse}: {tests}");
    }
}

#[test]
fn every_file_and_function_of_the_architecture_exists() {
    let page = page("architecture.md");
    let mut looked = 0;
    let mut file = None;
    for line in page.lines() {
        for name in quoted(line) {
            let is_path = ["src/", "bundle/", "tests/", "docs/", "fuzz/", "scripts/", "public/"]
                .iter()
                .any(|start| name.starts_with(start));
            if is_path && !name.contains('*') {
                assert!(root().join(name).exists(), "{name}");
                file = fs::read_to_string(root().join(name)).ok();
            } else if let (Some(function), Some(text)) = (name.strip_suffix("()"), &file) {
                assert!(text.contains(&format!("fn {function}")), "{function} in: {line}");
                looked += 1;
            }
        }
    }
    assert!(looked > 20, "{looked} functions");
}
