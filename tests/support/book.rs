//! The rows that a Durable Object stores for an issuer.

use std::collections::BTreeMap;

use rollcall::gate::claims::ClaimRows;
use rollcall::gate::request_counts::{RequestCount, RequestRows};
use rollcall::gate::token_book::Rows;
use rollcall::records::document_decisions::DecisionRow;
use rollcall::records::ledger::LedgerRows;
use serde_json::{Value, json};

/// A book and a ledger in memory: entries by digest; states, records and expiries by client; counts of rejections;
/// decisions about documents; claims and their expiries by key; counts of requests for shared clients.
#[derive(Default)]
pub struct Book(
    pub BTreeMap<String, String>,
    pub BTreeMap<String, (String, String, u64)>,
    pub Option<String>,
    pub Option<String>,
    pub BTreeMap<String, (String, u64)>,
    pub BTreeMap<String, u64>,
);

impl RequestRows for Book {
    fn add_requests(&mut self, counts: &str, _: u64) {
        for RequestCount { client_id, count } in serde_json::from_str::<Vec<_>>(counts).unwrap() {
            *self.5.entry(client_id).or_default() += count;
        }
    }

    fn find_requests(&mut self, client_ids: &str) -> Vec<(String, String)> {
        let wanted: Vec<String> = serde_json::from_str(client_ids).unwrap();
        let found = self.5.iter().filter(|(client_id, _)| wanted.contains(client_id));
        found.map(|(client_id, count)| (client_id.clone(), count.to_string())).collect()
    }
}

impl DecisionRow for Book {
    fn decisions(&mut self) -> Option<String> {
        self.3.clone()
    }

    fn put_decisions(&mut self, decisions: &str) {
        self.3 = Some(decisions.to_owned());
    }
}

impl ClaimRows for Book {
    fn find_claim(&mut self, key: &str, now: u64) -> Option<String> {
        self.4.get(key).filter(|(_, end)| *end > now).map(|(entry, _)| entry.clone())
    }

    fn write_claim(&mut self, key: &str, entry: &str, expires_at: u64, now: u64) {
        self.4.retain(|_, (_, end)| *end > now);
        self.4.insert(key.to_owned(), (entry.to_owned(), expires_at));
    }
}

impl LedgerRows for Book {
    fn find(&mut self, client_id: &str, now: u64) -> Option<String> {
        self.1.get(client_id).filter(|(_, _, end)| *end > now).map(|(state, ..)| state.clone())
    }

    fn find_record(&mut self, client_id: &str) -> Option<String> {
        self.1.get(client_id).map(|(_, record, _)| record.clone())
    }

    fn write(&mut self, client_id: &str, state: &str, record: Option<&str>, expires_at: u64) {
        let record = record.map(str::to_owned).or_else(|| self.find_record(client_id));
        let row = (state.to_owned(), record.unwrap_or_default(), expires_at);
        self.1.insert(client_id.to_owned(), row);
    }

    fn remove_expired(&mut self, now: u64) {
        self.1.retain(|_, (_, _, expires_at)| *expires_at > now);
    }
}

impl Book {
    /// Lets the only token have been used by a client that is not known to be stored.
    pub fn unsettle(&mut self, client_id: &str, until: u64) {
        let entry = self.0.values_mut().next().unwrap();
        let mut changed: Value = serde_json::from_str(entry).unwrap();
        changed["reservations"] = json!([{"client_id": client_id, "until": until}]);
        *entry = changed.to_string();
    }
}

impl Rows for Book {
    fn rejections(&mut self) -> Option<String> {
        self.2.clone()
    }

    fn put_rejections(&mut self, counts: &str) {
        self.2 = Some(counts.to_owned());
    }

    fn get(&mut self, digest: &str) -> Option<String> {
        self.0.get(digest).cloned()
    }

    fn put(&mut self, digest: &str, entry: &str) {
        self.0.insert(digest.to_owned(), entry.to_owned());
    }

    fn delete(&mut self, digest: &str) {
        self.0.remove(digest);
    }

    fn all(&mut self) -> Vec<(String, String)> {
        self.0.iter().map(|(digest, entry)| (digest.clone(), entry.clone())).collect()
    }
}
