//! The memory of an isolate: recorded uses, counts that wait to be passed on, policies that were read, and places over the
//! limit. Each has room for a fixed number of entries.

use std::ptr;

use rollcall::client::{Policy, Rejection};
use rollcall::gate::rejections::{self, RejectionCount};
use rollcall::gate::request_counts;
use rollcall::gate::{GateError, RejectedPlaces, Rejections, RequestCounts, TokenPolicies};
use rollcall::records::{Lifetimes, RecentUses, Records};
use rollcall::vocabulary::{ClientId, IssuerId};
use rollcall_support::{ORIGIN, Server};
use serde_json::{Map, Value, json};

fn client(n: u16) -> ClientId {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    ClientId::from_entropy(bytes)
}

/// A use that is remembered costs no read.
#[test]
fn isolate_remembers_the_latest_five_hundred_uses() {
    let (server, uses) = (Server::new(), RecentUses::default());
    let issuer = IssuerId::of(ORIGIN);
    let is_first = |n: u16| {
        let before = server.store.operations().0;
        server.with_runtime(async |runtime| {
            let records = Records::new(&issuer, Lifetimes::default(), &server.store, runtime);
            records.record_use(&client(n), &uses).await.unwrap();
        });
        server.store.operations().0 > before
    };
    for n in 0..=500 {
        assert!(is_first(n), "{n}");
    }
    for n in [1, 500] {
        assert!(!is_first(n), "{n} is remembered");
    }
    assert!(is_first(0), "the oldest has made room");
}

#[test]
fn request_counts_are_passed_on_once_a_minute_at_most() {
    let counts = RequestCounts::default();
    assert_eq!(counts.take_due(0), []);
    for n in [1, 2, 1] {
        counts.count(&client(n));
    }
    let first = counts.take_due(7_000);
    assert_eq!(first.iter().map(|one| one.count).collect::<Vec<_>>(), [2, 1]);
    counts.count(&client(1));
    assert_eq!(counts.take_due(66_999), []);
    assert_eq!(counts.take_due(67_000).len(), 1);
    assert_eq!(counts.take_due(200_000), []);
}

#[test]
fn isolate_counts_five_hundred_clients_at_most() {
    let counts = RequestCounts::default();
    for n in 0..600 {
        counts.count(&client(n));
    }
    counts.count(&client(0));
    let taken = counts.take_due(0);
    let first = taken.iter().find(|one| one.client_id == client(0).as_str());
    assert_eq!((taken.len(), first.map(|one| one.count)), (request_counts::MOST, Some(2)));
}

fn rejection(rule: &str) -> Rejection {
    Rejection { member: "redirect_uris".into(), rule: rule.into() }
}

#[test]
fn rejections_are_passed_on_once_a_minute_at_most() {
    let rejections = Rejections::default();
    assert_eq!(rejections.take_due(0), None);
    rejections.count(&[rejection("a"), rejection("b")], 5);
    rejections.count(&[rejection("a")], 7);
    let first = rejections.take_due(7_000).unwrap();
    let counts: Vec<_> = first.iter().map(|one| (one.count, one.first_at, one.last_at)).collect();
    assert_eq!(counts, [(2, 5, 7), (1, 5, 5)]);
    rejections.count(&[rejection("a")], 8);
    assert_eq!(rejections.take_due(66_999), None);
    assert_eq!(rejections.take_due(67_000).unwrap().len(), 1);
    assert_eq!(rejections.take_due(200_000), None);
}

#[test]
fn isolate_and_object_count_a_hundred_pairs_at_most() {
    const WEEK: u64 = 7 * 24 * 60 * 60;
    let rejections = Rejections::default();
    for n in 0..150 {
        rejections.count(&[rejection(&n.to_string())], n);
    }
    let counted = rejections.take_due(0).unwrap();
    assert_eq!(counted.len(), rejections::MOST);
    let one = |n: u64| {
        let Rejection { member, rule } = rejection(&n.to_string());
        RejectionCount { rule, member, count: 1, first_at: n, last_at: n }
    };
    let kept = rejections::add((0..100).map(one).collect(), (50..150).map(one).collect(), 150);
    assert_eq!((kept.len(), kept[0].last_at, kept[99].last_at), (rejections::MOST, 149, 50));
    assert_eq!(kept.iter().filter(|one| one.count == 2).count(), 50);
    assert_eq!(rejections::add(kept, Vec::new(), 149 + WEEK), []);
}

fn policy_settings(n: usize) -> Map<String, Value> {
    json!({"scopes": [format!("scope{n}")]}).as_object().unwrap().clone()
}

/// Whether both are one policy, which was read once.
fn is_same(one: &Policy, other: &Policy) -> bool {
    ptr::eq(&raw const **one, &raw const **other)
}

#[test]
fn policy_is_read_once_and_the_longest_unused_makes_room() {
    let policies = TokenPolicies::default();
    let find = |n: usize| policies.find(&policy_settings(n)).unwrap();
    let mut known: Vec<Policy> = (0..20).map(find).collect();
    assert!(is_same(&known[0], &find(0)), "known");
    assert!(is_same(&known[1], &find(1)), "known");
    known.push(find(20));
    for n in (0..=20).filter(|n| *n != 2) {
        assert!(is_same(&known[n], &find(n)), "{n} is one of the twenty used lately");
    }
    assert!(!is_same(&known[2], &find(2)), "the longest unused was read again");
}

#[test]
fn settings_that_are_no_policy_are_an_error_each_time() {
    let policies = TokenPolicies::default();
    let known: Vec<Policy> = (0..20).map(|n| policies.find(&policy_settings(n)).unwrap()).collect();
    let wrong = json!({"scopes": 7}).as_object().unwrap().clone();
    for _ in 0..2 {
        assert!(matches!(policies.find(&wrong), Err(GateError::Book(_))));
    }
    assert!(!policies.find(&Map::new()).unwrap().narrows_scopes());
    for (n, policy) in known.iter().enumerate() {
        let found = policies.find(&policy_settings(n)).unwrap();
        assert!(is_same(policy, &found), "{n} did not have to make room");
    }
}

#[test]
fn place_is_rejected_for_ten_seconds_however_often_it_asks() {
    let places = RejectedPlaces::default();
    places.insert("a".into(), 5);
    for (place, now, rejected) in
        [("a", 5, true), ("b", 5, false), ("a", 10_004, true), ("a", 10_005, false)]
    {
        assert_eq!(places.contains(place, now), rejected, "{place} at {now}");
    }
}

#[test]
fn three_hundred_places_are_remembered_and_the_longest_unseen_makes_room() {
    let places = RejectedPlaces::default();
    for n in 0..300 {
        places.insert(n.to_string(), 0);
    }
    assert!(places.contains("0", 1), "seen again");
    places.insert("new".into(), 1);
    assert_eq!(
        ["0", "1", "2", "new"].map(|place| places.contains(place, 1)),
        [true, false, true, true]
    );
    let remembered = (0..300).filter(|n| places.contains(&n.to_string(), 1)).count();
    assert_eq!(remembered + usize::from(places.contains("new", 1)), 300);
}
