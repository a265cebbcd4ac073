//! `DOCUMENTS`: which metadata documents are resolved, and how long they are good for.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::limits::ENTRIES;
use crate::client::setting::{Count, List, ListItem, Seconds};
use crate::client::{DocumentProfile, HostPatterns, Mistake};
use crate::vocabulary::{ClientUrl, ClientUrlRules, json_text};

/// The expected value of `DOCUMENTS.pinned`.
pub(in crate::issuer) const PINNED: &str =
    "a table of at most 100 documents by URL; each is a table whose client_id is the URL";

/// The defaults of the bounds of freshness, in seconds.
const LEAST: u64 = 300;
const USUAL: u64 = 3_600;
const MOST: u64 = 86_400;

/// Which documents are resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentMode {
    /// None.
    #[default]
    Off,
    /// Those that the operator lists or pins.
    Listed,
    /// Those of all hosts that are not denied.
    Open,
    /// None here: the authorization server resolves them itself.
    ByAs,
}

/// The operator's settings for metadata documents. `docs/documents.md` says what each does. Cloning is cheap.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "DocumentsTable")]
pub struct DocumentSettings {
    table: Rc<DocumentsTable>,
    freshness: Freshness,
    max_bytes: usize,
    last_good: u64,
    pinned: Rc<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DocumentsTable {
    mode: DocumentMode,
    urls: List<UrlPattern>,
    hosts: HostPatterns,
    denied_hosts: HostPatterns,
    profile: DocumentProfile,
    allow_query: bool,
    allow_loopback: bool,
    min_ttl: Option<Seconds<60, 86_400>>,
    default_ttl: Option<Seconds<60, 604_800>>,
    max_ttl: Option<Seconds<60, 604_800>>,
    max_bytes: Option<Count<1024, 32_768>>,
    last_good: Option<Seconds<0, 2_592_000>>,
    /// Read by [`DocumentSettings::pin`]: documents have no fixed members.
    #[serde(rename = "pinned")]
    _pinned: IgnoredAny,
}

impl From<DocumentsTable> for DocumentSettings {
    fn from(mut table: DocumentsTable) -> Self {
        let least = table.min_ttl.take().map(|seconds| u64::from(seconds.0));
        let usual = table.default_ttl.take().map(|seconds| u64::from(seconds.0));
        let most = table.max_ttl.take().map(|seconds| u64::from(seconds.0));
        // Defaults make room for what the operator has set.
        let given = || [least, usual, most].into_iter().flatten();
        let least = least.unwrap_or_else(|| given().fold(LEAST, u64::min));
        let most = most.unwrap_or_else(|| given().fold(MOST, u64::max));
        let usual = usual.unwrap_or(USUAL.clamp(least, most.max(least)));
        let bytes = table.max_bytes.take().and_then(|bytes| usize::try_from(bytes.0).ok());
        let last_good = table.last_good.take().map(|seconds| seconds.0.into());
        Self {
            table: Rc::new(table),
            freshness: Freshness { least, usual, most },
            max_bytes: bytes.unwrap_or(5_120),
            last_good: last_good.unwrap_or(604_800),
            pinned: Rc::default(),
        }
    }
}

/// The bounds of freshness, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Freshness {
    /// The least, whatever the document's server says.
    pub least: u64,
    /// The default, if that server says nothing.
    pub usual: u64,
    /// The most.
    pub most: u64,
}

/// The verdict of the operator's settings on a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// It is listed: the operator vouches for it.
    Listed,
    /// It is resolved, and nobody vouches for it.
    Open,
    /// It is not resolved.
    Denied,
}

impl DocumentSettings {
    /// Which documents are resolved.
    #[must_use]
    pub fn mode(&self) -> DocumentMode {
        self.table.mode
    }

    /// Whether any document is resolved here.
    #[must_use]
    pub fn is_on(&self) -> bool {
        matches!(self.table.mode, DocumentMode::Listed | DocumentMode::Open)
    }

    /// The rules for documents and their URLs.
    #[must_use]
    pub fn profile(&self) -> DocumentProfile {
        self.table.profile
    }

    /// Which URLs can be one of a document.
    #[must_use]
    pub fn url_rules(&self) -> ClientUrlRules {
        let DocumentsTable { allow_query, allow_loopback, .. } = *self.table;
        ClientUrlRules { allow_query, allow_loopback }
    }

    /// Whether documents on the loopback interface are resolved, which only a developer's machine may.
    #[must_use]
    pub fn allows_loopback(&self) -> bool {
        self.table.allow_loopback
    }

    /// The bounds of freshness.
    #[must_use]
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// The most bytes of a document (draft-ietf-oauth-client-id-metadata-document-02 §8.7).
    #[must_use]
    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// How long after it was last confirmed a document may be used while its server cannot be reached, in seconds.
    #[must_use]
    pub fn last_good(&self) -> u64 {
        self.last_good
    }

    /// The document that the operator has pinned for `url`, as JSON.
    #[must_use]
    pub fn pinned(&self, url: &ClientUrl) -> Option<&str> {
        self.pinned.get(url.as_str()).map(String::as_str)
    }

    /// The verdict of these settings on `url`; `is_pinned` if the operator has pinned its document elsewhere.
    #[must_use]
    pub fn approval(&self, url: &ClientUrl, is_pinned: bool) -> Approval {
        let DocumentsTable { mode, urls, hosts, denied_hosts, .. } = &*self.table;
        let is_listed = || {
            is_pinned
                || self.pinned(url).is_some()
                || hosts.cover_name(url.host())
                || urls.iter().any(|pattern| pattern.covers(url.as_str()))
        };
        match mode {
            _ if denied_hosts.cover_name(url.host()) => Approval::Denied,
            DocumentMode::Off | DocumentMode::ByAs => Approval::Denied,
            _ if is_listed() => Approval::Listed,
            DocumentMode::Open => Approval::Open,
            DocumentMode::Listed => Approval::Denied,
        }
    }

    /// Notes what the types of the settings cannot say.
    pub(in crate::issuer) fn check(&self, mistakes: &mut Vec<Mistake>) {
        let Freshness { least, usual, most } = self.freshness();
        if least > usual || usual > most {
            let expected = "from DOCUMENTS.min_ttl to DOCUMENTS.max_ttl";
            mistakes.push(Mistake::value("DOCUMENTS.default_ttl", Some(&usual.into()), expected));
        }
    }

    /// Takes the documents that the operator has pinned: a table of documents by URL.
    pub(in crate::issuer) fn pin(&mut self, documents: &Value, mistakes: &mut Vec<Mistake>) {
        let wrong = |path: &str| Mistake::value(path, Some(documents), PINNED);
        let is_sound = |table: &&Map<String, Value>| {
            table.len() <= ENTRIES && table.values().all(Value::is_object)
        };
        let table = documents.as_object().filter(is_sound);
        let Some(table) = table else { return mistakes.push(wrong("DOCUMENTS.pinned")) };
        let mut pinned = BTreeMap::new();
        for (url, document) in table {
            let is_its_own = document.get("client_id").is_some_and(|text| text == url.as_str());
            if is_its_own && ClientUrl::parse(url, self.url_rules()).is_ok() {
                pinned.insert(url.clone(), json_text(document));
            } else {
                let path = format!("DOCUMENTS.pinned.\"{url}\"");
                mistakes.push(Mistake::value(&path, Some(document), PINNED));
            }
        }
        self.pinned = Rc::new(pinned);
    }
}

/// A URL, or the beginning of URLs on one host: `https://claude.ai/oauth/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UrlPattern {
    /// The URL without the asterisk.
    text: String,
    is_beginning: bool,
}

impl UrlPattern {
    fn covers(&self, url: &str) -> bool {
        if self.is_beginning { url.starts_with(&self.text) } else { url == self.text }
    }
}

impl ListItem for UrlPattern {
    const MUST_BE: &'static str = "the URL of a document, or the beginning of such URLs with * at its end, like \
         https://app.example.com/clients/*";

    fn parse(text: &str) -> Option<Self> {
        let beginning = text.strip_suffix('*');
        let url = beginning.unwrap_or(text);
        // The host ends before the asterisk: a longer name would be another's.
        let rules = ClientUrlRules { allow_query: true, allow_loopback: true };
        let is_sound = ClientUrl::parse(url, rules).is_ok() && !url.contains('*');
        is_sound.then(|| Self { text: url.to_owned(), is_beginning: beginning.is_some() })
    }
}
