//! The rules for an imported record: it has to be one that this program could have written.
//!
//! Its metadata are verified like a registration, without the policies. A restored backup must not lose a client because
//! the configuration has changed. So two things are only a warning: a value that the issuer no longer offers, if the
//! specifications allow it, and a list that a registration would narrow.

use std::ops::RangeInclusive;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::approval::LONGEST_REASON;
use super::jwks::Points;
use super::limits;
use super::metadata::ClientMetadata;
use super::mistake::Mistake;
use super::policy::Policy;
use super::problem::Pointer;
use super::raw::{RawMember, RawMetadata};
use super::reading::read;
use super::record::{Record, RecordError};
use super::remark::Remark;
use super::rule::Rule;
use super::secrets::StoredSecret;
use super::shown::Shown;
use super::stored::StoredMetadata;
use super::supported::Supported;
use super::table::{self, Kind};
use crate::vocabulary::{
    AuthMethod, ClientUrl, ClientUrlRules, GrantType, ResponseType, Scope, Unicode, json_text,
};

/// No client was registered earlier, in seconds since 1970: RFC 7591 was published in July 2015.
pub const FIRST_CLIENT: u64 = 1_435_708_800;
/// How much clocks may differ, in seconds.
const CLOCK_SKEW: u64 = 24 * 60 * 60;
/// The longest lifetime that can be set, in seconds.
const LONGEST: u64 = i32::MAX as u64;
/// The longest label of an initial access token, and the longest name of it or of a policy, in bytes.
const LABEL: usize = 200;
/// The JSON type of lists in the table of members.
const LIST: &str = "a list of strings";

impl Record {
    /// Verifies a record from elsewhere, and returns warnings for the operator, and the points of the client's keys. Lists
    /// that a registration would narrow are narrowed.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn verify_import(
        &mut self,
        supported: &Supported,
        unicode: &dyn Unicode,
        now: u64,
    ) -> Result<(Vec<Remark>, Points), Remark> {
        self.check_times(now)?;
        self.check_credentials()?;
        self.check_provenance()?;
        self.check_approval()?;
        self.check_document_url()?;
        self.verify_metadata(supported, unicode)
    }

    fn check_times(&self, now: u64) -> Result<(), Remark> {
        let past = FIRST_CLIENT..=now.saturating_add(CLOCK_SKEW);
        let future = 0..=now.saturating_add(LONGEST).saturating_add(CLOCK_SKEW);
        let count = 0..=u64::from(u32::MAX).saturating_sub(1);
        let checks = [
            ("issued_at", Some(self.issued_at), &past),
            ("updated_at", self.updated_at, &past),
            ("last_used", self.last_used, &past),
            ("uses_recorded_since", self.uses_recorded_since, &past),
            ("disabled_at", self.disabled_at, &past),
            ("approved_at", self.approved_at, &past),
            ("approval/since", self.approval().map(|one| one.since), &past),
            ("approval/rejected_at", self.approval().and_then(|one| one.rejected_at), &past),
            ("approval/expires_at", self.approval().and_then(|one| one.expires_at), &future),
            ("expires_at", self.expires_at, &future),
            ("idle_expires_at", self.idle_expires_at, &future),
            ("changes", Some(self.changes), &count),
            ("writes", self.writes, &count),
        ];
        for (name, value, range) in checks {
            value.map_or(Ok(()), |value| within(&format!("/{name}"), name, value, range))?;
        }
        for (index, (issued_at, expires_at)) in self.secrets.times().enumerate() {
            let at = |name: &str| format!("/secrets/{index}/{name}");
            // Secrets of the first schema version did not say.
            if issued_at != 0 {
                within(&at("issued_at"), "issued_at of a secret", issued_at, &past)?;
            }
            within(&at("expires_at"), "expires_at of a secret", expires_at, &future)?;
        }
        Ok(())
    }

    fn check_credentials(&self) -> Result<(), Remark> {
        if !self.version.is_sound() {
            let reason = "version must be 1 to 64 base64url characters";
            return Err(Remark::new("/version", "version", reason));
        }
        let count = if self.is_shared() { 0..=0 } else { 1..=2 };
        if !count.contains(&self.tokens.len()) {
            let reason = "tokens must be one or two digests (none if shared)";
            return Err(Remark::new("/tokens", "count", reason));
        }
        if self.secrets.times().count() > 2 {
            return Err(Remark::new("/secrets", "count", "secrets must be at most two"));
        }
        let sealed = self.secrets.newest_first().filter_map(StoredSecret::sealed);
        if sealed.into_iter().any(|sealed| sealed.read().is_none()) {
            let reason = "sealed must be the number of a key, a dot, and 114 bytes as base64url";
            return Err(Remark::new("/secrets", "sealed_secret", reason));
        }
        Ok(())
    }

    fn check_document_url(&self) -> Result<(), Remark> {
        let rules = ClientUrlRules { allow_loopback: true, ..ClientUrlRules::default() };
        let end = format!("/clients/{}", self.client_id);
        let is_sound = |url: &str| ClientUrl::parse(url, rules).is_ok() && url.ends_with(&end);
        if self.document_url().is_none_or(is_sound) {
            return Ok(());
        }
        let reason = "document_url must be an https URL that ends with /clients/ and the client_id";
        Err(Remark::new("/document_url", "document_url", reason))
    }

    fn check_approval(&self) -> Result<(), Remark> {
        let reason = self.approval().and_then(|approval| approval.reason.as_deref());
        let is_sound =
            |text: &str| text.len() <= LONGEST_REASON && !text.chars().any(char::is_control);
        if reason.is_none_or(is_sound) {
            return Ok(());
        }
        let reason = format!("must be text of at most {LONGEST_REASON} bytes without controls");
        Err(Remark::new("/approval/reason", "text", reason))
    }

    fn check_provenance(&self) -> Result<(), Remark> {
        let provenance = &self.provenance;
        let is_rule = |text: &String| {
            text.len() <= LABEL && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        let overridden = &provenance.overridden;
        if overridden.len() > limits::ENTRIES || !overridden.iter().all(is_rule) {
            let reason = "overridden must be a list of names of rules";
            return Err(Remark::new("/provenance/overridden", "text", reason));
        }
        let token = provenance.token.iter();
        let names =
            token.flat_map(|token| [("token/id", &token.id), ("token/label", &token.label)]);
        let statement = provenance.statement.iter();
        let statement = statement.flat_map(|of| {
            let optional = |name, text| Option::map(Option::as_ref(text), |text| (name, text));
            [
                Some(("statement/iss", &of.iss)),
                optional("statement/software_id", &of.software_id),
                optional("statement/jti", &of.jti),
            ]
        });
        let names = names.chain(statement.flatten());
        for (name, text) in names.chain([("policy", &provenance.policy)]) {
            if text.len() > LABEL || text.chars().any(char::is_control) {
                let reason = format!("must be text of at most {LABEL} bytes without controls");
                return Err(Remark::new(format!("/provenance/{name}"), "text", reason));
            }
        }
        if provenance.certificate.as_ref().is_some_and(|certificate| !certificate.is_sound()) {
            let reason = "certificate must have distinguished names, and a SHA-256 fingerprint in lower case";
            return Err(Remark::new("/provenance/certificate", "certificate", reason));
        }
        let mut mistakes = Vec::new();
        read::<Policy>("", &provenance.token_policy, limits::ENTRIES, &mut mistakes);
        Policy::check_new("", &provenance.token_policy, &mut mistakes);
        if mistakes.is_empty() {
            return Ok(());
        }
        let reason = Shown::list(&Mistake::join(&mistakes)).to_string();
        Err(Remark::new("/provenance/token_policy", "policy", reason))
    }

    fn verify_metadata(
        &mut self,
        supported: &Supported,
        unicode: &dyn Unicode,
    ) -> Result<(Vec<Remark>, Points), Remark> {
        let text = self.metadata().get();
        let raw = RawMetadata::parse_with(text.as_bytes(), &supported.extensions)
            .map_err(|problem| Remark::of(&problem))?;
        let stored: Map<String, Value> = serde_json::from_slice(text.as_bytes())
            .map_err(|reason| Remark::of_parsing(&RecordError::Corrupt { reason }))?;
        // Absent for a client is not absent here: what is stored is answered as it is.
        for name in stored.keys() {
            let row = table::find_localized(name).map(|(row, _)| row);
            let rule = match row {
                None if supported.extensions.contains(name) => None,
                None => Some(("unknown_member", "is not a member of client metadata")),
                Some(row) if row.kind == Kind::ServerAssigned => Some((
                    Rule::ServerAssigned.id(),
                    "must not be there: only the server assigns it",
                )),
                Some(_) => None,
            };
            if let Some((rule, text)) = rule {
                let at = format!("/metadata{}", Pointer::to(name.clone()));
                return Err(Remark::new(at, rule, format!("{} {text}", Shown::of(name))));
            }
        }
        let mut remarks = Vec::new();
        let mut supported = extended(supported, &raw.members, &mut remarks);
        if let Some(url) = self.document_url() {
            supported = supported.for_hosted(url.len());
        }
        let verified = ClientMetadata::verify(raw, &supported, &[], unicode, None);
        let verified = verified.map_err(|problems| {
            let first = problems.listed().first().map(Remark::of);
            first.unwrap_or_else(|| Remark::new("/metadata", "record", "cannot be verified"))
        })?;
        if !verified.auth_method().needs_secret() && self.secrets.times().count() > 0 {
            let method = verified.auth_method().as_str();
            let reason = format!("secrets must be empty for token_endpoint_auth_method {method}");
            return Err(Remark::new("/secrets", "count", reason));
        }
        let corrupt = |reason| Remark::of_parsing(&RecordError::Corrupt { reason });
        if self.is_shared() && verified.shared_form().map_err(corrupt)?.is_none() {
            return Err(Remark::new(
                "/shared",
                "shared",
                "a client with a secret or keys is not shared",
            ));
        }
        let kept = serde_json::to_value(&verified).map_err(corrupt)?;
        let mut narrowed = false;
        for (name, value) in &stored {
            // An empty list is how this program stores a list that has to be there and has nothing in it.
            let is_list = table::find(name).is_some_and(|row| row.kind.json_type() == LIST);
            let empty = is_list && value.as_array().is_some_and(Vec::is_empty);
            if empty || kept.get(name) == Some(value) {
                continue;
            }
            let at = format!("/metadata{}", Pointer::to(name.clone()));
            match kept.get(name) {
                Some(left) if left.is_array() && value.is_array() => {
                    let (name, left) = (Shown::of(name), Shown::of(&json_text(left)));
                    let reason = format!("{name} is narrowed to {left}, as in a registration");
                    remarks.push(Remark::new(at, "narrowed", reason));
                    narrowed = true;
                }
                _ => {
                    let reason = format!("{} would not be registered like this", Shown::of(name));
                    return Err(Remark::new(at, "not_kept", reason));
                }
            }
        }
        if narrowed {
            self.metadata = StoredMetadata::new(&verified).map_err(corrupt)?;
        }
        Ok((remarks, verified.points()))
    }
}

fn within(at: &str, name: &str, value: u64, range: &RangeInclusive<u64>) -> Result<(), Remark> {
    if range.contains(&value) {
        return Ok(());
    }
    let (first, last) = (range.start(), range.end());
    let reason = format!("{name} is {value}, but must be from {first} to {last}");
    Err(Remark::new(at, "range", reason))
}

/// `supported` with the values of `members` that the issuer does not offer now. Each of these is a warning. The rules still
/// reject a value that no specification allows.
fn extended(supported: &Supported, members: &[RawMember], remarks: &mut Vec<Remark>) -> Supported {
    let mut extended = supported.clone();
    let mut remark = |member: &RawMember, text: &str| {
        let reason =
            format!("{} has '{}', which is not offered now", member.row.name, Shown::of(text));
        remarks.push(Remark::new(format!("/metadata{}", member.pointer()), "not_offered", reason));
    };
    for member in members {
        let list =
            member.value.as_array().map_or(std::slice::from_ref(&member.value), Vec::as_slice);
        for text in list.iter().filter_map(Value::as_str) {
            let added = match member.row.kind {
                Kind::GrantTypes => add(&mut extended.grant_types, GrantType::parse(text)),
                Kind::ResponseTypes => ResponseType::parse(text)
                    .is_some_and(|response| add(&mut extended.response_types, response)),
                // Without a key for sealed secrets, no server could authenticate the client.
                Kind::AuthMethod => AuthMethod::parse(text)
                    .filter(|method| supported.seals_secrets || !method.needs_plain_secret())
                    .is_some_and(|method| add(&mut extended.auth_methods, method)),
                Kind::Scope => match (&mut extended.scopes, Scope::parse(text)) {
                    (Some(scopes), Ok(scope)) => {
                        let tokens = scope.tokens().map(str::to_owned);
                        tokens.filter(|token| add(scopes, token.clone())).count() > 0
                    }
                    _ => false,
                },
                kind => kind.supported_list().is_some_and(|name| {
                    let lists = Rc::make_mut(&mut extended.lists);
                    let list = lists.iter_mut().find(|(known, _)| known == name);
                    // Only an operator who lists it offers unsecured objects.
                    text != "none" && list.is_some_and(|(_, list)| add(list, text.to_owned()))
                }),
            };
            if added {
                remark(member, text);
            }
        }
    }
    extended
}

/// Adds what is not there yet; whether it did.
fn add<T: PartialEq>(list: &mut Vec<T>, value: T) -> bool {
    let new = !list.contains(&value);
    if new {
        list.push(value);
    }
    new
}
