//! Random lives of a metadata document: its server changes it, fails and loses it, the store fails, and look-ups come in
//! at several locations. A simple model says what may be served.

use crate::cases::cases;
use proptest::prelude::*;
use rollcall::gate::Limit;
use rollcall::issuer::Config;
use rollcall::runtime::{FetchError, Fetched};
use rollcall_support::apis::server_post;
use rollcall_support::kv::{Fault, PROPAGATION_MS};
use rollcall_support::{Server, Web, answered, settings};
use serde_json::{Value, json};

const URL: &str = "https://client.example/oauth/client.json";
/// The bounds of the model's documents, in seconds.
const FRESH: u64 = 600;
const LAST_GOOD: u64 = 3_600;
const LOCATIONS: usize = 3;

/// What the document's server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It serves this version.
    Good(u8),
    /// It serves this version to whoever has another one, and confirms it to whoever has it.
    Conditional(u8),
    /// It says that there is none.
    Gone(u16),
    /// It serves a document of another client.
    Invalid,
    /// It sends more than a document may have, once decompressed.
    Bomb,
    /// It redirects, rejects, fails.
    Status(u16),
    /// It sends a page of a firewall, or half of the document.
    Page(&'static str),
    /// It takes too long, or the network is down.
    Silent,
}

impl State {
    /// Whether it says that there is no document.
    fn refutes(self) -> bool {
        matches!(self, Self::Gone(_) | Self::Invalid | Self::Bomb)
    }

    fn version(self) -> Option<u8> {
        match self {
            Self::Good(version) | Self::Conditional(version) => Some(version),
            _ => None,
        }
    }

    /// What it answers to a request with `if_none_match`.
    fn answer(self, if_none_match: Option<&str>) -> Web {
        let page = |body: Vec<u8>, etag: Option<String>| {
            let mut headers = vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("cache-control".to_owned(), format!("max-age={FRESH}")),
            ];
            headers.extend(etag.map(|etag| ("etag".to_owned(), etag)));
            Ok(Fetched { status: 200, headers, body })
        };
        match self {
            Self::Good(version) => page(document(version), None),
            Self::Conditional(version) => {
                let etag = format!("\"{version}\"");
                if if_none_match == Some(&*etag) {
                    let headers = vec![("cache-control".into(), format!("max-age={FRESH}"))];
                    return Ok(Fetched { status: 304, headers, body: Vec::new() });
                }
                page(document(version), Some(etag))
            }
            Self::Gone(status) | Self::Status(status) => answered(status),
            Self::Invalid => {
                page(json!({"client_id": "https://other.example/c"}).to_string().into(), None)
            }
            Self::Bomb => page(vec![b' '; 1_000_000], None),
            Self::Page(text) => page(text.into(), None),
            Self::Silent => Err(FetchError::Failed("it takes too long".into())),
        }
    }
}

fn document(version: u8) -> Vec<u8> {
    let document = json!({
        "client_id": URL,
        "client_name": format!("Version {version}"),
        "redirect_uris": ["https://client.example/cb"],
        "client_uri": "https://client.example/",
    });
    document.to_string().into_bytes()
}

#[derive(Debug, Clone)]
struct Step {
    /// What the document's server does from now on.
    state: State,
    location: usize,
    after_ms: u64,
    faults: Vec<Fault>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let state = prop_oneof![
        3 => (0_u8..4).prop_map(State::Good),
        4 => (0_u8..4).prop_map(State::Conditional),
        2 => prop_oneof![Just(404_u16), Just(410)].prop_map(State::Gone),
        1 => Just(State::Invalid),
        1 => Just(State::Bomb),
        2 => prop_oneof![Just(301_u16), Just(302), Just(403), Just(429), Just(500), Just(503)].prop_map(State::Status),
        1 => prop_oneof![Just("<html>"), Just("{\"client_id\": \"https://cli")].prop_map(State::Page),
        2 => Just(State::Silent),
    ];
    let fault = prop_oneof![
        8 => Just(Fault::None),
        1 => Just(Fault::Conflict),
        2 => Just(Fault::Error),
        1 => Just(Fault::LostAnswer),
        1 => Just(Fault::Slow(3_000)),
    ];
    let after_ms = prop_oneof![
        Just(100_u64),
        Just(1_000),
        Just(30_000),
        Just(61_000),
        Just(599_000),
        Just(601_000),
        Just(3_000_000),
        Just(3_700_000)
    ];
    let step = (state, 0..LOCATIONS, after_ms, prop::collection::vec(fault, 0..5));
    let step = step.prop_map(|(state, location, after_ms, faults)| Step {
        state,
        location,
        after_ms,
        faults,
    });
    prop::collection::vec(step, 1..25)
}

/// What the model knows. Times are seconds since 1970.
#[derive(Default)]
struct Model {
    /// When each version was last fetched or confirmed anywhere.
    confirmed: [Option<u64>; 4],
    /// When each location last learnt that there is no document.
    refuted_at: [Option<u64>; LOCATIONS],
    /// When the store last got to know the same.
    refuted: Option<u64>,
}

impl Model {
    /// Whether a location may serve `version` at `now`.
    fn check(&self, version: u8, location: usize, now: u64) -> Result<(), TestCaseError> {
        let confirmed = self.confirmed[usize::from(version)];
        prop_assert!(confirmed.is_some(), "version {version} was never fetched");
        let confirmed = confirmed.unwrap();
        let age = now - confirmed;
        prop_assert!(age <= FRESH.max(LAST_GOOD), "version {version} is {age} s old");
        if let Some(refuted) = self.refuted_at[location] {
            prop_assert!(confirmed >= refuted, "the location knows that version {version} is gone");
        }
        if let Some(refuted) = self.refuted.filter(|refuted| confirmed < *refuted) {
            let until = (confirmed + FRESH).max(refuted) + PROPAGATION_MS / 1000;
            prop_assert!(now <= until, "version {version} is served {} s too long", now - until);
        }
        Ok(())
    }
}

fn run(steps: Vec<Step>, allowed: usize) -> Result<(), TestCaseError> {
    let documents = json!({"mode": "open", "last_good": LAST_GOOD});
    let vars = json!({"DOCUMENTS": documents});
    let mut server = Server::configured(settings(&vars));
    let mut isolates: Vec<Config> =
        (0..LOCATIONS).map(|_| Config::parse(settings(&vars)).unwrap()).collect();
    server.allowances.replace(vec![(Limit::Documents, allowed)]);
    let mut model = Model::default();
    for Step { state, location, after_ms, faults } in steps {
        server.store.pass(after_ms);
        server.store.location.set(location);
        server.store.fail(faults);
        std::mem::swap(&mut server.config, &mut isolates[location]);
        let before = server.fetched.get();
        // The answer depends on the validator, so the request for it is looked at first.
        server.respond_to_fetch(move |headers| {
            state.answer(headers.get("if-none-match").map(String::as_str))
        });
        let answer = server_post(&server, "/as/clients/look-up", &json!({"client_id": URL}));
        server.store.fail([]);
        std::mem::swap(&mut server.config, &mut isolates[location]);

        let now = server.now();
        let fetches = server.fetched.get() - before;
        prop_assert!(fetches <= 1, "{fetches} fetches for one look-up");
        if fetches == 1 {
            if let Some(version) = state.version() {
                model.confirmed[usize::from(version)] = Some(now);
                model.refuted_at[location] = None;
            }
            if state.refutes() {
                model.refuted_at[location] = Some(now);
                let kept = server.store.records();
                let is_marked = kept
                    .iter()
                    .any(|(key, text)| key.starts_with("m:") && !text.contains("\"copy\""));
                model.refuted = if is_marked { Some(now) } else { model.refuted };
            }
        }
        match answer.status() {
            200 => {
                let client: Value = answer.json();
                let text = client.to_string();
                prop_assert!(!text.contains("client_secret") && !text.contains("registration_"));
                let name = client["metadata"]["client_name"].as_str().unwrap();
                let version: u8 = name.strip_prefix("Version ").unwrap().parse().unwrap();
                if client["source"] == "live" {
                    prop_assert_eq!(Some(version), state.version());
                }
                model.check(version, location, now)?;
            }
            400 => prop_assert!(fetches == 1 && state.refutes(), "{:?}", answer.0),
            503 => {}
            other => prop_assert!(false, "status {}", other),
        }
    }
    prop_assert!(server.fetched.get() as usize <= 2 * allowed, "the limits hold");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_served_that_is_gone_too_old_or_beyond_the_limits(
        steps in steps(),
        allowed in prop_oneof![Just(3_usize), Just(1_000)],
    ) {
        run(steps, allowed)?;
    }
}
