//! `SOFTWARE_STATEMENTS`: the issuers whose software statements are trusted, from JSON to types.
//! `docs/software-statements.md` says what each setting does.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::reference;
use super::settings::Absolute;
use crate::client::limits::ENTRIES;
use crate::client::reading::{TABLE, read};
use crate::client::setting::{List, ListItem, Seconds};
use crate::client::{
    Conflict, Extensions, HostPatterns, Mistake, Policy, Reason, RequestProfile, STATEMENT,
    StatementRules, VerificationKeys, is_assigned, is_localized_member, is_member,
};
use crate::gate::{
    IssuerKeys, Once, Requirement, SignedRequests, StatementSettings, TrustedIssuer,
};
use crate::vocabulary::{Algorithm, insert_all};

/// The longest name of an issuer, in bytes: lists of clients show it.
const LONGEST_ISSUER: usize = 100;
const PATH: &str = "SOFTWARE_STATEMENTS.issuers";

/// The table, without its issuers, which [`StatementsTable::read_issuers`] reads.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StatementsTable {
    require: Requirement,
    #[serde(rename = "issuers")]
    _issuers: IgnoredAny,
}

/// An issuer. `jwks`, `map` and `conflict` have no fixed members.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct IssuerTable {
    iss: Option<String>,
    jwks_uri: Option<Absolute>,
    #[serde(rename = "jwks")]
    _jwks: IgnoredAny,
    algs: List<SignatureAlgorithm>,
    typ: Option<String>,
    audience: Option<String>,
    max_age: Option<Seconds<60, 2_147_483_647>>,
    claims: Option<List<Name>>,
    #[serde(rename = "map")]
    _map: IgnoredAny,
    required_claims: List<Name>,
    denied_software: List<Name>,
    #[serde(rename = "conflict")]
    _conflict: IgnoredAny,
    once: Option<Once>,
    policy: Policy,
    profile: Option<RequestProfile>,
    request_audience: Option<String>,
    key_hosts: Option<HostPatterns>,
}

#[derive(Debug)]
struct SignatureAlgorithm(Algorithm);

impl ListItem for SignatureAlgorithm {
    const MUST_BE: &'static str =
        "one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519";

    fn parse(text: &str) -> Option<Self> {
        Algorithm::verifiable(text).map(Self)
    }
}

/// The name of a claim, a member or a software.
#[derive(Debug)]
struct Name(String);

impl ListItem for Name {
    const MUST_BE: &'static str = "a text of 1 to 200 bytes";

    fn parse(text: &str) -> Option<Self> {
        (1..=200).contains(&text.len()).then(|| Self(text.to_owned()))
    }
}

impl StatementsTable {
    /// Takes the issuers of `table`, which is the whole setting.
    pub fn read_issuers(
        &self,
        table: &Map<String, Value>,
        extensions: &Extensions,
        mistakes: &mut Vec<Mistake>,
    ) -> StatementSettings {
        let listed = table.get("issuers");
        let list = match listed.map(Value::as_array) {
            Some(Some(list)) if list.len() <= ENTRIES => list.as_slice(),
            Some(Some(list)) => {
                let reason = Reason::Entries(list.len());
                mistakes.push(Mistake { path: PATH.to_owned(), reason });
                return StatementSettings::default();
            }
            Some(None) => {
                mistakes.push(Mistake::value(PATH, listed, reference::STATEMENT_ISSUERS));
                return StatementSettings::default();
            }
            None => &[],
        };
        if list.is_empty() && self.require != Requirement::Never {
            let expected = "\"never\" while no issuer is trusted";
            let value = table.get("require");
            mistakes.push(Mistake::value("SOFTWARE_STATEMENTS.require", value, expected));
        }
        let mut issuers: Vec<TrustedIssuer> = Vec::with_capacity(list.len());
        for (index, entry) in list.iter().enumerate() {
            let path = format!("{PATH}[{index}]");
            let Some(members) = entry.as_object() else {
                mistakes.push(Mistake::value(&path, Some(entry), TABLE));
                continue;
            };
            let reading = Reading { path: &path, members, extensions };
            let Some(issuer) = reading.read(mistakes) else { continue };
            if issuers.iter().any(|other| other.iss == issuer.iss) {
                let expected = "another one than those of the issuers before it";
                mistakes.push(reading.wrong("iss", expected));
            }
            issuers.push(issuer);
        }
        StatementSettings { require: self.require, issuers: issuers.into() }
    }
}

/// An entry of the list of issuers, and what errors call it.
struct Reading<'r> {
    path: &'r str,
    members: &'r Map<String, Value>,
    extensions: &'r Extensions,
}

impl Reading<'_> {
    fn wrong(&self, name: &str, expected: impl Into<String>) -> Mistake {
        Mistake::value(&format!("{}.{name}", self.path), self.members.get(name), expected)
    }

    fn read(&self, mistakes: &mut Vec<Mistake>) -> Option<TrustedIssuer> {
        let before = mistakes.len();
        let table: IssuerTable = read(self.path, self.members, ENTRIES, mistakes);
        if let Some(Value::Object(policy)) = self.members.get("policy") {
            Policy::check_new(&format!("{}.policy", self.path), policy, mistakes);
        }
        let is_name = |text: &String| {
            (1..=LONGEST_ISSUER).contains(&text.len())
                && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
                && !text.contains(['"', '\\'])
        };
        let iss = table.iss.filter(is_name);
        if iss.is_none() && !self.has_mistake("iss", mistakes) {
            let expected = "the iss of its statements: 1 to 100 printable ASCII characters without quotes and backslashes";
            mistakes.push(self.wrong("iss", expected));
        }
        let mut algs: Vec<Algorithm> = table.algs.iter().map(|alg| alg.0).collect();
        let profile = table.profile;
        if let (Some(profile), true) = (profile, algs.is_empty()) {
            algs.extend(
                profile
                    .statement_algorithms()
                    .iter()
                    .filter_map(|name| Algorithm::verifiable(name)),
            );
        }
        if algs.is_empty() {
            algs.extend(Algorithm::VERIFIABLE.into_iter().filter_map(Algorithm::verifiable));
        }
        let keys = self.read_keys(table.jwks_uri, &algs, mistakes);
        let claims = table.claims.map(|list| {
            for (index, name) in
                list.iter().enumerate().filter(|(_, name)| !self.is_target(&name.0))
            {
                let path = format!("{}.claims[{index}]", self.path);
                mistakes.push(Mistake::value(&path, Some(&name.0.as_str().into()), MEMBER));
            }
            insert_all(list.0.into_iter().map(|name| name.0))
        });
        let (mut map, conflict) = (self.read_map(mistakes), self.read_conflict(mistakes));
        self.check_profile(profile, mistakes);
        for (claim, member) in profile.iter().flat_map(|profile| profile.map()) {
            // The operator's own mapping counts.
            if !map.values().any(|mapped| mapped == member) {
                map.entry((*claim).to_owned()).or_insert_with(|| (*member).to_owned());
            }
        }
        let names = |list: List<Name>| list.0.into_iter().map(|name| name.0);
        let of_profile = profile.iter().flat_map(|profile| profile.required_claims());
        let of_profile = of_profile.map(|name| (*name).to_owned());
        let is_single = profile == Some(RequestProfile::CdrAu);
        let issuer = TrustedIssuer {
            iss: iss?,
            keys: keys?,
            algs,
            typ: table.typ,
            audience: table.audience,
            max_age: table
                .max_age
                .map(|seconds| seconds.0)
                .or(profile.and_then(RequestProfile::max_age)),
            required_claims: names(table.required_claims).chain(of_profile).collect(),
            denied_software: names(table.denied_software).collect(),
            once: table.once.unwrap_or(if is_single { Once::SoftwareId } else { Once::Never }),
            signed_requests: profile.map(|profile| SignedRequests {
                profile,
                audience: table.request_audience,
                key_hosts: table.key_hosts,
            }),
            rules: StatementRules { claims, map, conflict },
            policy: table.policy,
        };
        (mistakes.len() == before).then_some(issuer)
    }

    /// Settings of signed requests mean nothing without a profile.
    fn check_profile(&self, profile: Option<RequestProfile>, mistakes: &mut Vec<Mistake>) {
        for name in ["request_audience", "key_hosts"] {
            let is_set = profile.is_none() && self.members.contains_key(name);
            if is_set && !self.has_mistake("profile", mistakes) {
                mistakes.push(self.wrong(name, "left out without a profile"));
            }
        }
    }

    /// Whether a mistake about this member is noted already.
    fn has_mistake(&self, name: &str, mistakes: &[Mistake]) -> bool {
        let path = format!("{}.{name}", self.path);
        mistakes.iter().any(|mistake| mistake.path == path)
    }

    fn read_keys(
        &self,
        url: Option<Absolute>,
        algs: &[Algorithm],
        mistakes: &mut Vec<Mistake>,
    ) -> Option<IssuerKeys> {
        let Some(pinned) = self.members.get("jwks") else {
            if url.is_none() && !self.has_mistake("jwks_uri", mistakes) {
                let expected = format!("{}, unless jwks is set", reference::ABSOLUTE);
                mistakes.push(self.wrong("jwks_uri", expected));
            }
            return url.map(|url| IssuerKeys::At(url.0));
        };
        if self.members.contains_key("jwks_uri") {
            mistakes.push(self.wrong("jwks_uri", "left out beside jwks"));
        }
        let keys = pinned.as_object().and_then(VerificationKeys::read);
        let count = pinned.get("keys").and_then(Value::as_array).map(Vec::len);
        let is_sound = |keys: &VerificationKeys| {
            Some(keys.len()) == count && algs.iter().any(|algorithm| keys.serve(*algorithm))
        };
        let keys = keys.filter(is_sound);
        if keys.is_none() {
            let expected = "a JWK set of public keys that are not weak and verify signatures, at least one with an \
                            algorithm of algs";
            mistakes.push(self.wrong("jwks", expected));
        }
        keys.map(IssuerKeys::Pinned)
    }

    /// Whether a claim may set this member.
    fn is_target(&self, name: &str) -> bool {
        let is_known = is_member(name) && !is_assigned(name) && name != STATEMENT;
        is_known || self.extensions.contains(name)
    }

    /// The same for a member in one of its languages, too.
    fn is_localized_target(&self, name: &str) -> bool {
        let base = name.split('#').next().unwrap_or_default();
        self.is_target(name) || (is_localized_member(name) && self.is_target(base))
    }

    fn read_map(&self, mistakes: &mut Vec<Mistake>) -> BTreeMap<String, String> {
        let mut targets = BTreeSet::new();
        self.read_table("map", MAP, mistakes, |_, value| {
            let member = value.as_str()?;
            let is_sound = self.is_localized_target(member) && targets.insert(member.to_owned());
            is_sound.then(|| member.to_owned())
        })
    }

    fn read_conflict(&self, mistakes: &mut Vec<Mistake>) -> BTreeMap<String, Conflict> {
        self.read_table("conflict", CONFLICT, mistakes, |name, value| {
            let mode = match value.as_str()? {
                "statement_wins" => Conflict::StatementWins,
                "subset" => Conflict::Subset,
                "refuse" => Conflict::Refuse,
                _ => return None,
            };
            self.is_target(name).then_some(mode)
        })
    }

    /// Reads a table of any names, of which `read` takes each with its value.
    fn read_table<T>(
        &self,
        name: &str,
        expected: &str,
        mistakes: &mut Vec<Mistake>,
        mut read: impl FnMut(&str, &Value) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let mut members = BTreeMap::new();
        let Some(value) = self.members.get(name) else { return members };
        let Some(table) = value.as_object().filter(|table| table.len() <= ENTRIES) else {
            mistakes.push(self.wrong(name, expected));
            return members;
        };
        for (key, value) in table {
            if let Some(value) = read(key, value) {
                members.insert(key.clone(), value);
            } else {
                let path = format!("{}.{name}.{key}", self.path);
                mistakes.push(Mistake::value(&path, Some(value), expected));
            }
        }
        members
    }
}

const MEMBER: &str = "a client metadata member that a client may send, but not software_statement";
const MAP: &str = "a table of at most 100 claims; each value is a client metadata member that a client may send, and each member is there once";
const CONFLICT: &str = "a table of client metadata members; each value is \"statement_wins\" or \"subset\" or \"refuse\"";
