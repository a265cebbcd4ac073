//! The tables of routes, refusals and members against `public/openapi.json` and `wrangler.toml`. Whether responses are
//! as the document says, a contract fuzzer checks (`tests/contract/`).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rollcall::client::table::{Kind, MEMBERS};
use rollcall::http::{ALIASES, Caller, Endpoint, REFUSALS, ROUTES};
use rollcall_support::pages::root;
use rollcall_support::{Call, Server, UPDATE_DOCS, settings};
use serde_json::{Value, json};

/// The methods of operations in the document, which leaves out `HEAD` and `OPTIONS`.
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "PATCH"];

fn document() -> Value {
    serde_json::from_str(include_str!("../public/openapi.json")).unwrap()
}

/// The routes that a deployment has; the others are those of a developer's machine.
fn routes() -> impl Iterator<Item = &'static Endpoint> {
    ROUTES.iter().filter(|endpoint| endpoint.caller != Caller::Developer)
}

#[test]
fn openapi_document_has_every_route_and_no_other() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    for endpoint in routes() {
        let path = endpoint.path;
        let methods = endpoint.operations.iter().flat_map(|operation| operation.methods);
        let methods: BTreeSet<String> = methods.map(|method| method.to_ascii_lowercase()).collect();
        let item = paths.get(path);
        for method in &methods {
            let operation = item.and_then(|item| item.get(method));
            assert!(operation.is_some(), "public/openapi.json: add `{method}` at `{path}`");
        }
        for method in METHODS.map(str::to_ascii_lowercase) {
            let documented = item.is_some_and(|item| item.get(&method).is_some());
            let exists = methods.contains(&method);
            assert!(exists || !documented, "public/openapi.json: remove `{method}` at `{path}`");
        }
    }
    for path in paths.keys() {
        let exists = routes().any(|endpoint| endpoint.path == path);
        assert!(exists, "public/openapi.json: remove `{path}`, which is not in ROUTES");
    }
}

#[test]
fn every_route_answers_the_methods_of_the_table_and_no_other() {
    let server = Server::configured(settings(&json!({})));
    let mut operations = 0;
    for endpoint in routes() {
        let path = endpoint.path.replace("{client_id}", "AAAAAAAAAAAAAAAAAAAAAA");
        let path = path.replace("{id}", "AAAAAAAAAAAA");
        for method in METHODS {
            let answer = server.send(Call::new(method, &path));
            assert_eq!(answer.0.event.route, endpoint.path);
            let mut methods = endpoint.operations.iter().flat_map(|operation| operation.methods);
            let exists = methods.any(|known| *known == method);
            assert_eq!(answer.status() != 405, exists, "{method} {path}");
            operations += usize::from(exists);
        }
    }
    assert!(operations > 20, "{operations}");
}

/// R47.
#[test]
fn alias_leads_to_an_endpoint_of_the_table() {
    for (alias, path) in ALIASES {
        assert!(ROUTES.iter().any(|endpoint| endpoint.path == *path), "{alias}");
    }
}

/// The statuses that have no place in the document: a developer's machine, and a server that is set up wrongly.
const UNDOCUMENTED: [u16; 2] = [501, 508];

#[test]
fn openapi_document_has_the_status_of_every_refusal() {
    let document = document();
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    let documented: BTreeSet<String> = operations
        .filter_map(|operation| operation["responses"].as_object())
        .flat_map(|responses| responses.keys().cloned())
        .collect();
    let statuses: BTreeSet<String> = REFUSALS
        .iter()
        .filter(|row| !UNDOCUMENTED.contains(&row.status))
        .map(|row| row.status.to_string())
        .collect();
    let missing: Vec<_> = statuses.difference(&documented).collect();
    assert!(
        missing.is_empty(),
        "public/openapi.json: no operation has {missing:?} among its `responses`"
    );
}

/// Whether `path` is one that `pattern` of `run_worker_first` stands for.
fn matches(pattern: &str, path: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == path, |prefix| path.starts_with(prefix))
}

/// Every file below `folder`, as the path of a URL.
fn pages(folder: &Path, path: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = entries.flat_map(|entry| {
        let path = format!("{path}/{}", entry.file_name().unwrap().to_str().unwrap());
        if entry.is_dir() { pages(&entry, &path) } else { vec![path] }
    });
    paths.collect()
}

/// Else a file could take the place of a route, or a route that of a page.
#[test]
fn run_worker_first_has_every_route_and_no_page() {
    let root = root();
    let wrangler: toml::Table =
        fs::read_to_string(root.join("wrangler.toml")).unwrap().parse().unwrap();
    let patterns = wrangler["assets"]["run_worker_first"].as_array().unwrap();
    let patterns: Vec<&str> = patterns.iter().map(|pattern| pattern.as_str().unwrap()).collect();
    let aliases = ALIASES.iter().map(|(alias, _)| *alias);
    let paths: Vec<&str> = ROUTES.iter().map(|endpoint| endpoint.path).chain(aliases).collect();
    for path in &paths {
        let is_listed = patterns.iter().any(|pattern| matches(pattern, path));
        assert!(is_listed, "wrangler.toml: run_worker_first has no pattern for `{path}`");
    }
    for pattern in &patterns {
        let is_used = |path: &&str| matches(pattern, path) || matches(pattern, &format!("{path}/"));
        assert!(paths.iter().any(is_used), "wrangler.toml: no route needs `{pattern}`");
        let index = |page: &str| page.strip_suffix("index.html").map(str::to_owned);
        for page in pages(&root.join("public"), "") {
            let hides =
                matches(pattern, &page) || index(&page).is_some_and(|page| matches(pattern, &page));
            assert!(!hides, "wrangler.toml: `{pattern}` hides the page public{page}");
        }
    }
}

/// The properties of a schema as the table of members has them; a request may have `null` for each.
fn properties(is_request: bool) -> String {
    let mut properties = Vec::new();
    for member in MEMBERS.iter().filter(|member| member.kind != Kind::ServerAssigned) {
        let (name, more) = match member.kind.json_type() {
            "a list of strings" => {
                ("array", "\n      \"items\": {\n       \"type\": \"string\"\n      },")
            }
            "true or false" => ("boolean", ""),
            "a whole number of seconds" => ("integer", "\n      \"minimum\": 0,"),
            "an object" => ("object", ""),
            _ => ("string", ""),
        };
        let kind = if is_request {
            format!("[\n       \"{name}\",\n       \"null\"\n      ]")
        } else {
            format!("\"{name}\"")
        };
        properties.push(format!(
            "     \"{}\": {{\n      \"type\": {kind},{more}\n      \"description\": \"{}.\"\n     }}",
            member.name, member.spec
        ));
    }
    properties.join(",\n")
}

/// `document` with the members of the table in the schemas of a request and a response.
fn with_members(document: &str) -> String {
    let mut document = document.to_owned();
    for (schema, is_request) in [("ClientMetadata", true), ("ClientInformation", false)] {
        let schema = document.find(&format!("\n   \"{schema}\": {{")).unwrap();
        // Members that only the server assigns come before it, and are described by hand.
        let first = schema + document[schema..].find("     \"redirect_uris\": {").unwrap();
        let last = first + document[first..].find("\n    }").unwrap();
        document.replace_range(first..last, &properties(is_request));
    }
    document
}

#[test]
fn document_has_every_member_of_the_table_under_its_type() {
    const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../public/openapi.json");
    let found = fs::read_to_string(DOCUMENT).unwrap();
    let expected = with_members(&found);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(DOCUMENT, &expected).unwrap();
    } else {
        assert!(
            found == expected,
            "public/openapi.json is not what src/client/table.rs says: {UPDATE_DOCS}"
        );
    }
    let schemas = &document()["components"]["schemas"];
    for member in MEMBERS.iter().filter(|member| member.kind == Kind::ServerAssigned) {
        let described = |schema: &str| schemas[schema]["properties"].get(member.name).is_some();
        let where_described = (described("ClientMetadata"), described("ClientInformation"));
        assert_eq!(where_described, (false, true), "{}", member.name);
    }
}
