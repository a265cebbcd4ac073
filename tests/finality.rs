//! A client that was ended stays ended, whatever happens at the same time: requests at several locations interleave step by
//! step, KV and the ledger fail, and requests are killed in the middle.
//!
//! KV remembers absence only of keys that were asked for, and a client has one key: its record. So an attacker can only
//! keep the absence of a whole client in a location's view. That is possible where a client is imported whose identifier
//! is known: half of the cases begin so, and [`Action::Probe`] renews what a location remembers.
//!
//! Outside of it is a write that takes longer than the lease of its writer ([`rollcall::records::ledger::LEASE`]):
//! `docs/lifecycle.md` says so. The requests of a round therefore overlap for at most 15 seconds of the model's clock.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Waker};

use crate::support::kv::Fault;
use crate::support::{ADMIN_TOKEN, AS_TOKEN, Answer, Call, Server, path_of, settings};
use proptest::prelude::*;
use serde_json::{Value, json};

const LOCATIONS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Action {
    /// The holder, or a thief of the first token, updates the client.
    Update,
    /// The same caller reads, which keeps a location's view of the record.
    Read,
    HolderDeletes,
    /// The authorization server asks, which records a use.
    Use,
    /// Somebody asks for the client with a wrong token.
    Probe,
    Disable,
    Enable,
    RotateToken,
    RotateSecret,
    OperatorDeletes,
    /// The operator imports the record as it was registered.
    Import,
    /// The client repeats its registration, whose response may have been lost.
    Repeat,
}

const ACTIONS: [Action; 12] = [
    Action::Update,
    Action::Read,
    Action::HolderDeletes,
    Action::Use,
    Action::Probe,
    Action::Disable,
    Action::Enable,
    Action::RotateToken,
    Action::RotateSecret,
    Action::OperatorDeletes,
    Action::Import,
    Action::Repeat,
];

impl Action {
    /// The request; `record` is the client as it was stored at first.
    fn call(self, client: &Value, record: &str) -> Call {
        let id = client["client_id"].as_str().unwrap();
        let operator = |method: &str, below: &str| {
            Call::new(method, &format!("/admin/clients/{id}{below}"))
                .header("authorization", &format!("Bearer {ADMIN_TOKEN}"))
        };
        match self {
            Self::Update => {
                Call::update(client, &json!({"redirect_uris": ["https://b.example/cb"]}))
            }
            Self::Read => Call::of("GET", client),
            Self::HolderDeletes => Call::of("DELETE", client),
            Self::Use => Call::new("GET", &format!("/as/clients/{id}"))
                .header("authorization", &format!("Bearer {AS_TOKEN}")),
            Self::Probe => {
                Call::new("GET", path_of(client)).header("authorization", "Bearer wrong")
            }
            Self::Disable => operator("POST", "/disable"),
            Self::Enable => operator("POST", "/enable"),
            Self::RotateToken => operator("POST", "/rotate")
                .header("content-type", "application/json")
                .body(r#"{"credential": "registration_access_token"}"#),
            Self::RotateSecret => operator("POST", "/rotate")
                .header("content-type", "application/json")
                .body(r#"{"credential": "client_secret"}"#),
            Self::OperatorDeletes => operator("DELETE", ""),
            Self::Import => Call::new("POST", "/admin/clients/import")
                .header("authorization", &format!("Bearer {ADMIN_TOKEN}"))
                .header("content-type", "application/x-ndjson")
                .body(record),
            Self::Repeat => first_request(),
        }
    }
}

/// Requests that begin together.
#[derive(Debug, Clone)]
struct Round {
    requests: Vec<(usize, Action)>,
    /// Which of them goes on next, for each step.
    turns: Vec<usize>,
    /// After how many steps the first of them is killed.
    killed_after: Option<usize>,
    kv_faults: Vec<Fault>,
    ledger_faults: Vec<Fault>,
    /// How much time passes afterwards, in milliseconds.
    pause: u64,
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let fault = prop_oneof![
        8 => Just(Fault::None),
        1 => Just(Fault::Error),
        1 => Just(Fault::LostAnswer),
        1 => Just(Fault::Conflict),
    ];
    prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(fault, 0..8)]
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let request = (0..LOCATIONS, prop::sample::select(ACTIONS.to_vec()));
    let round = (
        prop::collection::vec(request, 1..4),
        prop::collection::vec(0..3_usize, 0..40),
        prop::option::weighted(0.1, 0..10_usize),
        faults(),
        faults(),
        prop::sample::select(vec![0, 100, 2_000, 20_000, 40_000, 90_000, 700_000, 90_000_000]),
    );
    let round =
        round.prop_map(|(requests, turns, killed_after, kv_faults, ledger_faults, pause)| Round {
            requests,
            turns,
            killed_after,
            kv_faults,
            ledger_faults,
            pause,
        });
    prop::collection::vec(round, 1..8)
}

/// The clients whose end is final now.
#[derive(Debug, Default, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each of them becomes true by itself")]
struct Final {
    deleted: bool,
    disabled: bool,
    token_rotated: bool,
    secret_rotated: bool,
}

/// The registration, which its client may repeat.
fn first_request() -> Call {
    Call::register(r#"{"redirect_uris": ["https://a.example/cb"]}"#)
        .header("idempotency-key", "one-registration-and-no-other")
}

type Sending<'s> = Pin<Box<dyn Future<Output = Answer> + 's>>;

/// Sends the requests of a round step by step; the statuses of those that were not killed.
fn send_interleaved(
    server: &Server,
    client: &Value,
    record: &str,
    round: &Round,
) -> Vec<Option<u16>> {
    let answers = interleave(server, round, &|action| action.call(client, record));
    answers.iter().map(|answer| answer.as_ref().map(Answer::status)).collect()
}

/// Sends the requests of a round step by step; the answers to those that were not killed.
fn interleave(
    server: &Server,
    round: &Round,
    call: &dyn Fn(Action) -> Call,
) -> Vec<Option<Answer>> {
    server.store.interleaved.set(true);
    let begun = server.store.clock.get();
    let send = |&(location, action): &(usize, Action)| -> (usize, Option<Sending<'_>>) {
        (location, Some(Box::pin(server.send_step_by_step(call(action)))))
    };
    let mut sending: Vec<_> = round.requests.iter().map(send).collect();
    let mut answers: Vec<Option<Answer>> = sending.iter().map(|_| None).collect();
    let mut turns = round.turns.iter().copied();
    let steps = Cell::new(0_usize);
    while sending.iter().any(|(_, future)| future.is_some()) {
        if round.killed_after == Some(steps.get()) {
            sending[0].1 = None;
        }
        steps.set(steps.get() + 1);
        assert!(steps.get() < 10_000, "a request never ends");
        // A write that takes longer than a writer may is outside of what the ledger promises: no writer is
        // overtaken for that long.
        let is_early = server.store.clock.get() - begun < 15_000;
        let wanted = turns.next().filter(|_| is_early).unwrap_or(0) % sending.len();
        let mut order = (0..sending.len()).map(|n| (n + wanted) % sending.len());
        let Some(next) = order.find(|at| sending[*at].1.is_some()) else { continue };
        let (location, future) = &mut sending[next];
        server.store.location.set(*location);
        let polled =
            future.as_mut().unwrap().as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let std::task::Poll::Ready(answer) = polled {
            answers[next] = Some(answer);
            *future = None;
        }
    }
    server.store.interleaved.set(false);
    answers
}

/// The digest of a credential that the client got at its registration.
fn digest_of(client: &Value, credential: &str) -> String {
    rollcall::vocabulary::Digest::of(client[credential].as_str().unwrap()).into()
}

/// Lets every location ask for a client that is not there yet, and then imports it.
fn import_after_probes(
    registered: &Server,
    client: &Value,
    record: &str,
    rotation: &str,
) -> Server {
    let server = server(rotation);
    server.store.clock.set(registered.store.clock.get());
    for location in 0..LOCATIONS {
        server.store.location.set(location);
        assert_eq!(server.send(Action::Probe.call(client, record)).status(), 401);
    }
    // Somewhere the absence is forgotten, so that the import goes through.
    server.store.pass(61_000);
    for location in 1..LOCATIONS {
        server.store.location.set(location);
        server.send(Action::Probe.call(client, record));
    }
    server.store.location.set(0);
    let imported = server.send(Action::Import.call(client, record));
    assert_eq!(imported.json()["imported"], 1, "{}", imported.json());
    server
}

/// Looks at KV's centre while no request is under way.
fn check_centre(server: &Server, client: &Value, ended: Final) -> Result<(), TestCaseError> {
    let id = client["client_id"].as_str().unwrap();
    let records = server.store.records();
    let record = records.iter().find(|(key, _)| key.ends_with(id));
    let record: Option<Value> = record.map(|(_, text)| serde_json::from_str(text).unwrap());
    if ended.deleted {
        prop_assert_eq!(record, None, "a deleted client is back");
        return Ok(());
    }
    if let Some(record) = record {
        if ended.disabled {
            prop_assert!(record.get("disabled_at").is_some(), "a disabled client is active");
        }
        if ended.token_rotated {
            let digest = digest_of(client, "registration_access_token");
            let works = record["tokens"].as_array().unwrap().contains(&digest.into());
            prop_assert!(!works, "a rotated token works again");
        }
        let former = digest_of(client, "client_secret");
        let has_former = record["secrets"].to_string().contains(&former);
        prop_assert!(!(ended.secret_rotated && has_former), "a rotated secret works again");
    }
    Ok(())
}

fn server(rotation: &str) -> Server {
    // A lifetime lets uses be recorded; it is longer than the test.
    let registration = json!({
        "registration_access_token_rotation": rotation, "idle_client_ttl": 2_000_000_000,
    });
    let key = format!("1:{}", "A".repeat(43));
    Server::configured(settings(&json!({"REGISTRATION": registration, "ID_KEY": key})))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ended_client_stays_ended_in_every_interleaving(
        rounds in rounds(),
        rotation in prop::sample::select(vec!["never", "on_update", "always"]),
        is_imported in any::<bool>(),
    ) {
        let mut server = server(rotation);
        let client = server.send(first_request()).created();
        let record = server.store.records()[0].1.clone();
        let key_is_free_at = server.now() + 86_400;
        assert!(record.contains(&digest_of(&client, "client_secret")));
        if is_imported {
            server = import_after_probes(&server, &client, &record, rotation);
        }
        let mut ended = Final::default();
        let mut deletion_begun = false;
        for round in rounds {
            // After a day, the same request makes another client.
            let is_claimed = server.now() + 60 < key_is_free_at;
            server.store.fail(round.kv_faults.iter().copied());
            *server.ledger_faults.borrow_mut() = round.ledger_faults.iter().copied().collect();
            let statuses = send_interleaved(&server, &client, &record, &round);
            server.store.fail([]);
            server.ledger_faults.borrow_mut().clear();
            let done = |wanted: Action| {
                let of = round.requests.iter().zip(&statuses);
                of.filter(|((_, action), _)| *action == wanted)
                    .any(|(_, status)| matches!(status, Some(200 | 204)))
            };
            let begun = |wanted: Action| round.requests.iter().any(|(_, action)| *action == wanted);
            let repeats = round.requests.iter().zip(&statuses).filter(|((_, action), _)| *action == Action::Repeat);
            let repeated = !is_imported && is_claimed && repeats.clone().any(|(_, status)| *status == Some(201));
            // An end that was final before this round began lets no later request pass.
            if ended.deleted {
                prop_assert!(!repeated, "a repeat of a deleted client");
                for action in
                    [Action::Update, Action::Enable, Action::RotateToken, Action::RotateSecret]
                {
                    prop_assert!(!done(action), "{action:?} of a deleted client");
                }
            }
            if ended.token_rotated || ended.disabled && !begun(Action::Enable) {
                prop_assert!(!done(Action::Update), "an update after {ended:?}");
                // While KV still shows a deleted client, its deletion is confirmed to every caller. A deletion that was
                // killed may have taken effect.
                let may_be_deleted = deletion_begun || begun(Action::OperatorDeletes);
                prop_assert!(!repeated, "a repeat after {ended:?}");
                prop_assert!(may_be_deleted || !done(Action::HolderDeletes), "deleted after {ended:?}");
            }
            deletion_begun |= begun(Action::HolderDeletes) || begun(Action::OperatorDeletes);
            ended.deleted |= done(Action::HolderDeletes) || done(Action::OperatorDeletes);
            ended.token_rotated |= done(Action::RotateToken);
            ended.secret_rotated |= done(Action::RotateSecret);
            // Of a switch in both directions at once, either may be last.
            if begun(Action::Enable) {
                ended.disabled = false;
            } else if done(Action::Disable) {
                ended.disabled = true;
            }
            check_centre(&server, &client, ended)?;
            server.store.pass(round.pause);
            check_centre(&server, &client, ended)?;
        }
        // A minute later every location sees what KV's centre has.
        server.store.pass(120_000);
        for location in 0..LOCATIONS {
            server.store.location.set(location);
            let seen = server.send(Action::Use.call(&client, &record));
            if ended.deleted {
                prop_assert_eq!(seen.status(), 404);
            } else if ended.disabled && seen.status() == 200 {
                prop_assert_eq!(&seen.json()["status"], "disabled");
            }
            if ended.deleted || ended.token_rotated {
                prop_assert_eq!(server.read_back(&client).status(), 401);
            }
        }
    }

    /// First requests under one key overlap at all locations, are killed, and lose responses of KV and of the object.
    #[test]
    fn registrations_under_one_key_make_one_client_and_take_one_use(
        mut rounds in rounds(),
    ) {
        let key = format!("1:{}", "A".repeat(43));
        let server = Server::configured(settings(
            &json!({"REGISTRATION": {"mode": "token"}, "ID_KEY": key}),
        ));
        let token = crate::support::gated::mint(&server, &json!({"uses": 9}));
        let token = token["initial_access_token"].as_str().unwrap().to_owned();
        let mut known: Option<Value> = None;
        let mut deleted = false;
        let begun = server.now();
        for round in &mut rounds {
            round.requests.iter_mut().for_each(|(_, action)| *action = Action::Repeat);
            if server.now() - begun > 80_000 {
                break;
            }
            server.store.fail(round.kv_faults.iter().copied());
            *server.ledger_faults.borrow_mut() = round.ledger_faults.iter().copied().collect();
            let call = |_: Action| first_request().header("authorization", &format!("Bearer {token}"));
            let answers = interleave(&server, round, &call);
            server.store.fail([]);
            server.ledger_faults.borrow_mut().clear();
            for answer in answers.into_iter().flatten() {
                prop_assert!([201, 409, 503].contains(&answer.status()), "{}", answer.status());
                if answer.status() == 201 {
                    prop_assert!(!deleted, "a client that was deleted is back");
                    let client = answer.json();
                    prop_assert_eq!(known.get_or_insert_with(|| client.clone()), &client);
                }
            }
            let clients = server.store.records().into_iter().filter(|(key, _)| key.starts_with("c:"));
            prop_assert!(clients.count() <= usize::from(!deleted), "a second client, or a revival");
            let used: Vec<Value> = server.books.borrow().values().flat_map(|book| book.0.values())
                .map(|entry| serde_json::from_str::<Value>(entry).unwrap()["used"].clone()).collect();
            prop_assert!(used[0].as_u64().unwrap() <= 1, "a use was counted twice: {used:?}");
            server.store.pass(round.pause.min(700_000));
            // The client ends while others still repeat its registration.
            if let Some(client) = known.as_ref().filter(|_| round.pause == 2_000) {
                let status = server.delete(client).status();
                deleted |= status == 204;
                prop_assert!([204, 401, 503].contains(&status), "{status}");
            }
        }
    }
}
