//! The ledger of an issuer: who may write a client when.

use rollcall::records::Writer;
use rollcall::records::ledger::{LEASE, LedgerReply, LedgerRequest, LedgerRows, handle, latest};
use rollcall_support::Book;

/// Only an operator may begin for this long, in seconds, once a write is over that an operator found under way.
const OPERATOR_TURN: u64 = 120;
/// A deletion is kept for this long, in seconds.
const DELETION_KEPT: u64 = 365 * 24 * 60 * 60;

#[derive(Default)]
struct Ledger(Book);

impl Ledger {
    fn ask(&mut self, request: LedgerRequest, now: u64) -> LedgerReply {
        handle(&mut self.0, request, now).unwrap()
    }

    fn begin(&mut self, seen: u64, record: &str, writer: Writer, now: u64) -> LedgerReply {
        let (client_id, record) = (String::from("a"), record.to_owned());
        let attempt = format!("{record} at {now}");
        self.ask(LedgerRequest::Begin { client_id, seen, record, writer, attempt }, now)
    }

    fn finish(&mut self, number: u64, now: u64) -> LedgerReply {
        let (client_id, is_stored) = (String::from("a"), true);
        self.ask(LedgerRequest::Finish { client_id, number, is_stored }, now)
    }

    fn delete(&mut self, seen: Option<u64>, writer: Writer, now: u64) -> LedgerReply {
        self.ask(LedgerRequest::Delete { client_id: "a".into(), seen, writer }, now)
    }

    fn check(&mut self, seen: u64, now: u64) -> LedgerReply {
        self.ask(LedgerRequest::Check { client_id: "a".into(), seen }, now)
    }
}

fn newer(record: &str, is_stored: bool) -> LedgerReply {
    LedgerReply::Newer { record: record.to_owned(), is_stored }
}

#[test]
fn one_writer_at_a_time_writes_on_top_of_the_latest_state() {
    let mut ledger = Ledger::default();
    assert_eq!(ledger.begin(0, "one", Writer::Client, 0), LedgerReply::Granted);
    assert_eq!(ledger.begin(0, "two", Writer::Client, 1), LedgerReply::Busy);
    assert_eq!(ledger.begin(0, "one", Writer::Client, 0), LedgerReply::Granted, "asked again");
    assert_eq!(ledger.finish(1, 2), LedgerReply::Granted);
    assert_eq!(ledger.begin(0, "two", Writer::Client, 2), newer("one", true));
    assert_eq!(
        (ledger.check(0, 2), ledger.check(1, 2)),
        (newer("one", true), LedgerReply::Granted)
    );
    assert_eq!(ledger.begin(1, "two", Writer::Client, 2), LedgerReply::Granted);
}

#[test]
fn writer_that_never_finishes_blocks_others_for_the_lease() {
    let mut ledger = Ledger::default();
    ledger.begin(0, "one", Writer::Client, 0);
    assert_eq!(ledger.begin(0, "two", Writer::Client, LEASE - 1), LedgerReply::Busy);
    assert_eq!(ledger.begin(0, "two", Writer::Client, LEASE), newer("one", false), "it counts");
    assert_eq!(ledger.begin(1, "two", Writer::Client, LEASE), LedgerReply::Granted);
    ledger.finish(1, LEASE);
    assert_eq!(ledger.begin(2, "three", Writer::Client, LEASE), LedgerReply::Busy, "too late");
}

#[test]
fn operator_who_finds_a_client_busy_comes_next() {
    let mut ledger = Ledger::default();
    ledger.begin(0, "one", Writer::Client, 0);
    assert_eq!(ledger.delete(None, Writer::Operator, 1), LedgerReply::Busy);
    ledger.finish(1, 2);
    assert_eq!(ledger.begin(1, "two", Writer::Client, 3), LedgerReply::Busy);
    assert_eq!(ledger.delete(None, Writer::Operator, 4), LedgerReply::Granted);
    assert_eq!(ledger.begin(1, "two", Writer::Client, 5), LedgerReply::Deleted);

    let mut ledger = Ledger::default();
    ledger.begin(0, "one", Writer::Client, 0);
    assert_eq!(ledger.delete(None, Writer::Operator, 1), LedgerReply::Busy);
    ledger.finish(1, 2);
    let turn = LEASE + OPERATOR_TURN;
    assert_eq!(ledger.begin(1, "two", Writer::Client, turn - 1), LedgerReply::Busy);
    assert_eq!(ledger.begin(1, "two", Writer::Client, turn), LedgerReply::Granted, "gave up");
}

#[test]
fn deletion_is_final_and_repeatable_and_needs_the_latest_state() {
    let mut ledger = Ledger::default();
    ledger.begin(0, "one", Writer::Client, 0);
    ledger.finish(1, 0);
    assert_eq!(ledger.delete(Some(0), Writer::Client, 1), newer("one", true));
    assert_eq!(ledger.delete(Some(1), Writer::Client, 1), LedgerReply::Granted);
    assert_eq!(ledger.delete(Some(1), Writer::Client, 1), LedgerReply::Deleted);
    assert_eq!(ledger.check(1, 1), LedgerReply::Deleted);
    let much_later = DELETION_KEPT - 1;
    assert_eq!(ledger.begin(9, "two", Writer::Operator, much_later), LedgerReply::Deleted);
    assert_eq!(latest(&mut ledger.0, "a", 1), Some(String::new()));
    assert_eq!(latest(&mut ledger.0, "b", 1), None);
}

#[test]
fn state_is_kept_for_ten_minutes_after_its_write() {
    let mut ledger = Ledger::default();
    ledger.begin(0, "one", Writer::Client, 0);
    ledger.finish(1, 1);
    ledger.finish(1, 500);
    for (now, rows) in [(600, 1), (601, 0)] {
        ledger.0.remove_expired(now);
        assert_eq!(ledger.0.1.len(), rows, "{now}");
    }
}
