//! What the operator does with metadata documents: list, refresh, block and pin them. Decisions hold at every location,
//! whatever is fetched and whatever fails.

use std::mem::swap;

use rollcall::gate::Limit;
use rollcall::issuer::Config;
use rollcall::records::StoreError;
use rollcall::records::document_decisions::{HOLDS_AFTER, MOST_DECISIONS};
use rollcall_support::apis::{bearer, server_post};
use rollcall_support::kv::Fault;
use rollcall_support::{ADMIN_TOKEN, Answer, Call, Server, Web, answered, served, settings};
use serde_json::{Value, json};

const URL: &str = "https://client.example/oauth/client.json";
const OTHER: &str = "https://other.example/oauth/client.json";

fn document(url: &str) -> Value {
    json!({
        "client_id": url,
        "client_name": "Example",
        "redirect_uris": ["https://client.example/cb"],
        "token_endpoint_auth_method": "none",
    })
}

fn config(documents: &Value) -> Value {
    json!({"DOCUMENTS": documents})
}

/// A server with these settings of `DOCUMENTS`, and two documents to fetch.
fn resolver(documents: &Value) -> Server {
    let server = Server::configured(settings(&config(documents)));
    for url in [URL, OTHER] {
        publish(&server, url, json_of(&document(url)));
    }
    server
}

fn open() -> Server {
    resolver(&json!({"mode": "open"}))
}

fn json_of(document: &Value) -> Web {
    let mut fetched = served(document.to_string())?;
    fetched.headers = vec![("content-type".into(), "application/json".into())];
    Ok(fetched)
}

fn publish(server: &Server, url: &str, answer: Web) {
    server.web.borrow_mut().insert(url.into(), answer);
}

/// The document has another name from now on.
fn rename(server: &Server, name: &str) {
    let mut document = document(URL);
    document["client_name"] = name.into();
    publish(server, URL, json_of(&document));
}

fn look_up(server: &Server, url: &str) -> Answer {
    server_post(server, "/as/clients/look-up", &json!({"client_id": url}))
}

fn request(action: &str, body: &Value) -> Call {
    let call = bearer("POST", &format!("/admin/documents/{action}"), ADMIN_TOKEN);
    call.header("content-type", "application/json").body(body.to_string())
}

/// The operator does something with a document.
fn act(server: &Server, action: &str, url: &str) -> Answer {
    let answer = server.send(request(action, &json!({"client_id": url})));
    // KV takes one write per second and key.
    server.store.pass(1_000);
    answer
}

fn list(server: &Server, query: &str) -> Value {
    let answer = server.send(bearer("GET", &format!("/admin/documents{query}"), ADMIN_TOKEN));
    assert_eq!(answer.status(), 200);
    answer.json()
}

/// Other isolates of the same deployment, each at a location: the server is one of them at a time.
struct Isolates {
    server: Server,
    documents: Value,
    others: Vec<(usize, Config)>,
    current: usize,
}

impl Isolates {
    fn new(documents: &Value) -> Self {
        let server = resolver(documents);
        let (documents, others) = (documents.clone(), Vec::new());
        Self { server, documents, others, current: 0 }
    }

    /// Lets a new isolate at `location` do what follows; its number comes with `back_to`.
    fn at(&mut self, location: usize) -> &Server {
        let mut new = Config::parse(settings(&config(&self.documents))).unwrap();
        swap(&mut self.server.config, &mut new);
        self.others.push((self.current, new));
        self.current = location;
        self.server.store.location.set(location);
        &self.server
    }

    /// Lets the isolate that was at `location` first do what follows.
    fn back_to(&mut self, location: usize) -> &Server {
        let at = self.others.iter().position(|(known, _)| *known == location).unwrap();
        let (_, mut config) = self.others.remove(at);
        swap(&mut self.server.config, &mut config);
        self.others.push((self.current, config));
        self.current = location;
        self.server.store.location.set(location);
        &self.server
    }
}

#[test]
fn blocked_document_stays_blocked_whatever_changes() {
    let server = open();
    assert_eq!(look_up(&server, URL).status(), 200);
    assert_eq!(act(&server, "block", URL).status(), 204);
    let fetched = server.fetched.get();
    for pass in [0, 3_600_000, 90_000_000] {
        server.store.pass(pass);
        rename(&server, &format!("Example {pass}"));
        let refusal = (403, "unapproved_client".into());
        assert_eq!(look_up(&server, URL).refusal_off_browsers(), refusal);
        assert_eq!(act(&server, "refresh", URL).refusal_off_browsers(), refusal);
    }
    assert_eq!(server.fetched.get(), fetched);
    assert_eq!(look_up(&server, OTHER).status(), 200);
    assert_eq!(act(&server, "unblock", URL).status(), 204);
    assert_eq!(look_up(&server, URL).json()["metadata"]["client_name"], "Example 90000000");
}

/// Threat: the location that fetches writes the copy again, and does not know of the block.
#[test]
fn block_holds_at_once_where_it_was_made_and_everywhere_within_two_minutes() {
    let mut isolates = Isolates::new(&json!({"mode": "open"}));
    let server = isolates.at(1);
    assert_eq!(look_up(server, URL).status(), 200);
    let server = isolates.at(0);
    assert_eq!(act(server, "block", URL).status(), 204);
    assert_eq!(look_up(server, URL).status(), 403);
    let blocked_at = server.store.clock.get() - 1_000;
    // Another isolate of the first location reads what that location has just ceased to see.
    isolates.server.store.pass(58_500);
    let server = isolates.at(1);
    assert_eq!(look_up(server, URL).status(), 200);
    let mut late = 0;
    while server.store.clock.get() < blocked_at + HOLDS_AFTER * 1000 {
        // It fetches, and writes the copy again.
        rename(server, &late.to_string());
        act(server, "refresh", URL);
        late += u32::from(look_up(server, URL).status() == 200);
        server.store.pass(9_000);
    }
    assert!((1..12).contains(&late), "{late}");
    for _ in 0..5 {
        assert_eq!(look_up(server, URL).status(), 403);
        server.store.pass(60_000);
    }
    let server = isolates.back_to(0);
    assert_eq!(look_up(server, URL).status(), 403);
    assert_eq!(look_up(isolates.at(2), URL).status(), 403);
}

#[test]
fn warm_isolate_reads_the_decisions_once_a_minute() {
    let server = open();
    look_up(&server, URL);
    let reads = server.store.operations().0;
    for _ in 0..6 {
        server.store.pass(9_000);
        look_up(&server, URL);
    }
    assert_eq!(server.store.operations().0, reads + 6);
    server.store.pass(6_000);
    look_up(&server, URL);
    assert_eq!(server.store.operations(), (reads + 8, 1));
    assert_eq!(server.booked.get(), 0);
}

#[test]
fn block_that_the_store_does_not_take_is_503_and_holds_once_it_is_repeated() {
    let mut isolates = Isolates::new(&json!({"mode": "open"}));
    let server = isolates.at(1);
    look_up(server, URL);
    server.store.fail(vec![Fault::Error; 10]);
    assert_eq!(act(server, "block", URL).status(), 503);
    server.store.fail([]);
    assert_eq!(look_up(server, URL).status(), 403, "it holds here");
    assert_eq!(list(server, "")["decisions"][0]["client_id"], URL);
    assert_eq!(look_up(isolates.at(2), URL).status(), 200, "others do not know");
    let server = isolates.back_to(1);
    assert_eq!(act(server, "block", URL).status(), 204);
    server.store.pass(HOLDS_AFTER * 1000);
    assert_eq!(look_up(isolates.back_to(2), URL).status(), 403);
}

#[test]
fn object_that_is_down_changes_no_decision_and_no_look_up() {
    let server = open();
    act(&server, "block", OTHER);
    let failure = StoreError::Unavailable("The Durable Object failed".into());
    server.book_failure.replace(Some(failure));
    assert_eq!(act(&server, "block", URL).status(), 503);
    assert_eq!(server.send(bearer("GET", "/admin/documents", ADMIN_TOKEN)).status(), 503);
    server.store.pass(HOLDS_AFTER * 1000);
    assert_eq!(look_up(&server, URL).status(), 200);
    assert_eq!(look_up(&server, OTHER).status(), 403);
}

#[test]
fn decisions_that_cannot_be_read_hold_as_they_were_last_known() {
    let mut isolates = Isolates::new(&json!({"mode": "open"}));
    let server = &isolates.server;
    act(server, "block", URL);
    server.store.pass(3_600_000);
    server.store.fail(vec![Fault::Error; 2]);
    let refused = look_up(server, URL);
    assert_eq!(refused.status(), 403);
    // A value of a later version is not understood either.
    let (key, _) =
        server.store.records().into_iter().find(|(key, _)| key.starts_with("o:")).unwrap();
    server.store.plant(&key, "{\"v\":9}");
    server.store.pass(3_600_000);
    assert_eq!(look_up(server, URL).status(), 403);
    let known = look_up(server, OTHER);
    assert_eq!(known.status(), 200);
    // The isolate has asked a moment ago.
    assert_eq!(known.0.event.detail, None);
    server.store.pass(3_600_000);
    let note = look_up(server, OTHER).0.event.detail.unwrap();
    assert!(note.contains("cannot be read, the last known ones hold"), "{note}");
    // An isolate that knows none goes on, and says so.
    let answer = look_up(isolates.at(0), URL);
    assert_eq!(answer.status(), 200);
    let note = answer.0.event.detail.unwrap();
    assert!(note.contains("cannot be read, none hold"), "{note}");
}

/// The later decision is stored before the earlier one.
#[test]
fn earlier_decision_does_not_overwrite_a_later_one() {
    let server = open();
    server.store.fail([Fault::Conflict]);
    let call = request("block", &json!({"client_id": URL}));
    let first = server.send_waiting(call, || {
        assert_eq!(server.send(request("block", &json!({"client_id": OTHER}))).status(), 204);
    });
    assert_eq!(first.status(), 204);
    let stored = server.store.records();
    let [(key, value)] = &*stored else { panic!("{stored:?}") };
    assert!(key.starts_with("o:"), "{key}");
    let stored: Value = serde_json::from_str(value).unwrap();
    assert_eq!(stored["number"], 2);
    let urls: Vec<_> = stored["documents"].as_array().unwrap().iter().collect();
    assert_eq!([&urls[0]["client_id"], &urls[1]["client_id"]], [URL, OTHER]);
}

#[test]
fn number_of_decisions_is_bounded_and_known_documents_can_still_change() {
    let server = open();
    let url = |index: usize| format!("https://client{index}.example/{}", "a".repeat(480));
    for index in 0..MOST_DECISIONS {
        assert_eq!(act(&server, "block", &url(index)).status(), 204, "{index}");
    }
    look_up(&server, OTHER);
    for action in ["block", "pin"] {
        let full = act(&server, action, OTHER);
        assert_eq!(full.refusal_off_browsers(), (400, "invalid_request".into()), "{action}");
    }
    let (_, row) =
        server.store.records().into_iter().find(|(key, _)| key.starts_with("o:")).unwrap();
    assert!(row.len() < 150_000, "{} bytes", row.len());
    assert_eq!(act(&server, "block", &url(7)).status(), 204);
    assert_eq!(act(&server, "unblock", &url(7)).status(), 204);
    assert_eq!(act(&server, "block", OTHER).status(), 204);
    // The document that could not be pinned is not kept.
    server.store.pass(700_000);
    assert!(!server.store.records().iter().any(|(key, _)| key.starts_with("p:")));
}

#[test]
fn pinned_document_is_used_like_one_of_the_settings() {
    let server = open();
    look_up(&server, URL);
    assert_eq!(act(&server, "pin", URL).status(), 204);
    rename(&server, "Other");
    server.store.pass(3_600_000);
    let live = look_up(&server, URL).json();
    assert_eq!((&live["source"], &live["vouched_by"]), (&json!("live"), &json!("documents")));
    publish(&server, URL, answered(403));
    server.store.pass(3_600_000);
    let pinned = look_up(&server, URL).json();
    assert_eq!(
        (&pinned["source"], &pinned["metadata"]["client_name"]),
        (&json!("pinned"), &json!("Example"))
    );
    publish(&server, URL, answered(404));
    assert_eq!(look_up(&server, URL).refusal_off_browsers(), (400, "invalid_client".into()));
}

#[test]
fn pinned_document_counts_as_listed_and_nothing_is_fetched_for_it() {
    let mut isolates = Isolates::new(&json!({"mode": "listed"}));
    let server = isolates.at(1);
    assert_eq!(look_up(server, URL).status(), 403);
    let missing = act(server, "pin", URL);
    assert_eq!(missing.refusal_off_browsers(), (400, "invalid_request".into()));
    let pin = |document: &Value| {
        server.store.pass(1_000);
        server.send(request("pin", &json!({"client_id": URL, "document": document})))
    };
    for (wrong, code) in [
        (json!("text"), "invalid_request"),
        (json!({}), "invalid_client"),
        (document(OTHER), "invalid_client"),
        (json!({"client_id": URL, "client_secret": "x"}), "invalid_client"),
        (json!({"client_id": URL, "x": "y".repeat(6_000)}), "invalid_client"),
    ] {
        assert_eq!(pin(&wrong).refusal_off_browsers(), (400, code.into()), "{wrong}");
    }
    assert_eq!(pin(&document(URL)).status(), 204);
    let found = look_up(server, URL).json();
    assert_eq!((&found["source"], &found["vouched_by"]), (&json!("pinned"), &json!("documents")));
    let mut renamed = document(URL);
    renamed["client_name"] = "Renamed".into();
    assert_eq!(pin(&renamed).status(), 204);
    assert_eq!(look_up(server, URL).json()["metadata"]["client_name"], "Renamed");
    assert_eq!(server.fetched.get(), 0);
    // A refresh asks the server all the same.
    assert_eq!(act(server, "refresh", URL).json()["source"], "live");
    assert_eq!(look_up(server, URL).json()["source"], "pinned");
    assert_eq!(list(server, "")["documents"][0]["source"], "pinned");

    // Blocking wins. Unblocked, it is pinned again.
    act(server, "block", URL);
    assert_eq!(look_up(server, URL).status(), 403);
    act(server, "unblock", URL);
    assert_eq!(look_up(server, URL).status(), 200);

    // While it is not known elsewhere that it is unpinned, it is still there.
    assert_eq!(look_up(isolates.at(2), URL).json()["source"], "pinned");
    let server = isolates.back_to(1);
    assert_eq!(act(server, "unpin", URL).status(), 204);
    assert_eq!(look_up(server, URL).status(), 403);
    server.store.pass(50_000);
    assert_eq!(look_up(isolates.back_to(2), URL).json()["source"], "pinned");
    let server = isolates.back_to(1);
    server.store.pass(700_000);
    assert!(!server.store.records().iter().any(|(key, _)| key.starts_with("p:")));
}

#[test]
fn pinned_document_that_cannot_be_read_is_503_and_never_another_one() {
    let server = resolver(&json!({"mode": "listed", "hosts": ["client.example"]}));
    look_up(&server, URL);
    act(&server, "pin", URL);
    let (key, _) =
        server.store.records().into_iter().find(|(key, _)| key.starts_with("p:")).unwrap();
    for fault in [true, false] {
        if fault {
            server.store.fail(vec![Fault::Error; 2]);
        } else {
            server.store.plant(&key, "{}");
        }
        let status = if fault { 503 } else { 400 };
        assert_eq!(look_up(&server, URL).status(), status);
        server.store.fail([]);
    }
    assert_eq!(server.fetched.get(), 1);
}

#[test]
fn denied_host_is_not_pinned() {
    let server = resolver(&json!({"mode": "open", "denied_hosts": ["client.example"]}));
    let body = json!({"client_id": URL, "document": document(URL)});
    let answer = server.send(request("pin", &body));
    assert_eq!(answer.refusal_off_browsers(), (403, "unapproved_client".into()));
    assert_eq!(server.store.operations().1, 0);
}

#[test]
fn list_shows_each_document_with_its_state() {
    let server = open();
    let first = look_up(&server, URL).json();
    look_up(&server, OTHER);
    let first_seen = server.now();
    publish(&server, OTHER, answered(404));
    server.store.pass(3_600_000);
    look_up(&server, OTHER);
    act(&server, "block", "https://unseen.example/c");
    act(&server, "block", URL);
    let (lists, requests) = (server.store.lists(), server.booked.get());
    let page = list(&server, "");
    assert_eq!((server.store.lists(), server.booked.get()), (lists + 1, requests + 1));
    assert_eq!((&page["mode"], page.get("cursor")), (&json!("open"), None));
    let find = |url: &str| {
        let documents = page["documents"].as_array().unwrap();
        documents.iter().find(|document| document["client_id"] == url).unwrap().clone()
    };
    let blocked_at = server.now() - 1;
    assert_eq!(
        find(URL),
        json!({
            "client_id": URL,
            "document_host": "client.example",
            "client_name": "Example",
            "source": "last_good",
            "first_seen": first_seen,
            "last_used": first_seen,
            "fresh_until": first_seen + 3_600,
            "version": first["version"],
            "redirects_version": first["redirects_version"],
            "blocked_at": blocked_at,
        })
    );
    let gone = find(OTHER);
    assert_eq!((&gone["source"], gone.get("version")), (&json!("gone"), None));
    assert_eq!(
        (&gone["first_seen"], &gone["last_used"]),
        (&json!(first_seen), &json!(first_seen + 3_600))
    );
    let decisions = json!([
        {"client_id": "https://unseen.example/c", "blocked_at": blocked_at - 1},
        {"client_id": URL, "blocked_at": blocked_at},
    ]);
    assert_eq!(page["decisions"], decisions);

    let first = list(&server, "?limit=1");
    let cursor = first["cursor"].as_str().unwrap().replace(' ', "%20");
    let second = list(&server, &format!("?limit=1&cursor={cursor}"));
    assert_ne!(first["documents"][0]["client_id"], second["documents"][0]["client_id"]);
    assert_eq!(second.get("decisions"), None);
    for query in ["?limit=0", "?limit=1001", "?cursor=x", "?x=1", "?limit=1&limit=2"] {
        let wrong = server.send(bearer("GET", &format!("/admin/documents{query}"), ADMIN_TOKEN));
        assert_eq!(wrong.refusal_off_browsers(), (400, "invalid_request".into()), "{query}");
    }
}

#[test]
fn refresh_fetches_a_fresh_document_within_the_limits() {
    let server = open();
    look_up(&server, URL);
    rename(&server, "Other");
    assert_eq!(look_up(&server, URL).json()["source"], "cache");
    let refreshed = act(&server, "refresh", URL);
    let client = refreshed.json();
    assert_eq!(
        (&client["source"], &client["metadata"]["client_name"]),
        (&json!("live"), &json!("Other"))
    );
    let events: Vec<_> = refreshed.0.document_events.iter().map(|event| event.action).collect();
    assert_eq!(events, ["document.changed"]);
    assert_eq!(look_up(&server, URL).json()["version"], client["version"]);
    server.reached.replace(vec![Limit::DocumentHost]);
    assert_eq!(act(&server, "refresh", URL).json()["source"], "last_good");
    assert_eq!(act(&server, "refresh", OTHER).status(), 503);
    assert_eq!(server.fetched.get(), 2);
    server.reached.replace(Vec::new());
    publish(&server, URL, answered(410));
    assert_eq!(act(&server, "refresh", URL).refusal_off_browsers(), (400, "invalid_client".into()));
}

#[test]
fn every_action_is_an_event_of_its_own_with_the_document() {
    let server = open();
    look_up(&server, URL);
    for action in ["refresh", "block", "unblock", "pin", "unpin"] {
        let answer = act(&server, action, URL);
        let event = &answer.0.event;
        assert_eq!(event.action, format!("admin.{action}_document"));
        assert_eq!((event.outcome, event.client_id.as_deref()), ("ok", Some(URL)));
        assert!(answer.0.is_audited());
    }
    let unauthorized =
        server.send(request("block", &json!({"client_id": URL})).without("authorization"));
    assert_eq!(unauthorized.status(), 401);
}

#[test]
fn requests_that_make_no_sense_decide_nothing() {
    let server = open();
    for (body, code) in [
        (json!([]), "invalid_request"),
        (json!({}), "invalid_request"),
        (json!({"client_id": 7}), "invalid_request"),
        (json!({"client_id": URL, "x": 1}), "invalid_request"),
        (json!({"client_id": URL, "document": document(URL)}), "invalid_request"),
        (json!({"client_id": "AAAAAAAAAAAAAAAAAAAAAA"}), "invalid_client"),
        (json!({"client_id": "https://auth.example.com/c"}), "invalid_client"),
    ] {
        let answer = server.send(request("block", &body));
        assert_eq!(answer.refusal_off_browsers(), (400, code.into()), "{body}");
    }
    assert_eq!((server.booked.get(), server.store.operations()), (0, (0, 0)));
    let off = Server::configured(settings(&json!({})));
    for action in ["refresh", "block", "unblock", "pin", "unpin"] {
        assert_eq!(act(&off, action, URL).refusal_off_browsers(), (404, "not_found".into()));
    }
    let page = list(&off, "");
    assert_eq!(page, json!({"mode": "off", "documents": [], "decisions": []}));
}
