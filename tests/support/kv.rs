//! Workers KV as it really is, in memory: one write a second for each key, values and absences that a
//! location has read are what it sees for a minute, expiry, and failures when a test asks for them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::task::Poll;

use rollcall::records::{self, Key, Page, Store, StoreError};

/// How long a location may go on seeing what it has read, in milliseconds.
pub const PROPAGATION_MS: u64 = 60_000;
const WRITE_INTERVAL_MS: u64 = 1_000;

/// The outcome of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is done.
    None,
    /// It is rejected as if another write to the key had come just before.
    Conflict,
    /// It fails and was not done.
    Error,
    /// It is done, and the answer is lost.
    LostAnswer,
    /// It is done after this many milliseconds.
    Slow(u64),
    /// It is rejected like a conflict, after this many milliseconds.
    SlowConflict(u64),
}

/// A namespace, and every location's view of it.
#[derive(Default)]
pub struct Kv {
    /// Milliseconds since 1970.
    pub clock: Cell<u64>,
    /// The location at which requests come in at the moment.
    pub location: Cell<usize>,
    /// The faults of the next operations; later ones have none.
    faults: RefCell<VecDeque<Fault>>,
    central: RefCell<BTreeMap<String, Stored>>,
    written: RefCell<BTreeMap<String, u64>>,
    seen: RefCell<BTreeMap<(usize, String), View>>,
    reads: Cell<u64>,
    writes: Cell<u64>,
    lists: Cell<u64>,
    /// Whether each operation waits once before it is done, so that requests can overlap.
    pub interleaved: Cell<bool>,
}

/// The value that a location saw, and when, in milliseconds since 1970.
type View = (Option<Stored>, u64);

#[derive(Clone)]
struct Stored {
    text: String,
    summary: Option<String>,
    expires_at_ms: Option<u64>,
}

impl Kv {
    /// Reads and writes so far, rejected ones included; a deletion is a write.
    pub fn operations(&self) -> (u64, u64) {
        (self.reads.get(), self.writes.get())
    }

    /// Lists so far.
    pub fn lists(&self) -> u64 {
        self.lists.get()
    }

    /// Sets the faults of the next operations.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        *self.faults.borrow_mut() = faults.into_iter().collect();
    }

    /// Before an operation: lets others go first, if requests are to overlap.
    pub async fn turn(&self) {
        let mut waits = self.interleaved.get();
        std::future::poll_fn(|_| {
            if std::mem::take(&mut waits) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }

    /// Lets time pass.
    pub fn pass(&self, milliseconds: u64) {
        self.clock.set(self.clock.get() + milliseconds);
    }

    /// Every key and value at the centre.
    pub fn records(&self) -> Vec<(String, String)> {
        let central = self.central.borrow();
        let live = central.iter().filter(|(_, value)| self.is_live(value));
        live.map(|(key, value)| (key.clone(), value.text.clone())).collect()
    }

    /// Puts a value under a key as some other program might have, long ago.
    pub fn plant(&self, key: &str, text: &str) {
        self.central.borrow_mut().insert(
            key.to_owned(),
            Stored { text: text.to_owned(), summary: None, expires_at_ms: None },
        );
        self.seen.borrow_mut().retain(|(_, seen), _| seen != key);
    }

    /// Puts a value with its summary under a key.
    pub fn restore(&self, key: &str, text: &str, summary: Option<&str>) {
        self.plant(key, text);
        let summary = summary.map(str::to_owned);
        self.central.borrow_mut().get_mut(key).unwrap().summary = summary;
    }

    /// Puts another value under a key, its summary left as it is.
    pub fn spoil(&self, key: &str, text: &str) {
        text.clone_into(&mut self.central.borrow_mut().get_mut(key).unwrap().text);
        self.seen.borrow_mut().retain(|(_, seen), _| seen != key);
    }

    fn is_live(&self, value: &Stored) -> bool {
        value.expires_at_ms.is_none_or(|end| end > self.clock.get())
    }

    fn next_fault(&self) -> Fault {
        let fault = self.faults.borrow_mut().pop_front().unwrap_or(Fault::None);
        if let Fault::Slow(milliseconds) | Fault::SlowConflict(milliseconds) = fault {
            self.pass(milliseconds);
        }
        fault
    }

    fn see(&self, key: &str, value: Option<Stored>) {
        let view = (value, self.clock.get());
        self.seen.borrow_mut().insert((self.location.get(), key.to_owned()), view);
    }

    fn write(&self, key: &str, value: Option<Stored>) -> Result<(), StoreError> {
        self.writes.set(self.writes.get() + 1);
        let fault = self.next_fault();
        let now = self.clock.get();
        let last = self.written.borrow().get(key).copied();
        let too_soon = last.is_some_and(|last| now < last + WRITE_INTERVAL_MS);
        match fault {
            Fault::Error => return Err(failure()),
            Fault::Conflict | Fault::SlowConflict(_) => return Err(StoreError::Conflict),
            _ if too_soon => return Err(StoreError::Conflict),
            _ => {}
        }
        self.written.borrow_mut().insert(key.to_owned(), now);
        self.see(key, value.clone());
        match value {
            Some(value) => drop(self.central.borrow_mut().insert(key.to_owned(), value)),
            None => drop(self.central.borrow_mut().remove(key)),
        }
        if fault == Fault::LostAnswer { Err(failure()) } else { Ok(()) }
    }
}

fn failure() -> StoreError {
    StoreError::Unavailable("KV failed: 500 Internal Server Error".into())
}

impl Store for &Kv {
    async fn put(&self, key: &Key, value: records::StoredValue<'_>) -> Result<(), StoreError> {
        let records::StoredValue { text, ttl, summary } = value;
        assert!(ttl.is_none_or(|seconds| seconds >= 60), "KV refuses a TTL of {ttl:?}");
        assert!(summary.is_none_or(|json| json.len() <= 1024), "KV refuses {summary:?}");
        let expires_at_ms = ttl.map(|seconds| self.clock.get() + u64::from(seconds) * 1000);
        let (text, summary) = (text.to_owned(), summary.map(str::to_owned));
        self.turn().await;
        self.write(key.as_str(), Some(Stored { text, summary, expires_at_ms }))
    }

    async fn list(
        &self,
        prefix: &Key,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page, StoreError> {
        assert!((1..=1000).contains(&limit), "KV refuses a limit of {limit}");
        self.lists.set(self.lists.get() + 1);
        if self.next_fault() != Fault::None {
            return Err(failure());
        }
        let after =
            match cursor.map(|cursor| cursor.strip_prefix("after ").ok_or(StoreError::Cursor)) {
                None => String::new(),
                Some(after) => after?.to_owned(),
            };
        let central = self.central.borrow();
        let live = central.iter().filter(|(key, value)| {
            key.starts_with(prefix.as_str()) && **key > after && self.is_live(value)
        });
        let mut keys: Vec<_> = live
            .take(limit as usize + 1)
            .map(|(key, value)| {
                let summary = value.summary.as_ref();
                (key.clone(), summary.map(|json| serde_json::from_str(json).unwrap()))
            })
            .collect();
        let more = keys.len() > limit as usize;
        keys.truncate(limit as usize);
        let cursor = keys.last().filter(|_| more).map(|(key, _)| format!("after {key}"));
        Ok(Page { keys, cursor })
    }

    async fn get(&self, key: &Key, cache_ttl: Option<u32>) -> Result<Option<Vec<u8>>, StoreError> {
        assert!(cache_ttl.is_none_or(|seconds| seconds >= 30), "KV refuses {cache_ttl:?}");
        self.turn().await;
        let remembered = cache_ttl.map_or(PROPAGATION_MS, |seconds| u64::from(seconds) * 1000);
        self.reads.set(self.reads.get() + 1);
        if let Fault::Error | Fault::LostAnswer | Fault::Conflict = self.next_fault() {
            return Err(failure());
        }
        let key = key.as_str().to_owned();
        let seen = self.seen.borrow().get(&(self.location.get(), key.clone())).cloned();
        let value = match seen {
            Some((value, at)) if self.clock.get() < at + remembered => value,
            _ => {
                let value = self.central.borrow().get(&key).cloned();
                self.see(&key, value.clone());
                value
            }
        };
        Ok(value.filter(|value| self.is_live(value)).map(|value| value.text.into_bytes()))
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.turn().await;
        self.write(key.as_str(), None)
    }
}
