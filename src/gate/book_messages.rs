//! The messages between a registration and [the token book](super::token_book).

use serde::{Deserialize, Serialize};

use super::rejections::RejectionCount;
use super::request_counts::RequestCount;
use super::statement_uses::StatementUse;
use super::token_book::Entry;
use crate::records::{DocumentAction, DocumentDecisions};

/// A request to a book. `digest` names a token by its digest, `client_id` the client to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum BookRequest {
    /// Enter a new token.
    Mint {
        /// Its digest.
        digest: String,
        /// Its entry.
        entry: Entry,
    },
    /// Every token that still works.
    List,
    /// Delete the token with this id.
    Revoke {
        /// [`TokenName::id`](crate::client::TokenName::id)
        id: String,
    },
    /// Is there a use left? Takes none.
    Check {
        /// The token.
        digest: String,
        /// The digest of an idempotency key: with a use that was taken for it, none needs to be left.
        #[serde(default)]
        claim: Option<String>,
    },
    /// Take a use for this client, once however often it is asked.
    Reserve {
        /// The token.
        digest: String,
        /// The client to be.
        client_id: String,
        /// The place that it comes from, as [`Reservation`](super::token_book::Reservation) has it.
        #[serde(default)]
        place: Option<String>,
        /// Whether the client is shared: no use is taken if the ledger knows that it is there, or was deleted.
        #[serde(default)]
        shared: bool,
    },
    /// Is the use that was taken for this client still its own? It is for another lease then. Only the version
    /// before this one asks, while a deployment spreads.
    Confirm {
        /// The token.
        digest: String,
        /// The client to be.
        client_id: String,
    },
    /// The client is stored.
    Settle {
        /// The token.
        digest: String,
        /// The client that is.
        client_id: String,
    },
    /// This client will never be. Only the version before this one asks, while a deployment spreads.
    Release {
        /// The token.
        digest: String,
        /// The client that is not.
        client_id: String,
    },
    /// Add these counts of rejections.
    CountRejections {
        /// The counts of an isolate.
        counts: Vec<RejectionCount>,
    },
    /// Every count of rejections.
    ListRejections,
    /// Add these counts of requests for shared clients.
    CountRequests {
        /// The counts of an isolate.
        counts: Vec<RequestCount>,
    },
    /// How often were these shared clients requested?
    FindRequests {
        /// The clients.
        client_ids: Vec<String>,
    },
    /// Every decision of the operator about documents, after this one, if there is one.
    Documents(Option<(String, DocumentAction)>),
    /// Take the use of a software statement for this client.
    UseStatement {
        /// The use.
        wanted: StatementUse,
        /// The client to be, or that is.
        client_id: String,
        /// The client in doubt that is not in the store.
        instead_of: Option<String>,
    },
    /// The client with the use of a software statement is stored.
    SettleStatement {
        /// [`StatementUse::key`]
        key: String,
        /// The client that is.
        client_id: String,
    },
    /// These clients were in doubt and are not in the store. A client that has reserved again since then keeps its
    /// use, and one that the ledger knows as deleted has made its use.
    Lapse {
        /// The token.
        digest: String,
        /// The clients that are not.
        client_ids: Vec<String>,
    },
}

/// The reply of a book.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum BookReply {
    /// It is done; `false` if there was nothing to do it to.
    Done(bool),
    /// The tokens that still work.
    Entries(Vec<Entry>),
    /// The counts of rejections, those seen last first.
    Rejections(Vec<RejectionCount>),
    /// How often shared clients were requested.
    Requests(Vec<RequestCount>),
    /// The decisions about documents; `None` if there are too many for another one.
    Documents(Option<DocumentDecisions>),
    /// The holder of the token may register.
    Granted(Box<Entry>),
    /// Another client has the use of the software statement.
    StatementUsed {
        /// That client.
        client_id: String,
        /// Whether it is known to be stored.
        is_settled: bool,
        /// Whether the use passes on if it does not exist.
        in_doubt: bool,
    },
    /// The holder of the token may not register.
    Refused {
        /// Unless some of these clients, which are in doubt, do not exist.
        in_doubt: Vec<String>,
        /// Whether uses are being made right now that may yet be given back.
        pending: bool,
    },
}
