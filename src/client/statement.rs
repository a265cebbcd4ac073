//! A software statement whose issuer is trusted: its claims are laid over the members of a request (RFC 7591 §3.1.1).
//!
//! A claim counts if the operator allows its member for this issuer. Then it wins over what the request says, in every
//! language: a name in another language would be a name that the issuer has not vouched for. Two other modes let the
//! request choose a part of a list, or reject it if it says something else. Claims of a JWT itself, and those that mean
//! nothing here, never become members.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::extension::Extensions;
use super::limits;
use super::problem::{Pointer, Problem, Problems};
use super::raw::{RawMember, RawMetadata, is_absent};
use super::record::Record;
use super::rule::Rule;
use super::shown::Shown;
use super::statement_fault::StatementFault;
use super::table::{self, Kind, Member};
use crate::vocabulary::{insert_all, json_text};

/// The name of the member with the statement.
pub const STATEMENT: &str = "software_statement";
/// The member of a response that says what a statement has changed: a list of [`StatementNote`]. An extension.
pub const STATEMENT_NOTES: &str = "software_statement_notes";
/// Claims of every JWT (RFC 7519 §4.1), and a statement in a statement, which means nothing (RFC 7591 §3.1.1).
const PASSED_OVER: [&str; 8] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", STATEMENT];

/// How a member that both the statement and the request have is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// The statement's value counts.
    StatementWins,
    /// The request may have a part of the statement's list.
    Subset,
    /// The request must have the same value, or none.
    Refuse,
}

/// Which claims of an issuer's statements become members, and how.
#[derive(Debug, Clone, Default)]
pub struct StatementRules {
    /// The members that claims may set; `None` for all that a client could set itself.
    pub claims: Option<BTreeSet<String>>,
    /// Members by the names of other claims that set them.
    pub map: BTreeMap<String, String>,
    /// The members that are not decided in the usual way.
    pub conflict: BTreeMap<String, Conflict>,
}

impl StatementRules {
    fn allows(&self, member: &str) -> bool {
        self.claims.as_ref().is_none_or(|allowed| allowed.contains(member))
    }

    /// `redirect_uris` of a request are a part of the statement's (as in Open Banking); else the statement wins.
    fn conflict(&self, member: &str) -> Conflict {
        let usual =
            if member == "redirect_uris" { Conflict::Subset } else { Conflict::StatementWins };
        self.conflict.get(member).copied().unwrap_or(usual)
    }
}

/// The effect of a statement on one member, for the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementNote {
    /// The member, as a JSON pointer.
    pub member: String,
    /// A stable name.
    pub rule: &'static str,
    /// A sentence for people.
    pub message: String,
}

/// An effect: its stable name, and its sentence behind the name of the member.
type Effect = (&'static str, &'static str);
const OVERRIDES: Effect =
    ("statement_overrides", "is what the software statement says, not what the request says");
const SETS: Effect = ("statement_sets", "comes from the software statement");
const IGNORED: Effect = (
    "statement_claim_ignored",
    "of the software statement is ignored: this server does not take it from there",
);

/// A place for a value: a member of the table, in all its languages, or an extension member.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Row(usize),
    Extension(String),
}

/// The values that a statement has for one target, each with its language.
type Stated = Vec<(Option<String>, Value)>;

impl RawMetadata {
    /// The software statement, if it is text.
    #[must_use]
    pub fn statement(&self) -> Option<&str> {
        self.find(STATEMENT).and_then(Value::as_str)
    }

    /// Puts `statement` in the place of the one that was sent or not.
    pub fn set_statement(&mut self, statement: &str) {
        if let Some(row) = table::find(STATEMENT) {
            self.replace(row, statement.into());
        }
    }

    /// Lays the `claims` of a trusted statement over the members. Returns what they have changed, at most
    /// [`Problems::MOST_LISTED`] notes.
    ///
    /// # Errors
    /// Each member that contradicts the statement where it must not, and each claim that only the server assigns.
    pub fn lay_statement_over(
        &mut self,
        claims: &Map<String, Value>,
        rules: &StatementRules,
        extensions: &Extensions,
    ) -> Result<Vec<StatementNote>, Problems> {
        let mut merge = Merge { raw: self, problems: Problems::default(), notes: Vec::new() };
        let stated = merge.sort(claims, rules, extensions);
        for (target, stated) in stated.into_iter().filter(|(_, values)| !values.is_empty()) {
            match target {
                Target::Row(place) => {
                    let Some(row) = table::MEMBERS.get(place) else { continue };
                    merge.lay_row(row, stated, rules.conflict(row.name));
                }
                Target::Extension(name) => {
                    let mode = rules.conflict(&name);
                    merge.lay_extension(name, stated, mode);
                }
            }
        }
        let count = merge.raw.members.len().saturating_add(merge.raw.extensions.len());
        if count > limits::METADATA_MEMBERS {
            merge.problems.push(Problem::new(Pointer::to(""), "", Rule::MemberCount));
        }
        let Merge { problems, notes, .. } = merge;
        if problems.is_empty() { Ok(notes) } else { Err(problems) }
    }
}

impl Record {
    /// The software statement that is registered.
    #[must_use]
    pub fn statement(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct Part {
            software_statement: Option<String>,
        }
        // Most clients have none: their metadata are not parsed for it.
        let has = self.metadata().get().contains(STATEMENT);
        has.then(|| self.metadata.read::<Part>())?.and_then(|part| part.software_statement)
    }
}

struct Merge<'r> {
    raw: &'r mut RawMetadata,
    problems: Problems,
    notes: Vec<StatementNote>,
}

impl Merge<'_> {
    /// Finds the target of each claim that counts.
    fn sort(
        &mut self,
        claims: &Map<String, Value>,
        rules: &StatementRules,
        extensions: &Extensions,
    ) -> BTreeMap<Target, Stated> {
        let said = rules
            .map
            .iter()
            .filter(|(claim, _)| claims.get(*claim).is_some_and(|value| !is_absent(value)));
        let mapped: BTreeSet<&str> = insert_all(said.map(|(_, member)| member.as_str()));
        let mut stated: BTreeMap<Target, Stated> = BTreeMap::new();
        for (claim, value) in claims {
            let target = rules.map.get(claim);
            let name = target.map_or(claim.as_str(), String::as_str);
            if is_absent(value) || (target.is_none() && PASSED_OVER.contains(&name)) {
                continue;
            }
            let (target_of, base, language) = match table::find_localized(name) {
                Some((row, _)) if row.kind == Kind::ServerAssigned => {
                    let fault = StatementFault::Assigned(row.name);
                    self.problems.push(Problem::new(Pointer::to(STATEMENT), "", fault.into()));
                    continue;
                }
                Some((row, language)) => (Target::Row(row.place), row.name, language),
                None if extensions.contains(name) => {
                    (Target::Extension(name.to_owned()), name, None)
                }
                None => continue,
            };
            // A claim of the same name is another thing where the operator has mapped one.
            let counts = target.is_some() || (rules.allows(base) && !mapped.contains(name));
            let values = stated.entry(target_of).or_default();
            let is_new = !values.iter().any(|(known, _)| is_same_tag(known.as_deref(), language));
            if counts && is_new {
                values.push((language.map(str::to_owned), value.clone()));
            } else {
                self.note(&Pointer::to(claim.as_str()), IGNORED);
            }
        }
        stated
    }

    fn lay_row(&mut self, row: &'static Member, stated: Stated, mode: Conflict) {
        let sent: Vec<RawMember> = self
            .raw
            .members
            .iter()
            .filter(|member| member.row.place == row.place)
            .cloned()
            .collect();
        let value_of = |language: Option<&str>| {
            let same = |of: &&(Option<String>, Value)| is_same_tag(of.0.as_deref(), language);
            stated.iter().find(same).map(|(_, value)| value)
        };
        if mode != Conflict::StatementWins && !sent.is_empty() {
            let mut keeps = true;
            for member in &sent {
                let allowed = value_of(member.language.as_deref());
                keeps &= self.check(&member.pointer(), &member.value, allowed, mode);
            }
            if keeps && mode == Conflict::Subset {
                return;
            }
        }
        let is_other = |member: &RawMember| {
            value_of(member.language.as_deref()).is_none_or(|value| *value != member.value)
        };
        match sent.iter().find(|member| is_other(member)) {
            Some(member) => self.note(&member.pointer(), OVERRIDES),
            None if sent.is_empty() => self.note(&Pointer::to(row.name), SETS),
            None => {}
        }
        self.raw.remove(row.name);
        self.drop_other_choices(row, &stated);
        for (language, value) in stated {
            self.raw.insert(RawMember { row, language, value });
        }
    }

    /// A list of choices and its single value say the same thing twice (OpenID Connect Relying Party Metadata Choices 1.0):
    /// what the request says in the other way must not replace what the statement says.
    fn drop_other_choices(&mut self, row: &'static Member, stated: &Stated) {
        let listed = |value: &Value| {
            stated.iter().any(|(_, list)| list.as_array().is_some_and(|list| list.contains(value)))
        };
        let contradicts = |member: &RawMember| match (member.row.kind, row.kind) {
            (Kind::Choices { of }, _) if of == row.name => true,
            (_, Kind::Choices { of }) if of == member.row.name => !listed(&member.value),
            _ => false,
        };
        let dropped: Vec<_> = self.raw.members.iter().filter(|one| contradicts(one)).collect();
        let dropped: Vec<(&str, Pointer)> =
            dropped.into_iter().map(|one| (one.row.name, one.pointer())).collect();
        for (name, pointer) in dropped {
            self.raw.remove(name);
            self.note(&pointer, OVERRIDES);
        }
    }

    fn lay_extension(&mut self, name: String, stated: Stated, mode: Conflict) {
        let Some((_, value)) = stated.into_iter().next() else { return };
        let at = Pointer::to(name.as_str());
        let sent = self.raw.extensions.iter().find(|(known, _)| *known == name);
        match sent.map(|(_, sent)| sent.clone()) {
            Some(sent) if mode != Conflict::StatementWins => {
                if self.check(&at, &sent, Some(&value), mode) && mode == Conflict::Subset {
                    return;
                }
            }
            Some(sent) if sent != value => self.note(&at, OVERRIDES),
            Some(_) => {}
            None => self.note(&at, SETS),
        }
        self.raw.extensions.retain(|(known, _)| *known != name);
        self.raw.extensions.push((name, value));
    }

    /// Whether the request may say `sent` beside the statement's `value`; notes a problem otherwise.
    fn check(&mut self, at: &Pointer, sent: &Value, value: Option<&Value>, mode: Conflict) -> bool {
        let is_right = match (value, mode) {
            (None, _) => false,
            (Some(value), Conflict::Subset) => elements(sent).is_subset(&elements(value)),
            (Some(value), _) => elements(sent) == elements(value),
        };
        if !is_right {
            let rule = match mode {
                Conflict::Subset if at.member == "redirect_uris" => Rule::StatementRedirectUris,
                Conflict::Subset => Rule::StatementSubset,
                _ => Rule::StatementConflict,
            };
            self.problems.push(Problem::new(at.clone(), "", rule));
        }
        is_right
    }

    fn note(&mut self, at: &Pointer, (rule, sentence): Effect) {
        if self.notes.len() < Problems::MOST_LISTED {
            let message = format!("{} {sentence}", Shown::of(&at.member));
            self.notes.push(StatementNote { member: at.to_string(), rule, message });
        }
    }
}

/// Language tags are case-insensitive (RFC 5646 §2.1.1).
fn is_same_tag(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// The elements of a list, the words of a text (a `scope` is a set of them), or any other value as it is.
fn elements(value: &Value) -> BTreeSet<Cow<'_, str>> {
    match value {
        Value::Array(list) => insert_all(list.iter().map(as_text)),
        Value::String(text) => insert_all(text.split(' ').map(Cow::Borrowed)),
        value => insert_all([as_text(value)]),
    }
}

fn as_text(value: &Value) -> Cow<'_, str> {
    value.as_str().map_or_else(|| json_text(value).into(), Cow::Borrowed)
}
