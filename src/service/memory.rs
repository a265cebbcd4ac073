//! A [`Store`] in memory, for native runs. It counts what is asked of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::ports::{ClientKey, Store, StoreError};

/// Records in a map, and the number of operations so far.
#[derive(Debug, Default)]
pub struct MemoryStore {
    records: RefCell<BTreeMap<String, String>>,
    reads: Cell<u64>,
    writes: Cell<u64>,
}

impl MemoryStore {
    /// Reads and writes so far.
    #[must_use]
    pub fn operations(&self) -> (u64, u64) {
        (self.reads.get(), self.writes.get())
    }

    /// Every key and record.
    #[must_use]
    pub fn records(&self) -> Vec<(String, String)> {
        self.records.borrow().iter().map(|(key, record)| (key.clone(), record.clone())).collect()
    }

    /// Puts bytes under a key as some other program might have.
    pub fn plant(&self, key: &str, record: &str) {
        self.records.borrow_mut().insert(key.to_owned(), record.to_owned());
    }
}

impl Store for &MemoryStore {
    async fn put(&self, key: &ClientKey, record: String) -> Result<(), StoreError> {
        self.writes.set(self.writes.get().saturating_add(1));
        self.records.borrow_mut().insert(key.to_string(), record);
        Ok(())
    }

    async fn get(&self, key: &ClientKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.reads.set(self.reads.get().saturating_add(1));
        Ok(self.records.borrow().get(&key.to_string()).map(|record| record.clone().into_bytes()))
    }
}
