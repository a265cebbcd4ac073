//! The decision of a closure about a record, and the outcomes of updates, deletions and creations.

use crate::client::Record;

/// The decision of a closure about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Store the record as the closure has changed it.
    Store,
    /// The same, but the closure's value is right without it: another writer or a rate limit is no reason to fail.
    StoreIfPossible,
    /// Store the record with a recorded use, which is not counted as a change.
    StoreUse,
    /// The closure has not changed the record.
    Keep,
}

/// The outcome of an update.
#[expect(clippy::large_enum_variant, reason = "each one is taken apart where it is returned")]
pub enum Change<T> {
    /// The record as it is now, and the value that came with the decision.
    Done(Record, T),
    /// There is no such client: it never existed, has expired or was deleted, maybe while this update ran.
    Absent,
    /// Other writes of this client went on for too long.
    Busy,
    /// The rate limit does not allow the write.
    Limited,
}

/// The outcome of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// The client is deleted.
    Done,
    /// The closure did not allow it for the latest state of the client.
    Declined,
    /// There is no such client.
    Absent,
    /// Another write of this client is under way.
    Busy,
}

/// The outcome of storing a shared client.
#[expect(clippy::large_enum_variant, reason = "each one is taken apart where it is returned")]
pub enum Creation {
    /// This client is stored, by this request or another one.
    Done(Record),
    /// The client was deleted here, which is final.
    Deleted,
    /// Another write of this client goes on for too long.
    Busy,
}
