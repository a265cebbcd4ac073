//! `docs/conformance.md`, `docs/threat-model.md` and `docs/architecture.md` name what is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rollcall_support::pages::root;

const STATUSES: [&str; 4] = ["met", "partly", "deviates", "not here"];

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// The cells of each row of a page's tables, without their heads, below the heading they stand under. Tables about other
/// servers are left out.
fn rows(page: &str) -> Vec<(String, Vec<String>)> {
    let page = page.split("\n## Other servers\n").next().unwrap();
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

/// The texts between backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The name of every test there is.
fn tests() -> BTreeSet<String> {
    fn look(folder: &Path, deep: bool, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && deep {
                look(&path, deep, found);
            }
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let mut marked = false;
            for line in text.lines().map(str::trim_start) {
                let rust = line.strip_prefix("fn ").filter(|_| marked);
                let rust = rust.and_then(|rest| rest.split('(').next());
                let node = line.strip_prefix("test(\"").and_then(|rest| rest.split('"').next());
                found.extend(rust.or(node).map(str::to_owned));
                marked = line == "#[test]" || (marked && line.starts_with("#["));
            }
        }
    }
    let mut found = BTreeSet::new();
    for folder in
        ["tests/e2e", "tests/browser", "tests/conformance", "tests/contract", "tests/vectors"]
    {
        look(&root().join(folder), true, &mut found);
    }
    look(&root().join("tests"), false, &mut found);
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
fn every_sentence_about_strangers_and_shared_clients_names_its_tests() {
    let (tests, page) = (tests(), page("shared-clients.md"));
    let (_, security) = page.split_once("\n## Security\n").unwrap();
    let rows = rows(security);
    assert!(rows.len() > 10);
    for (_, cells) in rows {
        let [what, named] = &cells[..] else { panic!("{cells:?}") };
        let named = quoted(named);
        assert!(what.starts_with("can") || what.starts_with("gets no"), "{what}");
        assert!(!named.is_empty() && named.iter().all(|test| tests.contains(*test)), "{what}");
    }
}

/// The subject of a row of the conformance tables: a section with the name of its specification.
fn section((spec, cells): &(String, Vec<String>)) -> String {
    if cells[0].starts_with('§') { format!("{spec} {}", cells[0]) } else { cells[0].clone() }
}

#[test]
fn every_section_has_a_status_and_its_tests_once() {
    let page = page("conformance.md");
    let (_, deviations) = page.split_once("\n## Deviations\n").unwrap();
    let mut sections = BTreeSet::new();
    let mut explained = 0;
    for row in rows(&page) {
        let section = section(&row);
        let [_, _, status, tests] = &row.1[..] else { panic!("{row:?}") };
        assert!(STATUSES.contains(&&**status), "{section}: {status}");
        assert_eq!(quoted(tests).is_empty(), status == "not here", "{section}");
        assert!(sections.insert(section.clone()), "{section} stands twice");
        let reason = deviations.contains(&format!("- **{section}**: "));
        assert_eq!(reason, matches!(&**status, "partly" | "deviates"), "{section}");
        explained += usize::from(reason);
    }
    assert_eq!(deviations.matches("- **").count(), explained, "a reason without its row");
}

/// Specifications whose members are typed and kept, which is all that is said of them.
const KEPT_ONLY: [&str; 5] = [
    "OpenID Connect CIBA Core 1.0",
    "OpenID Federation 1.0",
    "OpenID4VP 1.0",
    "FAPI 2.0 Security Profile",
    "UMA 2.0 Grant for OAuth 2.0",
];

/// README.md, SECURITY.md, CONTRIBUTING.md and all pages but the conformance tables themselves.
fn pages() -> Vec<(String, String)> {
    let read = |path: &Path| (path.display().to_string(), fs::read_to_string(path).unwrap());
    let mut pages: Vec<_> =
        ["README.md", "SECURITY.md", "CONTRIBUTING.md"].map(|name| read(&root().join(name))).into();
    for folder in ["docs", "docs/decisions"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "md") && !path.ends_with("conformance.md")
            {
                pages.push(read(&path));
            }
        }
    }
    pages
}

/// The specification that `text` names last.
fn named_last<'a>(text: &'a str, others: &BTreeSet<&'a str>) -> Option<&'a str> {
    let rfcs = text.match_indices("RFC ").filter_map(|(at, _)| {
        let name = text.get(at..at + 8)?;
        name[4..].bytes().all(|b| b.is_ascii_digit()).then_some((at, name))
    });
    let others = others.iter().filter_map(|name| Some((text.rfind(name)?, *name)));
    rfcs.chain(others).max_by_key(|(at, name)| (at + name.len(), name.len())).map(|(_, name)| name)
}

#[test]
fn every_section_that_a_page_claims_is_in_the_tables() {
    let rows = rows(&page("conformance.md"));
    let sections: BTreeSet<String> =
        rows.iter().map(|row| section(row).split(',').next().unwrap().to_owned()).collect();
    let specs = sections.iter().filter_map(|name| name.split_once(" §")).map(|(spec, _)| spec);
    let others: BTreeSet<&str> =
        specs.filter(|spec| !spec.starts_with("RFC ")).chain(KEPT_ONLY).collect();
    let mut claims = BTreeSet::new();
    for (name, text) in pages() {
        let text = text.replace('\n', " ").replace("ection ", "§");
        for (at, _) in text.match_indices('§') {
            let rest = &text[at + '§'.len_utf8()..];
            let number = rest.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap();
            let number = number.trim_end_matches('.');
            if number.is_empty() {
                continue;
            }
            let spec = named_last(&text[..at], &others);
            let spec = spec.unwrap_or_else(|| panic!("{name}: §{number} of what?"));
            let claim = format!("{spec} §{number}");
            let known = sections.contains(&claim) || KEPT_ONLY.contains(&spec);
            assert!(known, "{name}: {claim} has no row");
            claims.insert(claim);
        }
    }
    assert!(claims.len() > 40, "{claims:?}");
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
