//! Clients that the operator creates and edits.
//!
//! They are verified like a registration. Policies are for strangers: what breaks one is a warning, which the operator
//! can override, and the record says so ([`Provenance::overridden`](crate::client::Provenance)).

use std::future::ready;

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::clients::{find_version, parse};
use crate::client::{
    Audience, ClientMetadata, Mistake, Policy, Provenance, RawMetadata, Reason, Record, STATEMENT,
    Supported, append_member, is_assigned,
};
use crate::gate::Gate;
use crate::issuer::Issuer;
use crate::records::{Decision, Store, Writer};
use crate::service::credentials::Credentials;
use crate::service::keys::misplaced_keys;
use crate::service::{Error, Information, IssuerContext, Ports, done, request};
use crate::vocabulary::{AuthMethod, ClientSecret, Preconditions, Unicode};

/// The members of a request.
const MEMBERS: [&str; 2] = ["metadata", "override_policy"];

/// The request of an operator.
struct Wanted {
    /// Client metadata; of an edit, the members that change.
    metadata: Map<String, Value>,
    /// Whether to store metadata that policies do not allow.
    override_policy: bool,
}

impl Wanted {
    fn parse(body: &[u8]) -> Result<Self, Error> {
        let mut members = request::object(body)?;
        let mut mistakes = Vec::new();
        for name in members.keys().filter(|name| !MEMBERS.contains(&name.as_str())) {
            let reason = Reason::Unknown(&MEMBERS);
            mistakes.push(Mistake { path: name.clone(), reason });
        }
        let override_policy = match members.get("override_policy") {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            other => {
                mistakes.push(Mistake::value("override_policy", other, "true or false"));
                false
            }
        };
        let metadata = match members.remove("metadata") {
            Some(Value::Object(metadata)) => metadata,
            other => {
                let expected = "an object with client metadata";
                mistakes.push(Mistake::value("metadata", other.as_ref(), expected));
                Map::new()
            }
        };
        for name in metadata.keys().filter(|name| is_assigned(name)) {
            let expected = "left out: only the server assigns it";
            mistakes.push(Mistake::value(&format!("metadata.{name}"), None, expected));
        }
        request::reject(mistakes)?;
        Ok(Self { metadata, override_policy })
    }
}

/// Registers a client for whom the operator vouches. Only `POLICY` concerns it.
///
/// 1. Parse: 400
/// 2. Verify. 400 with every problem of the specifications; 409 with those of the policy, unless it is overridden; 503 if
///    the upstream document or Web Crypto is missing
/// 3. Issue credentials. 500 without randomness
/// 4. Store. 503
/// 5. Respond with everything registered, and the plain credentials, once. 201
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn create<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    body: &[u8],
) -> Result<Information, Error> {
    let IssuerContext { issuer, records, gate, runtime, .. } = context;
    let (issuer, runtime) = (*issuer, *runtime);
    // 1.
    let Wanted { metadata, override_policy } = Wanted::parse(body)?;
    let raw = parse_metadata(issuer, &metadata)?;
    let misplaced = misplaced_keys(runtime, raw.points()).await?;
    if !misplaced.is_empty() {
        return Err(Error::Metadata(misplaced));
    }
    // 2.
    let profile = issuer.profile(records, runtime).await?;
    let terms = Terms { gate, supported: &profile.offered, additional: &[], override_policy };
    let (metadata, overridden) = terms.verify(raw, runtime, None)?;
    // 3.
    let Credentials { id, secret, token, version } = Credentials::draw(runtime)?;
    let secret = metadata.auth_method().needs_secret().then_some(&secret);
    let now = runtime.now();
    let client_id = issuer.client_ids.issue(id, now);
    let provenance = gate.settings.operator_provenance(overridden.clone());
    let mut record = Record::new(&client_id, now, version, provenance, &token, &metadata)?;
    record.begin_use_recording(context.use_recording());
    if let Some(url) = issuer.new_document_url(&client_id) {
        record.identify_by(url);
    }
    if let Some(seconds) = gate.settings.policy.as_ref().and_then(Policy::client_ttl) {
        record.expire_after(seconds, now);
    }
    if let Some(secret) = secret {
        let lifetime = record.capped_lifetime(issuer.lifetimes.client_secret, now);
        record.secrets.issue(secret, None, now, lifetime);
    }
    // 4.
    let encoded = records.encode(&mut record).await?;
    records.create(&client_id, &encoded).await?;
    // 5.
    let mut created = Information::of(issuer, &record, &token, secret)?;
    if !overridden.is_empty() {
        append_member(&mut created.document, "policy_overrides", &overridden)?;
    }
    Ok(created)
}

/// The outcome of an edit. A new secret is shown here and nowhere else.
#[derive(Serialize)]
struct EditResponse<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'e ClientSecret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    policy_overrides: &'e [String],
    client: Box<RawValue>,
}

/// Changes some members of a client's metadata; null takes one away (RFC 7396). Its identifier and its credentials stay. A
/// client that changes to a method with a secret gets one, and so does a client whose secret cannot be had although the
/// authorization server needs it now.
///
/// 1. Parse. 400; 404 for a malformed identifier
/// 2. Lay the changes over what is registered. 404; 400 for a shared client
/// 3. `If-Match`. 412
/// 4. Verify. 400, 409, 503 as in [`create`], under the policies that the client came in with
/// 5. Issue or end its secret where the method changes. 500 without randomness
/// 6. Store. 503 if the store fails, or while other writes of the client are under way
/// 7. Respond with the client, and a new secret, once. 200
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn edit<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    (client_id, preconditions): (&str, &Preconditions),
    body: &[u8],
) -> Result<String, Error> {
    let IssuerContext { issuer, records, gate, runtime, .. } = context;
    let (issuer, runtime) = (*issuer, *runtime);
    // 1.
    let Wanted { metadata: changes, override_policy } = Wanted::parse(body)?;
    let client_id = parse(context, client_id)?;
    let misplaced = misplaced_keys(runtime, parse_metadata(issuer, &changes)?.points()).await?;
    if !misplaced.is_empty() {
        return Err(Error::Metadata(misplaced));
    }
    let profile = issuer.profile(records, runtime).await?;
    let change = records.update(&client_id, Writer::Operator, ready(true), |record| {
        // 2.
        if record.is_shared() {
            let text = "This client is shared: its identifier stands for its metadata, which cannot be changed";
            return Err(Error::Request(text.into()));
        }
        let mut merged = record.members();
        for (name, value) in &changes {
            merged.remove(name);
            if !value.is_null() {
                merged.insert(name.clone(), value.clone());
            }
        }
        let raw = parse_metadata(issuer, &merged)?;
        // 3.
        if !preconditions.if_match_passes(&find_version(record, context.use_recording())?) {
            return Err(Error::PreconditionFailed);
        }
        // 4.
        let additional = &gate.policies_of(&record.provenance)?[..];
        let supported = &*profile.supported_for(record.document_url());
        let terms = Terms { gate, supported, additional, override_policy };
        let (metadata, overridden) = terms.verify(raw, runtime, record.auth_method())?;
        // 5.
        let now = runtime.now();
        let drawn = Credentials::draw(runtime)?;
        record.replace_metadata(&metadata, drawn.version, now)?;
        record.note_overrides(&overridden);
        if changes.contains_key(STATEMENT) {
            // The operator vouches for the client now.
            let provenance = Provenance { statement: None, ..record.provenance.clone() };
            record.set_provenance(provenance);
        }
        let mut secret = None;
        if !metadata.auth_method().needs_secret() {
            record.secrets.clear();
        } else if record.secrets.expires_at().is_none() || records.lacks_plain_secret(record) {
            let lifetime = record.capped_lifetime(issuer.lifetimes.client_secret, now);
            record.secrets.issue(&drawn.secret, None, now, lifetime);
            secret = Some(drawn.secret);
        }
        Ok((Decision::Store, (secret, overridden)))
    });
    // 6.
    let (record, (secret, overridden)) = done(change.await?, Error::Unknown)?;
    // 7.
    let document = record.document_for(Audience::Operator(context.use_recording()))?;
    Ok(serde_json::to_string(&EditResponse {
        client_secret: secret.as_ref(),
        client_secret_expires_at: record.secrets.expires_at().filter(|_| secret.is_some()),
        policy_overrides: &overridden,
        client: serde_json::from_slice(document.as_bytes())?,
    })?)
}

fn parse_metadata(issuer: &Issuer, metadata: &Map<String, Value>) -> Result<RawMetadata, Error> {
    let body = serde_json::to_vec(metadata)?;
    RawMetadata::parse_with(&body, &issuer.extensions)
        .map_err(|problem| Error::Metadata(problem.into()))
}

/// Against what metadata of an operator are verified.
struct Terms<'t, 'g, R> {
    gate: &'t Gate<'g, R>,
    supported: &'t Supported,
    /// The policies of the client beside `POLICY`.
    additional: &'t [Policy],
    override_policy: bool,
}

impl<R> Terms<'_, '_, R> {
    /// The metadata, and the rules of policies that they break and the operator overrides.
    fn verify(
        &self,
        raw: RawMetadata,
        unicode: &dyn Unicode,
        kept: Option<AuthMethod>,
    ) -> Result<(ClientMetadata, Vec<String>), Error> {
        let (narrowed, policies) = self.gate.settings.terms(self.supported, self.additional);
        // Rules of the specifications cannot be overridden.
        let free = ClientMetadata::verify(raw.clone(), self.supported, &[], unicode, kept);
        let free = free.map_err(Error::Metadata)?;
        match ClientMetadata::verify(raw, &narrowed, &policies, unicode, kept) {
            Ok(held) if !self.override_policy => Ok((held, Vec::new())),
            // A policy also drops values silently, which the operator wants to keep.
            Ok(held) => {
                let same = serde_json::to_string(&held)? == serde_json::to_string(&free)?;
                Ok((free, if same { Vec::new() } else { vec!["narrowed".into()] }))
            }
            Err(problems) if self.override_policy => {
                let rules = problems.rules().iter().map(|rule| (*rule).to_owned());
                Ok((free, rules.collect()))
            }
            Err(problems) => Err(Error::Policy(problems)),
        }
    }
}
