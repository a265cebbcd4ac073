//! Random lives of a client at random locations, with a store that fails at random, against a simple
//! model: no acknowledged change is lost, no dead credential works, no half-written record is seen.

use crate::cases::cases;
use proptest::prelude::*;
use rollcall::client::Record;
use rollcall_support::kv::{Fault, PROPAGATION_MS};
use rollcall_support::{Answer, Call, Server};
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Read,
    Head,
    Update,
    UpdateIfMatch,
    UpdateIfOther,
    Refused,
    Delete,
}

/// One request, where it comes in, how long after the one before, and what the store does meanwhile.
#[derive(Debug, Clone)]
struct Step {
    action: Action,
    location: usize,
    after_ms: u64,
    faults: Vec<Fault>,
}

fn steps(locations: usize) -> impl Strategy<Value = Vec<Step>> {
    let action = prop_oneof![
        4 => Just(Action::Read),
        1 => Just(Action::Head),
        4 => Just(Action::Update),
        2 => Just(Action::UpdateIfMatch),
        1 => Just(Action::UpdateIfOther),
        1 => Just(Action::Refused),
        1 => Just(Action::Delete),
    ];
    let fault = prop_oneof![
        8 => Just(Fault::None),
        1 => Just(Fault::Conflict),
        2 => Just(Fault::Error),
        1 => Just(Fault::LostAnswer),
        1 => Just(Fault::Slow(3_000)),
        1 => Just(Fault::SlowConflict(4_500)),
    ];
    let after_ms = prop_oneof![Just(0), Just(300), Just(1_000), Just(20_000), Just(61_000)];
    let step = (action, 0..locations, after_ms, prop::collection::vec(fault, 0..6)).prop_map(
        |(action, location, after_ms, faults)| Step { action, location, after_ms, faults },
    );
    prop::collection::vec(step, 1..14)
}

/// How far a deletion got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deletion {
    None,
    Tried,
    Done,
}

/// The knowledge of a client, and the rules that hold whatever the store does.
struct Model {
    /// The last state of the registration that was sent to the client.
    client: Value,
    etag: String,
    /// The number in the metadata that was acknowledged, and those of updates that got no answer since.
    acknowledged: u32,
    possible: Vec<u32>,
    /// Tokens that were replaced, and whose successor was used.
    dead: Vec<Value>,
    replaced: Vec<Value>,
    deletion: Deletion,
    /// Whether requests come in at several locations.
    moves: bool,
}

fn metadata(number: u32) -> Value {
    json!({"redirect_uris": [format!("https://a.example/{number}")], "client_name": number.to_string(),
        "software_version": number.to_string()})
}

/// The number of a whole record; none of a mixed one.
fn number(document: &Value) -> Option<u32> {
    let number: u32 = document["client_name"].as_str()?.parse().ok()?;
    let whole = metadata(number);
    let same = whole.as_object()?.iter().all(|(name, value)| document[name] == *value);
    same.then_some(number)
}

impl Model {
    fn learn(&mut self, answer: &Answer) -> Result<(), TestCaseError> {
        let response = answer.json();
        let used = self.client["registration_access_token"].clone();
        // The token was used and the answer arrived: those before it are dead.
        self.dead.append(&mut self.replaced);
        if response["registration_access_token"] != used {
            self.replaced.push(used);
        }
        prop_assert!(number(&response).is_some(), "a mixed record: {}", response);
        answer.header("etag").unwrap().clone_into(&mut self.etag);
        self.client = response;
        Ok(())
    }

    fn apply(&mut self, server: &Server, step: &Step, next: u32) -> Result<(), TestCaseError> {
        server.store.location.set(step.location);
        server.store.pass(step.after_ms);
        server.store.fail(step.faults.iter().copied());
        let call = match step.action {
            Action::Read => Call::of("GET", &self.client),
            Action::Head => Call::of("HEAD", &self.client),
            Action::Update => Call::update(&self.client, &metadata(next)),
            Action::UpdateIfMatch => {
                Call::update(&self.client, &metadata(next)).header("if-match", &self.etag)
            }
            Action::UpdateIfOther => {
                Call::update(&self.client, &metadata(next)).header("if-match", "\"other\"")
            }
            Action::Refused => Call::update(&self.client, &json!({"redirect_uris": ["/relative"]})),
            Action::Delete => Call::of("DELETE", &self.client),
        };
        let answer = server.send(call);
        let status = answer.status();
        match (step.action, status) {
            (Action::Read, 200) => {
                let seen = number(&answer.json());
                self.learn(&answer)?;
                prop_assert!(seen.is_some_and(|seen| seen <= next));
            }
            (Action::Head, 200) => self.dead.append(&mut self.replaced),
            (Action::Update | Action::UpdateIfMatch, 200) => {
                prop_assert!(self.deletion != Deletion::Done, "an update of a deleted client");
                self.learn(&answer)?;
                prop_assert_eq!(number(&answer.json()), Some(next));
                (self.acknowledged, self.possible) = (next, Vec::new());
            }
            (Action::Update | Action::UpdateIfMatch, 503) => self.possible.push(next),
            (Action::Delete, 204) => self.deletion = Deletion::Done,
            (Action::Delete, 503) => self.deletion = Deletion::Tried,
            // Only another location may not know the newest token yet.
            (_, 401) => {
                let may = self.deletion != Deletion::None || self.moves;
                prop_assert!(may, "{:?} is 401", step.action);
            }
            // 503: a read that would have ended or begun a token's life.
            // The tag is that of the last answer; only an update without an answer can have changed it.
            (Action::UpdateIfMatch, 412) => {
                prop_assert!(self.moves || !self.possible.is_empty(), "412 without cause");
            }
            (Action::Refused, 400) | (Action::UpdateIfOther, 412) | (_, 503) => {}
            (action, status) => prop_assert!(false, "{action:?} was answered {status}"),
        }
        if status != 200 && status != 204 {
            let response = answer.json();
            for credential in ["client_secret", "registration_access_token"] {
                prop_assert_eq!(response.get(credential), None);
            }
        }
        for (key, value) in server.store.records() {
            prop_assert!(Record::parse(value.as_bytes()).is_ok(), "{}", key);
        }
        Ok(())
    }
}

fn live(rotation: &str, steps: &[Step]) -> Result<(), TestCaseError> {
    let server = Server::with_registration(json!({"registration_access_token_rotation": rotation}));
    let answer = server.register(&metadata(0));
    let mut model = Model {
        client: answer.created(),
        etag: answer.header("etag").unwrap().to_owned(),
        acknowledged: 0,
        possible: Vec::new(),
        dead: Vec::new(),
        replaced: Vec::new(),
        deletion: Deletion::None,
        moves: steps.iter().any(|step| step.location != 0),
    };
    for (next, step) in (1..).zip(steps) {
        model.apply(&server, step, next)?;
        if model.deletion == Deletion::Done {
            // At the location of its deletion a client is gone at once.
            if step.action == Action::Delete && step.faults.is_empty() {
                prop_assert_eq!(server.read_back(&model.client).status(), 401);
            }
        }
    }

    // A minute later, at a location that has never heard of the client.
    server.store.fail([]);
    server.store.pass(PROPAGATION_MS);
    server.store.location.set(9);
    let audit = |token: &Value| {
        let mut client = model.client.clone();
        client["registration_access_token"] = token.clone();
        server.send(Call::of("HEAD", &client)).status()
    };
    for token in &model.dead {
        prop_assert_eq!(audit(token), 401, "a dead token works");
    }
    let read = server.read_back(&model.client);
    match model.deletion {
        Deletion::Done => {
            prop_assert_eq!(read.status(), 401, "a deleted client lives");
        }
        Deletion::Tried => prop_assert!([200, 401].contains(&read.status())),
        Deletion::None => {
            prop_assert_eq!(read.status(), 200, "the newest token was lost");
            let number = number(&read.json());
            let right = number == Some(model.acknowledged)
                || number.is_some_and(|number| model.possible.contains(&number));
            prop_assert!(right, "{number:?}, not {} or {:?}", model.acknowledged, model.possible);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(1500), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn at_one_location_nothing_acknowledged_is_lost_and_nothing_dead_works(
        rotation in prop::sample::select(vec!["never", "on_update", "always"]),
        steps in steps(1),
    ) {
        live(rotation, &steps)?;
    }

    #[test]
    fn at_many_locations_records_stay_whole_and_what_was_deleted_stays_dead(
        rotation in prop::sample::select(vec!["never", "on_update", "always"]),
        steps in steps(3),
    ) {
        live(rotation, &steps)?;
    }
}
