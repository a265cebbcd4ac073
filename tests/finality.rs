//! A client that was ended stays ended, whatever happens at the same time: requests at several locations interleave step by
//! step, KV and the ledger fail, and requests are killed in the middle.
//!
//! KV remembers absence only of keys that were asked for, and a client has one key: its record. So an attacker can only
//! keep the absence of a whole client in a location's view. That is possible where a client is imported whose identifier
//! is known: half of the cases begin so, and [`Action::Probe`] renews what a location remembers.
//!
//! Where a policy asks for approval, only what the operator has approved can be used.
//!
//! Outside of it is a write that takes longer than the lease of its writer ([`rollcall::records::ledger::LEASE`]):
//! `docs/lifecycle.md` says so. The requests of a round therefore overlap for at most 15 seconds of the model's clock.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::task::{Context, Waker};

use crate::cases::cases;
use proptest::prelude::*;
use rollcall_support::kv::Fault;
use rollcall_support::{ADMIN_TOKEN, AS_TOKEN, Answer, Call, Server, path_of, settings};
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
    /// The operator approves the version that was there when the round began.
    Approve,
    Reject,
}

const ACTIONS: [Action; 14] = [
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
    Action::Approve,
    Action::Reject,
];

/// The actions around a shared client: the others need its token.
const SHARED_ACTIONS: [Action; 8] = [
    Action::Repeat,
    Action::Repeat,
    Action::Use,
    Action::Disable,
    Action::Enable,
    Action::OperatorDeletes,
    Action::Approve,
    Action::Reject,
];

impl Action {
    /// The request; `record` is the client as it was stored at first, and `version` the one that the operator has seen.
    fn call(self, client: &Value, record: &str, version: &str) -> Call {
        let id = client["client_id"].as_str().unwrap();
        let operator = |method: &str, below: &str| {
            Call::new(method, &format!("/admin/clients/{id}{below}"))
                .header("authorization", &format!("Bearer {ADMIN_TOKEN}"))
        };
        let decide = |below: &str, body: Value| {
            let call = operator("POST", below).header("content-type", "application/json");
            call.body(body.to_string())
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
            Self::Approve => decide("/approve", json!({"version": version})),
            Self::Reject => decide("/reject", json!({"reason": "no"})),
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

fn rounds(actions: &[Action]) -> impl Strategy<Value = Vec<Round>> {
    let request = (0..LOCATIONS, prop::sample::select(actions.to_vec()));
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
    /// Until the operator approves the client after all.
    rejected: bool,
}

/// What the operator may have approved: redirect URIs, as JSON. Without a policy that asks for it, everything is.
#[derive(Debug, Default)]
struct Approvals {
    are_needed: bool,
    given: BTreeSet<String>,
}

impl Approvals {
    /// The operator approves the record that is there, if there is one.
    fn give(&mut self, record: Option<&Value>) {
        self.given.extend(record.map(|record| record["metadata"]["redirect_uris"].to_string()));
    }

    /// Checks that a client with these metadata may be used.
    fn check(&self, metadata: &Value) -> Result<(), TestCaseError> {
        let uris = metadata["redirect_uris"].to_string();
        let may = !self.are_needed || self.given.contains(&uris);
        prop_assert!(may, "{uris} is active without approval");
        Ok(())
    }
}

/// The registration, which its client may repeat.
fn first_request() -> Call {
    Call::register(r#"{"redirect_uris": ["https://a.example/cb"]}"#)
        .header("idempotency-key", "one-registration-and-no-other")
}

type Sending<'s> = Pin<Box<dyn Future<Output = Answer> + 's>>;

/// Sends the requests of a round step by step, with its faults; the statuses of those that were not killed. No look-up shows
/// a client to be used that was never approved.
fn send_interleaved(
    server: &Server,
    client: &Value,
    record: &str,
    (round, approvals): (&Round, &mut Approvals),
) -> Result<Vec<Option<u16>>, TestCaseError> {
    let seen = centre(server, client);
    if round.requests.iter().any(|(_, action)| *action == Action::Approve) {
        approvals.give(seen.as_ref());
    }
    let version =
        seen.map_or_else(|| "-".into(), |seen| seen["version"].as_str().unwrap().to_owned());
    let answers = with_faults(server, round, &|action| action.call(client, record, &version));
    for ((_, action), answer) in round.requests.iter().zip(&answers) {
        if let (Action::Use, Some(answer)) = (action, answer)
            && let Some(metadata) = answer.json().get("metadata")
        {
            approvals.check(metadata)?;
        }
    }
    Ok(answers.iter().map(|answer| answer.as_ref().map(Answer::status)).collect())
}

/// The record of the client in KV's centre.
fn centre(server: &Server, client: &Value) -> Option<Value> {
    let id = client["client_id"].as_str().unwrap();
    let records = server.store.records();
    let record = records.iter().find(|(key, _)| key.ends_with(id));
    record.map(|(_, text)| serde_json::from_str(text).unwrap())
}

/// Sends the requests of a round step by step, with its faults.
fn with_faults(
    server: &Server,
    round: &Round,
    call: &dyn Fn(Action) -> Call,
) -> Vec<Option<Answer>> {
    server.store.fail(round.kv_faults.iter().copied());
    *server.ledger_faults.borrow_mut() = round.ledger_faults.iter().copied().collect();
    let answers = interleave(server, round, call);
    server.store.fail([]);
    server.ledger_faults.borrow_mut().clear();
    answers
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
    server: Server,
) -> Server {
    server.store.clock.set(registered.store.clock.get());
    for location in 0..LOCATIONS {
        server.store.location.set(location);
        assert_eq!(server.send(Action::Probe.call(client, record, "")).status(), 401);
    }
    // Somewhere the absence is forgotten, so that the import goes through.
    server.store.pass(61_000);
    for location in 1..LOCATIONS {
        server.store.location.set(location);
        server.send(Action::Probe.call(client, record, ""));
    }
    server.store.location.set(0);
    let imported = server.send(Action::Import.call(client, record, ""));
    assert_eq!(imported.json()["imported"], 1, "{}", imported.json());
    server
}

/// Looks at KV's centre while no request is under way.
fn check_centre(
    server: &Server,
    client: &Value,
    ended: Final,
    approvals: &Approvals,
) -> Result<(), TestCaseError> {
    let record = centre(server, client);
    if ended.deleted {
        prop_assert_eq!(record, None, "a deleted client is back");
        return Ok(());
    }
    if let Some(record) = record {
        if ended.disabled {
            prop_assert!(record.get("disabled_at").is_some(), "a disabled client is active");
        }
        let approval = record.get("approval");
        if ended.rejected {
            let is_rejected = approval.is_some_and(|one| one.get("rejected_at").is_some());
            prop_assert!(is_rejected, "a rejected client is not rejected any more");
        }
        if approval.is_none() {
            approvals.check(&record["metadata"])?;
        }
        if client.get("registration_access_token").is_none() {
            prop_assert_eq!(&record["tokens"], &json!([]), "a token for a shared client");
            prop_assert_eq!(&record["secrets"], &json!([]), "a secret for a shared client");
            return Ok(());
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

fn server(rotation: &str, approval: bool) -> Server {
    // A lifetime lets uses be recorded; it is longer than the test.
    let registration = json!({
        "registration_access_token_rotation": rotation, "idle_client_ttl": 2_000_000_000,
    });
    let key = format!("1:{}", "A".repeat(43));
    let policy = json!({"approval": approval});
    let vars = json!({"REGISTRATION": registration, "ID_KEY": key, "POLICY": policy});
    Server::configured(settings(&vars))
}

/// A server with shared clients, and the request for one of them; with an initial access token in the mode `token`.
fn sharing(mode: &str, approval: bool) -> (Server, Box<dyn Fn() -> Call>) {
    let registration = json!({
        "mode": mode, "shared_public_clients": true, "idle_client_ttl": 2_000_000_000,
    });
    let policy = json!({"approval": approval});
    let key = "A".repeat(43);
    let vars = json!({"REGISTRATION": registration, "SHARED_ID_KEY": key, "POLICY": policy});
    let server = Server::configured(settings(&vars));
    let metadata =
        r#"{"redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "none"}"#;
    let token = rollcall_support::gated::mint(&server, &json!({"uses": 9}));
    let token = format!("Bearer {}", token["initial_access_token"].as_str().unwrap());
    (server, Box::new(move || Call::register(metadata).header("authorization", &token)))
}

/// The uses of the only token.
fn used(server: &Server) -> u64 {
    let books = server.books.borrow();
    let entry = books.values().flat_map(|book| book.0.values()).next().unwrap();
    serde_json::from_str::<Value>(entry).unwrap()["used"].as_u64().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(4000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ended_client_stays_ended_in_every_interleaving(
        rounds in rounds(&ACTIONS),
        rotation in prop::sample::select(vec!["never", "on_update", "always"]),
        is_imported in any::<bool>(),
        approval in any::<bool>(),
    ) {
        let mut server = server(rotation, approval);
        let client = server.send(first_request()).created();
        let record = server.store.records()[0].1.clone();
        let key_is_free_at = server.now() + 86_400;
        assert!(record.contains(&digest_of(&client, "client_secret")));
        if is_imported {
            let other = self::server(rotation, approval);
            server = import_after_probes(&server, &client, &record, other);
        }
        let mut approvals = Approvals { are_needed: approval, ..Approvals::default() };
        let mut ended = Final::default();
        let mut deletion_begun = false;
        for round in rounds {
            // After a day, the same request makes another client.
            let is_claimed = server.now() + 60 < key_is_free_at;
            let statuses = send_interleaved(&server, &client, &record, (&round, &mut approvals))?;
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
                for action in [
                    Action::Update, Action::Enable, Action::RotateToken, Action::RotateSecret,
                    Action::Approve, Action::Reject,
                ] {
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
            if ended.rejected && !begun(Action::Approve) {
                prop_assert!(!done(Action::Update), "an update of a rejected client");
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
            // So it is with the two decisions.
            if begun(Action::Approve) {
                ended.rejected = false;
            } else if done(Action::Reject) {
                ended.rejected = true;
            }
            check_centre(&server, &client, ended, &approvals)?;
            server.store.pass(round.pause);
            check_centre(&server, &client, ended, &approvals)?;
        }
        // A minute later every location sees what KV's centre has.
        server.store.pass(120_000);
        for location in 0..LOCATIONS {
            server.store.location.set(location);
            let seen = server.send(Action::Use.call(&client, &record, ""));
            if ended.deleted {
                prop_assert_eq!(seen.status(), 404);
            } else if ended.disabled && seen.status() == 200 {
                prop_assert_eq!(&seen.json()["status"], "disabled");
            } else if ended.rejected && seen.status() == 200 {
                let status = &seen.json()["status"];
                prop_assert!(*status == "rejected" || *status == "disabled", "{status}");
            }
            if ended.deleted || ended.token_rotated {
                prop_assert_eq!(server.read_back(&client).status(), 401);
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(1500), failure_persistence: None, ..ProptestConfig::default() })]

    /// First requests under one key overlap at all locations, are killed, and lose responses of KV and of the object.
    #[test]
    fn registrations_under_one_key_make_one_client_and_take_one_use(
        mut rounds in rounds(&ACTIONS),
    ) {
        let key = format!("1:{}", "A".repeat(43));
        let server = Server::configured(settings(
            &json!({"REGISTRATION": {"mode": "token"}, "ID_KEY": key}),
        ));
        let token = rollcall_support::gated::mint(&server, &json!({"uses": 9}));
        let token = token["initial_access_token"].as_str().unwrap().to_owned();
        let mut known: Option<Value> = None;
        let mut deleted = false;
        let begun = server.now();
        for round in &mut rounds {
            round.requests.iter_mut().for_each(|(_, action)| *action = Action::Repeat);
            if server.now() - begun > 80_000 {
                break;
            }
            let call = |_: Action| first_request().header("authorization", &format!("Bearer {token}"));
            let answers = with_faults(&server, round, &call);
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
            prop_assert!(used(&server) <= 1, "a use was counted twice");
            server.store.pass(round.pause.min(700_000));
            // The client ends while others still repeat its registration.
            if let Some(client) = known.as_ref().filter(|_| round.pause == 2_000) {
                let status = server.delete(client).status();
                deleted |= status == 204;
                prop_assert!([204, 401, 503].contains(&status), "{status}");
            }
        }
    }

    /// Requests for one shared client overlap at all locations, with everything that the operator does to it.
    #[test]
    fn requests_for_a_shared_client_make_one_client_and_revive_none(
        rounds in rounds(&SHARED_ACTIONS),
        has_token in any::<bool>(),
        approval in any::<bool>(),
    ) {
        let mode = if has_token { "token" } else { "open" };
        // Its identifier is the same on each server with these settings.
        let (twin, request) = sharing(mode, approval);
        let client = twin.send(request()).created();
        let (server, request) = sharing(mode, approval);
        let mut approvals = Approvals { are_needed: approval, ..Approvals::default() };
        let mut ended = Final::default();
        let (mut ended_at, mut end_begun) = (0, false);
        for round in rounds {
            let seen = centre(&server, &client);
            if round.requests.iter().any(|(_, action)| *action == Action::Approve) {
                approvals.give(seen.as_ref());
            }
            let version = seen.map_or_else(|| "-".into(), |seen| seen["version"].as_str().unwrap().to_owned());
            let call = |action: Action| match action {
                Action::Repeat => request(),
                other => other.call(&client, "", &version),
            };
            // A location may show a client for a minute after its end.
            let is_seen_by_all = server.now() > ended_at + 61;
            let answers = with_faults(&server, &round, &call);
            let sent = || round.requests.iter().map(|(_, action)| *action).zip(&answers);
            let done = |wanted: Action| sent().any(|(action, answer)| {
                action == wanted && answer.as_ref().is_some_and(|answer| answer.status() == 204)
            });
            let begun = |wanted: Action| sent().any(|(action, _)| action == wanted);
            for (action, answer) in sent() {
                let Some(answer) = answer else { continue };
                match (action, answer.status()) {
                    (Action::Repeat, 201) => {
                        let shared = answer.json();
                        prop_assert_eq!(&shared["client_id"], &client["client_id"], "a second client");
                        for secret in ["client_secret", "registration_access_token", "registration_client_uri"] {
                            prop_assert!(shared.get(secret).is_none(), "a secret for a stranger");
                        }
                        if is_seen_by_all {
                            prop_assert!(!ended.deleted, "a deleted client is back");
                            prop_assert!(!ended.disabled || begun(Action::Enable), "a disabled client is back");
                            prop_assert!(!ended.rejected || begun(Action::Approve), "a rejected client is back");
                        }
                        if shared.get("status").is_none() {
                            approvals.check(&shared)?;
                        }
                    }
                    (Action::Repeat, status) => prop_assert!([403, 503].contains(&status), "{status}"),
                    (Action::Use, 200) => {
                        if let Some(metadata) = answer.json().get("metadata") {
                            approvals.check(metadata)?;
                        }
                    }
                    _ => {}
                }
            }
            let before = (ended.deleted, ended.disabled, ended.rejected);
            ended.deleted |= done(Action::OperatorDeletes);
            ended.disabled = !begun(Action::Enable) && (ended.disabled || done(Action::Disable));
            ended.rejected = !begun(Action::Approve) && (ended.rejected || done(Action::Reject));
            if before != (ended.deleted, ended.disabled, ended.rejected) {
                ended_at = server.now();
            }
            end_begun |= [Action::OperatorDeletes, Action::Disable, Action::Reject].into_iter().any(begun);
            check_shared(&server, &client, ended, &approvals)?;
            server.store.pass(round.pause);
            check_shared(&server, &client, ended, &approvals)?;
        }
        // A minute later every location sees what KV's centre has.
        server.store.pass(120_000);
        for location in 0..LOCATIONS {
            server.store.location.set(location);
            let answer = server.send(request());
            if ended.deleted || ended.disabled || ended.rejected {
                prop_assert_eq!(answer.status(), 403);
            } else if !end_begun {
                prop_assert_eq!(&answer.created()["client_id"], &client["client_id"]);
                prop_assert_eq!(used(&server), u64::from(has_token));
                server.store.pass(120_000);
                prop_assert_eq!(server.send(Action::Use.call(&client, "", "")).status(), 200);
            }
            check_shared(&server, &client, ended, &approvals)?;
        }
    }
}

/// Looks at KV's centre and the token while no request is under way.
fn check_shared(
    server: &Server,
    client: &Value,
    ended: Final,
    approvals: &Approvals,
) -> Result<(), TestCaseError> {
    let clients = server.store.records().into_iter().filter(|(key, _)| key.starts_with("c:"));
    prop_assert!(clients.count() <= 1, "a second client");
    prop_assert!(used(server) <= 1, "a use was counted twice");
    check_centre(server, client, ended, approvals)
}
