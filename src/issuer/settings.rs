//! The settings of one issuer, from JSON to types.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::{Map, Value, json};

use super::client_ids::IdKeys;
use super::config_error::ConfigError;
use super::hosting::{ClientIdKind, DocumentBase, Hosting};
use super::mtls::MtlsBase;
use super::origins::Origins;
use super::published::{NAMES, PUBLISHED, PublishedKind};
use super::reference;
use super::statement_settings::StatementsTable;
use super::{DocumentSettings, IssuerOptions};
use crate::client::limits::{ENTRIES, entries_beyond};
use crate::client::reading::{TABLE, read};
use crate::client::setting::{List, ListItem, Seconds, lifetime_or_zero, text};
use crate::client::{Extensions, Mistake, Policy, Reason, UseRecording};
use crate::gate::{GateSettings, Limits, Mode, Network};
use crate::records::{Lifetimes, Rotation};
use crate::vocabulary::{Digest, Scope, json_text};

/// The variables that are text.
const TEXTS: [&str; 2] = ["UPSTREAM_METADATA", "DOCUMENT_BASE"];

/// The variables that concern one issuer, by name: tables and [`TEXTS`].
#[derive(Debug, Clone, Default)]
pub(super) struct Variables(pub Map<String, Value>);

/// The same, read. The members of `METADATA` are published as they are.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
struct IssuerTables {
    #[serde(rename = "METADATA")]
    _metadata: serde::de::IgnoredAny,
    registration: RegistrationTable,
    discovery: DiscoveryTable,
    policy: Policy,
    anonymous_policy: Policy,
    software_statements: StatementsTable,
    limits: LimitsTable,
    documents: DocumentSettings,
    #[serde(rename = "AS")]
    authorization_server: AuthorizationServerTable,
    upstream_metadata: Option<Absolute>,
    document_base: Option<DocumentBase>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RegistrationTable {
    mode: Mode,
    default_scope: Option<Scope>,
    registration_access_token_rotation: Rotation,
    #[serde(deserialize_with = "lifetime_or_zero")]
    client_secret_lifetime: u64,
    #[serde(deserialize_with = "lifetime_or_zero")]
    unused_client_ttl: u64,
    #[serde(deserialize_with = "lifetime_or_zero")]
    idle_client_ttl: u64,
    #[serde(deserialize_with = "lifetime_or_zero")]
    pending_ttl: u64,
    record_uses: UseRecording,
    allowed_origins: Option<Origins>,
    extension_members: Extensions,
    fetch_sector_identifiers: bool,
    client_id: ClientIdKind,
    shared_public_clients: bool,
    mtls_base: Option<MtlsBase>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DiscoveryTable {
    max_age: Option<Seconds<0, 86_400>>,
    listed: bool,
}

#[derive(Debug, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LimitsTable {
    exempt_networks: List<Network>,
    exempt_token_holders: bool,
}

impl Default for LimitsTable {
    fn default() -> Self {
        Self { exempt_networks: List::default(), exempt_token_holders: true }
    }
}

/// KV takes a `cacheTtl` of 30 seconds or more.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AuthorizationServerTable {
    cache_ttl: Option<Seconds<30, 86_400>>,
}

/// An https URL.
#[derive(Debug)]
pub(super) struct Absolute(pub String);

impl<'de> Deserialize<'de> for Absolute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, reference::ABSOLUTE, |text| {
            let good = !text.starts_with('/') && PublishedKind::Endpoint.admits(&text.into());
            good.then(|| Self(text.to_owned()))
        })
    }
}

impl Variables {
    /// Takes these, where each table may be JSON text. What is no table is kept for [`Self::read_options`] to report.
    pub fn of(mut variables: Map<String, Value>) -> Self {
        let absent = |value: &Value| *value == "" || value.is_null();
        variables.retain(|name, value| !TEXTS.contains(&name.as_str()) || !absent(value));
        for (name, value) in &mut variables {
            if let Ok(table) = table(name, value) {
                *value = table.into();
            }
        }
        Self(variables)
    }

    /// Lays `own`, those of one issuer, over these: member by member.
    pub fn overlaid(&self, own: &Self) -> Self {
        let mut merged = self.0.clone();
        // The shared members are for issuers without a document of their own.
        if own.0.contains_key("UPSTREAM_METADATA") {
            merged.remove("METADATA");
        }
        for (key, value) in &own.0 {
            match (merged.get_mut(key), value) {
                (Some(Value::Object(shared)), Value::Object(own)) => shared.extend(own.clone()),
                (Some(_), Value::Object(_)) => {}
                _ => {
                    merged.insert(key.clone(), value.clone());
                }
            }
        }
        Self(merged)
    }

    /// Whether what `merged`, these laid over others, says at `path` comes from these.
    pub fn say(&self, path: &str, merged: &Self) -> bool {
        let mut steps = path.split(['.', '[']);
        let name = steps.next().unwrap_or_default();
        match (self.0.get(name), steps.next()) {
            (Some(Value::Object(table)), Some(member)) => table.contains_key(member),
            (own, _) => own.is_some() && own == merged.0.get(name),
        }
    }

    pub fn table(&self, name: &str) -> Map<String, Value> {
        self.0.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    /// Checks everything.
    pub fn read_options(&self) -> Result<IssuerOptions, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let metadata = self.table("METADATA");
        if let Some(value) = self.0.get("METADATA").filter(|value| !value.is_object()) {
            mistakes.push(Mistake::value("METADATA", Some(value), TABLE));
        }
        check_metadata(&metadata, &mut mistakes);
        let mut settings: IssuerTables = read("", &self.0, ENTRIES, &mut mistakes);
        let (policy, anonymous) = (self.table("POLICY"), self.table("ANONYMOUS_POLICY"));
        Policy::check_new("POLICY", &policy, &mut mistakes);
        Policy::check_new("ANONYMOUS_POLICY", &anonymous, &mut mistakes);
        let registration = settings.registration;
        let statements = self.table("SOFTWARE_STATEMENTS");
        let trusted = settings.software_statements.read_issuers(
            &statements,
            &registration.extension_members,
            &mut mistakes,
        );
        settings.documents.check(&mut mistakes);
        if let Some(documents) = self.table("DOCUMENTS").get("pinned") {
            settings.documents.pin(documents, &mut mistakes);
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let mut policies = vec![&policy, &anonymous];
        policies.extend((!trusted.issuers.is_empty()).then_some(&statements));
        let version = Digest::of(&json_text(&json!(policies))).short_name();
        Ok(IssuerOptions {
            metadata,
            default_scope: registration.default_scope,
            lifetimes: Lifetimes {
                rotation: registration.registration_access_token_rotation,
                client_secret: registration.client_secret_lifetime,
                unused_client: registration.unused_client_ttl,
                idle_client: registration.idle_client_ttl,
                pending_client: registration.pending_ttl,
                recorded_uses: registration.record_uses,
            },
            gate: GateSettings {
                mode: registration.mode,
                limits: Limits {
                    exempt_networks: settings.limits.exempt_networks.0,
                    count_token_holders: !settings.limits.exempt_token_holders,
                },
                policy: (!policy.is_empty()).then_some(settings.policy),
                anonymous_policy: (!anonymous.is_empty()).then_some(settings.anonymous_policy),
                statements: trusted,
                version,
            },
            allowed_origins: registration.allowed_origins,
            extensions: registration.extension_members,
            documents: settings.documents,
            fetches_sectors: registration.fetch_sector_identifiers,
            cache_ttl: settings.authorization_server.cache_ttl.map(|seconds| seconds.0),
            max_age: settings.discovery.max_age.map(|seconds| seconds.0.into()),
            listed: settings.discovery.listed,
            upstream: settings.upstream_metadata.map(|url| url.0),
            ids: IdKeys::default(),
            sealing: None,
            hosting: Hosting { kind: registration.client_id, base: settings.document_base },
            shares_clients: registration.shared_public_clients,
            mtls_base: registration.mtls_base,
        })
    }
}

/// Checks the members to publish.
fn check_metadata(metadata: &Map<String, Value>, mistakes: &mut Vec<Mistake>) {
    for (name, value) in metadata {
        let path = format!("METADATA.{name}");
        let inner = value.as_object().into_iter().flatten();
        let inner = inner.map(|(member, value)| (format!("{path}.{member}"), value));
        for (path, value) in std::iter::once((path.clone(), value)).chain(inner) {
            if let Some(count) = entries_beyond(value) {
                mistakes.push(Mistake { path, reason: Reason::Entries(count) });
            }
        }
        match PUBLISHED.iter().find(|(known, _)| known == name) {
            None => mistakes.push(Mistake { path, reason: Reason::Unknown(&NAMES) }),
            Some((_, kind)) if !kind.admits(value) => {
                mistakes.push(Mistake::value(&path, Some(value), kind.expected()));
            }
            Some(_) => {}
        }
    }
}

impl ListItem for Network {
    const MUST_BE: &'static str = "an address or a network, like 192.0.2.0/24";
    const MAY_BE_EMPTY: bool = true;

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// Whether uses are recorded. A day counts from its end on: it is the one on which recording began.
impl<'de> Deserialize<'de> for UseRecording {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Recording;

        impl Visitor<'_> for Recording {
            type Value = UseRecording;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("true, false, or the day on which you turn it on, like \"2026-11-28\"")
            }

            fn visit_bool<E: Error>(self, on: bool) -> Result<UseRecording, E> {
                Ok(if on { UseRecording::On } else { UseRecording::Off })
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<UseRecording, E> {
                let day = end_of_day(text).map(UseRecording::Since);
                day.ok_or_else(|| E::invalid_type(serde::de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(Recording)
    }
}

/// The end of a day like `2026-11-28` (RFC 3339 §5.6, `full-date`) in UTC, in seconds since 1970.
fn end_of_day(text: &str) -> Option<u64> {
    let fields: Vec<&str> = text.split('-').collect();
    let [year, month, day] = *fields.as_slice() else { return None };
    let number = |text: &str, length: usize| {
        let digits = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u64>().ok().filter(|_| digits)
    };
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let february = if leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month).ok()?.checked_sub(1)?;
    let exists = year >= 1970 && (1..=*months.get(before)?).contains(&day);
    let years: u64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months: u64 = months.iter().take(before).sum();
    let days = years.saturating_add(months).saturating_add(day);
    exists.then(|| days.saturating_mul(24 * 60 * 60))
}

/// A table variable; one given on the command line (`--var`) arrives as JSON text.
pub(super) fn table(name: &str, value: &Value) -> Result<Map<String, Value>, ConfigError> {
    let parsed = match value {
        Value::Null => Value::Object(Map::new()),
        Value::String(text) => serde_json::from_slice(text.as_bytes()).unwrap_or_default(),
        _ => value.clone(),
    };
    match parsed {
        Value::Object(members) => Ok(members),
        _ => Err(ConfigError::value(name, value, TABLE)),
    }
}
