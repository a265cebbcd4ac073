//! One thing wrong with client metadata: which [`Rule`] is broken, where, by what value.

use std::fmt;

use serde::ser::{SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};

use super::rule::Rule;
use super::shown::Shown;
use super::table;

/// One thing wrong with one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its place in the body.
    pub at: Pointer,
    /// The offending value, shortened and in harmless ASCII; empty where there is none to show.
    pub value: Shown,
    /// The rule it breaks.
    pub rule: Rule,
}

/// The problems of a request, in the order in which they were found. An answer does not grow with the mistakes of its
/// caller: beyond [`Problems::MOST_LISTED`] they are counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems {
    listed: Vec<Problem>,
    more: usize,
    rules: Vec<&'static str>,
}

impl Problems {
    /// The most problems that an answer lists.
    pub const MOST_LISTED: usize = 50;
    /// The most problems that a line of the log lists.
    pub const MOST_LOGGED: usize = 5;

    /// Adds a problem.
    pub fn push(&mut self, problem: Problem) {
        if !self.is_beyond(&problem.rule) {
            self.count(problem.rule.id());
            self.listed.push(problem);
        }
    }

    /// Counts a problem with `rule` if the list is full; `false` if there is room for it.
    pub fn is_beyond(&mut self, rule: &Rule) -> bool {
        let full = self.listed.len() >= Self::MOST_LISTED;
        if full {
            self.count(rule.id());
            self.more = self.more.saturating_add(1);
        }
        full
    }

    /// Adds those of `others`.
    pub fn append(&mut self, others: Self) {
        others.rules.into_iter().for_each(|rule| self.count(rule));
        let room = Self::MOST_LISTED.saturating_sub(self.listed.len());
        let beyond = others.listed.len().saturating_sub(room);
        self.listed.extend(others.listed.into_iter().take(room));
        self.more = self.more.saturating_add(beyond).saturating_add(others.more);
    }

    fn count(&mut self, rule: &'static str) {
        if !self.rules.contains(&rule) {
            self.rules.push(rule);
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// The first of them, [`Self::MOST_LISTED`] at most.
    #[must_use]
    pub fn listed(&self) -> &[Problem] {
        &self.listed
    }

    /// The number of problems that are not listed.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }

    /// The names of the rules that are broken, each once.
    #[must_use]
    pub fn rules(&self) -> &[&'static str] {
        &self.rules
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        let mut problems = Self::default();
        problems.push(problem);
        problems
    }
}

/// A rule that was broken, and the member that broke it: without anything that a caller wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The member's registered name; `-` for the body as a whole and for members that are not registered.
    pub member: String,
    /// [`Rule::id`]
    pub rule: String,
}

impl Problems {
    /// The first of them as they may be logged, each once and at most [`Self::MOST_LOGGED`].
    #[must_use]
    pub fn rejections(&self) -> Vec<Rejection> {
        let mut found: Vec<Rejection> = Vec::new();
        for problem in &self.listed {
            let row = table::find_localized(&problem.at.member).map(|(row, _)| row.name);
            let rule = problem.rule.id().to_owned();
            let rejection = Rejection { member: row.unwrap_or("-").to_owned(), rule };
            if found.len() < Self::MOST_LOGGED && !found.contains(&rejection) {
                found.push(rejection);
            }
        }
        found
    }
}

/// A place in the metadata object: a member and, in a list, an index (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The member as the client wrote it, language tag included; empty for the whole body.
    pub member: String,
    /// The member of that member which holds the list: `keys` of `jwks`.
    pub inner: Option<&'static str>,
    /// The index in a list.
    pub index: Option<usize>,
}

impl Pointer {
    /// The place of a whole member.
    #[must_use]
    pub fn to(member: impl Into<String>) -> Self {
        Self { member: member.into(), inner: None, index: None }
    }

    /// The place of a member in one of its languages.
    #[must_use]
    pub fn of(name: &str, language: Option<&str>) -> Self {
        Self::to(language.map_or_else(|| name.to_owned(), |tag| [name, "#", tag].concat()))
    }

    /// The place of a key in `jwks`.
    #[must_use]
    pub fn key(index: usize) -> Self {
        Self { inner: Some("keys"), index: Some(index), ..Self::to("jwks") }
    }

    /// The place of one element of this member.
    #[must_use]
    pub fn element(&self, index: usize) -> Self {
        Self { index: Some(index), ..self.clone() }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.member.is_empty() {
            return Ok(());
        }
        let member = Shown::of(&self.member.replace('~', "~0").replace('/', "~1"));
        write!(f, "/{member}")?;
        if let Some(inner) = self.inner {
            write!(f, "/{inner}")?;
        }
        self.index.map_or(Ok(()), |index| write!(f, "/{index}"))
    }
}

impl Problem {
    /// A problem of a whole member or element, with the value to show.
    #[must_use]
    pub fn new(at: Pointer, value: &str, rule: Rule) -> Self {
        Self { at, value: Shown::of(value), rule }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at.member.as_str() {
            "" => f.write_str("the body")?,
            member => Shown::of(member).fmt(f)?,
        }
        if let Some(inner) = self.at.inner {
            write!(f, ".{inner}")?;
        }
        if let Some(index) = self.at.index {
            write!(f, "[{index}]")?;
        }
        if !self.value.is_empty() {
            write!(f, " ('{}')", self.value)?;
        }
        write!(f, " {}", self.rule)
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Problem", 4)?;
        object.serialize_field("member", &self.at.to_string())?;
        object.serialize_field("rule", self.rule.id())?;
        object.serialize_field("message", &self.to_string())?;
        object.serialize_field("spec", self.rule.spec())?;
        object.end()
    }
}
