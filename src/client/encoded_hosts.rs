//! The hosts of a request with `xn--` labels, which only the runtime can judge. It is asked once for each name.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::limits;
use super::rule::Rule;
use crate::vocabulary::{Host, HostNames};

/// The labels of one request, and what the runtime says about its hosts.
pub(super) struct EncodedHosts<'n> {
    names: &'n dyn HostNames,
    labels: Cell<usize>,
    known: RefCell<BTreeMap<String, bool>>,
}

impl<'n> EncodedHosts<'n> {
    pub fn new(names: &'n dyn HostNames) -> Self {
        Self { names, labels: Cell::default(), known: RefCell::default() }
    }

    /// Counts the labels of `uri` before it is parsed: each has to be decoded, and each new host is a question to the
    /// runtime.
    ///
    /// # Errors
    /// [`Rule::EncodedLabels`] beyond [`limits::ENCODED_LABELS`].
    pub fn count(&self, uri: &str) -> Result<(), Rule> {
        let labels = self.labels.get().saturating_add(encoded_labels(uri));
        if labels > limits::ENCODED_LABELS {
            return Err(Rule::EncodedLabels);
        }
        self.labels.set(labels);
        Ok(())
    }

    /// Whether the runtime reads `host` as it is written.
    pub fn is_read_alike(&self, host: Host<'_>) -> bool {
        let Some(name) = host.encoded_name() else { return true };
        let mut known = self.known.borrow_mut();
        if let Some(alike) = known.get(name) {
            return *alike;
        }
        let alike = self.names.is_unchanged(name);
        known.insert(name.to_owned(), alike);
        alike
    }
}

/// How many labels of the host of `uri` are Unicode in ASCII.
fn encoded_labels(uri: &str) -> usize {
    // A request can have hundreds of URIs, with a hundred labels each.
    if !uri.contains("--") {
        return 0;
    }
    let behind = uri.split_once("//").map_or("", |(_, behind)| behind);
    let authority = behind.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let is_encoded =
        |label: &&str| label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
    authority.split('.').filter(is_encoded).count()
}
