//! The book of initial access tokens: uses that are taken, settled and given back.

use rollcall::client::TokenName;
use rollcall::gate::token_book::{BookReply, BookRequest, Entry, handle};
use rollcall_support::Book;
use serde_json::Map;

/// Threat 41.
#[test]
fn unsettled_reservations_do_not_fill_an_entry() {
    let mut rows = Book::default();
    let digest = || String::from("d");
    let (name, policy) = (TokenName::default(), Map::new());
    let (expires_at, uses) = (9_999_999, 1_000_000);
    let reservations = Vec::new();
    let entry = Entry { name, created_at: 0, expires_at, uses, used: 0, policy, reservations };
    handle(&mut rows, BookRequest::Mint { digest: digest(), entry }, 0).unwrap();
    let mut refused = 0;
    for n in 0..2_000_u64 {
        let request = BookRequest::Reserve {
            digest: digest(),
            client_id: format!("{n:022}"),
            place: None,
            shared: false,
        };
        let reply = handle(&mut rows, request, n * 61).unwrap();
        refused += usize::from(
            matches!(reply, BookReply::Refused { in_doubt, .. } if in_doubt.len() >= 299),
        );
    }
    assert_eq!(refused, 1_700, "those in doubt are named, to be looked at");
    let bytes = rows.0["d"].len();
    assert!(bytes < 20_000, "{bytes} bytes; a row of a Durable Object has at most 2,000,000");
}

/// Threat 41.
#[test]
fn use_that_was_reserved_again_is_not_given_back() {
    let mut rows = Book::default();
    let digest = || String::from("d");
    let reserve = |client: &str| BookRequest::Reserve {
        digest: digest(),
        client_id: client.into(),
        place: None,
        shared: false,
    };
    let mut ask = |request, now| handle(&mut rows, request, now).unwrap();
    let name = TokenName::default();
    let (policy, reservations) = (Map::new(), Vec::new());
    let entry =
        Entry { name, created_at: 0, expires_at: 1000, uses: 1, used: 0, policy, reservations };
    ask(BookRequest::Mint { digest: digest(), entry }, 0);
    assert!(matches!(ask(reserve("a"), 0), BookReply::Granted(_)));
    assert!(
        matches!(ask(reserve("b"), 59), BookReply::Refused { in_doubt, pending: true } if in_doubt.is_empty())
    );
    assert!(
        matches!(ask(reserve("b"), 60), BookReply::Refused { in_doubt, .. } if in_doubt == ["a"])
    );
    // While b finds out that a does not exist, a goes on.
    assert!(matches!(ask(reserve("a"), 60), BookReply::Granted(_)));
    ask(BookRequest::Lapse { digest: digest(), client_ids: vec!["a".into()] }, 60);
    assert!(matches!(ask(reserve("b"), 60), BookReply::Refused { .. }));
    // Given back it is free, once.
    for _ in 0..2 {
        ask(BookRequest::Release { digest: digest(), client_id: "a".into() }, 61);
    }
    assert!(matches!(ask(reserve("b"), 61), BookReply::Granted(entry) if entry.used == 1));
    ask(BookRequest::Confirm { digest: digest(), client_id: "b".into() }, 120);
    assert!(
        matches!(ask(reserve("c"), 122), BookReply::Refused { in_doubt, pending: true } if in_doubt.is_empty()),
        "who confirms has another lease"
    );
    ask(BookRequest::Settle { digest: digest(), client_id: "b".into() }, 123);
    assert!(matches!(ask(reserve("c"), 500), BookReply::Refused { pending: false, .. }));
    assert!(
        matches!(ask(BookRequest::List, 1000), BookReply::Entries(entries) if entries.is_empty())
    );
}

#[test]
fn reservations_of_one_place_are_bounded_and_those_without_a_place_are_not() {
    let mut rows = Book::default();
    let mut reserve = |client: usize, place: Option<&str>| {
        let client_id = format!("{client:022}");
        let place = place.map(str::to_owned);
        let request = BookRequest::Reserve { digest: "d".into(), client_id, place, shared: false };
        if !rows.0.contains_key("d") {
            rows.0.insert("d".to_owned(), FORMER.to_owned());
        }
        matches!(handle(&mut rows, request, 0).unwrap(), BookReply::Granted(_))
    };
    for (place, clients, granted) in
        [(Some("a"), 0..40, 30), (Some("b"), 40..50, 10), (None, 50..150, 100)]
    {
        assert_eq!(clients.filter(|n| reserve(*n, place)).count(), granted, "{place:?}");
    }
    assert!(reserve(0, Some("a")), "the same client is no further one");
}

/// An entry as the version before this one wrote it.
const FORMER: &str = r#"{"name":{"id":"x","label":""},"created_at":0,"expires_at":1000,"uses":1000,
    "used":1,"policy":{},"reservations":[{"client_id":"y","until":60}]}"#;

#[test]
fn entries_and_requests_of_the_former_version_are_read() {
    let entry: Entry = serde_json::from_str(FORMER).unwrap();
    let written = serde_json::to_string(&entry).unwrap();
    assert!(!written.contains("place"), "{written}");
    let request = r#"{"Reserve":{"digest":"d","client_id":"x"}}"#;
    let request: BookRequest = serde_json::from_str(request).unwrap();
    assert!(matches!(request, BookRequest::Reserve { place: None, .. }));
}
