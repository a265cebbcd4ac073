//! The profile of an issuer: one reading of its metadata decides what it publishes and therefore accepts.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::DocumentMode;
use super::accepted::{
    Author, GRANTS, METHODS, RESPONSES, SCOPES, Server, shorten_lists, supported,
};
use super::checkup::examine;
use super::config_error::{ConfigError, ConfigErrors};
use super::discovery::{Documents, complete, says};
use super::finding::{Finding, Severity};
use super::identifier::Identifier;
use super::mtls::{self, MtlsBase};
use crate::client::satisfiable::{self, Flaw, Held};
use crate::client::{Extensions, Policy, Supported};
use crate::gate::StatementSettings;
use crate::vocabulary::{AuthMethod, Scope};

const DOCUMENTS: &str = "client_id_metadata_document_supported";
const ISS: &str = "authorization_response_iss_parameter_supported";

/// An issuer's documents, what registration accepts, and what there is to say against them.
#[derive(Debug)]
pub struct Profile {
    /// The values that the server supports.
    pub supported: Supported,
    /// Those that a new client may have: with hosted documents, fewer.
    pub offered: Supported,
    /// The discovery documents.
    pub documents: Documents,
    /// The findings about the documents. Only policies that the authorization server's own document makes impossible are
    /// fatal: the document is served all the same.
    pub findings: Vec<Finding>,
}

/// The settings of registration that show in the documents.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    /// Whether registration is open in any mode.
    pub open: bool,
    /// The policy for every client.
    pub policy: Option<Policy>,
    /// The second policy of a client without an initial access token.
    pub anonymous_policy: Option<Policy>,
    /// The trusted issuers of software statements, each with a policy for its clients.
    pub statements: StatementSettings,
    /// `REGISTRATION.extension_members`.
    pub extensions: Extensions,
    /// `DOCUMENTS.mode`.
    pub documents: DocumentMode,
    /// If the `client_id` of a new client is the URL of its document: the length of the URL, in bytes.
    pub document_url_bytes: Option<usize>,
    /// Whether `SEALING_KEY` is set.
    pub seals_secrets: bool,
    /// `REGISTRATION.mtls_base`.
    pub mtls_base: Option<MtlsBase>,
}

impl Terms {
    /// Removes rejected values from the lists: clients pick from them, and give up on a rejection.
    fn narrow(&self, metadata: &mut Map<String, Value>, supported: &Supported) {
        let Some(policy) = &self.policy else { return };
        let left = policy.narrow(supported.clone());
        let methods = left.auth_methods.iter().map(|method| method.as_str().to_owned());
        let grants = left.grant_types.iter().map(|grant| grant.as_str().to_owned());
        let responses = left.response_types.iter().map(|response| response.as_str().to_owned());
        // A list that is left out has a meaning (RFC 8414 §2), which the policy may exclude: then the list is written.
        for (name, kept, narrowed) in [
            (METHODS, methods.collect(), policy.narrows_auth_methods()),
            (GRANTS, grants.collect(), policy.narrows_grant_types()),
            (RESPONSES, responses.collect(), policy.narrows_grant_types()),
            (SCOPES, left.scopes.unwrap_or_default(), policy.narrows_scopes()),
        ] {
            let kept: Vec<String> = kept;
            // Clients take an empty list for one that is left out.
            if !narrowed || (kept.is_empty() && name != RESPONSES) {
                continue;
            }
            match metadata.get_mut(name) {
                Some(Value::Array(list)) => {
                    list.retain(|value| kept.iter().any(|text| value == text.as_str()));
                }
                None if name == METHODS || name == GRANTS => {
                    metadata.insert(name.to_owned(), kept.into());
                }
                _ => {}
            }
        }
    }
}

impl Terms {
    fn server(&self, issuer: &Identifier) -> Server {
        Server { development: issuer.is_loopback(), seals_secrets: self.seals_secrets }
    }

    /// The values that a new client may have, which the published list of methods then is. Returns what keeps clients from
    /// registering.
    fn offer_hosting(
        &self,
        metadata: &mut Map<String, Value>,
        supported: &Supported,
    ) -> (Supported, Option<Finding>) {
        let Some(url_bytes) = self.document_url_bytes else { return (supported.clone(), None) };
        let offered = supported.for_hosted(url_bytes);
        let methods: Vec<&str> =
            offered.auth_methods.iter().map(|method| method.as_str()).collect();
        let is_usable = !methods.is_empty();
        metadata.insert(METHODS.to_owned(), json!(methods));
        let finding = Finding {
            severity: Severity::Fatal,
            member: METHODS.to_owned(),
            wrong: "has neither none nor private_key_jwt".into(),
            breaks: "no client can register, because hosted documents have no other method".into(),
            fix: "Add one of them, or set REGISTRATION.client_id to \"random\"".into(),
        };
        (offered, (!is_usable).then_some(finding))
    }

    /// Publishes whether `client_id` may be the URL of a metadata document
    /// (draft-ietf-oauth-client-id-metadata-document-02 §6): where documents are resolved here, or by the authorization
    /// server itself. Its own document says so by itself. Returns what keeps clients from using it.
    fn announce_documents(
        &self,
        metadata: &mut Map<String, Value>,
        supported: &Supported,
    ) -> Vec<Finding> {
        let is_on = matches!(self.documents, DocumentMode::Listed | DocumentMode::Open);
        let policy = self.policy.iter().fold(supported.clone(), |left, policy| policy.narrow(left));
        let usable = [AuthMethod::None, AuthMethod::PrivateKeyJwt];
        let is_usable = policy.auth_methods.iter().any(|method| usable.contains(method));
        if is_on && !is_usable {
            metadata.remove(DOCUMENTS);
            return vec![Finding {
                severity: Severity::Fatal,
                member: METHODS.to_owned(),
                wrong: "has neither none nor private_key_jwt".into(),
                breaks:
                    "no client with a metadata document can use the server, so it is not announced"
                        .into(),
                fix: "Add one of them, or set DOCUMENTS.mode to \"off\"".into(),
            }];
        }
        if is_on || self.documents == DocumentMode::ByAs {
            metadata.insert(DOCUMENTS.to_owned(), true.into());
        }
        let announced = metadata.get(DOCUMENTS) == Some(&Value::Bool(true));
        let says_issuer = metadata.get(ISS) == Some(&Value::Bool(true));
        if announced && !says_issuer {
            return vec![Finding {
                severity: Severity::Warning,
                member: ISS.to_owned(),
                wrong: "is not true".into(),
                breaks: "ChatGPT uses another document for each connection".into(),
                fix:
                    "Let the authorization server send iss (RFC 9207), and set this member to true"
                        .into(),
            }];
        }
        Vec::new()
    }

    /// The problems that make the policies impossible to meet, given the supported values; without `supported`, by themselves.
    pub fn findings(&self, supported: Option<&Supported>) -> Vec<Finding> {
        let policy = self.policy.iter().map(|policy| Held { path: "POLICY", policy });
        let anonymous = self.anonymous_policy.iter();
        let anonymous = anonymous.map(|policy| Held { path: "ANONYMOUS_POLICY", policy });
        let held: Vec<Held<'_>> = policy.chain(anonymous).collect();
        let mut flaws = satisfiable::examine(supported, &held);
        for (index, trusted) in self.statements.issuers.iter().enumerate() {
            let path = format!("SOFTWARE_STATEMENTS.issuers[{index}].policy");
            let general = self.policy.iter().map(|policy| Held { path: "POLICY", policy });
            let own = Held { path: &path, policy: &trusted.policy };
            let held: Vec<Held<'_>> = general.chain([own]).collect();
            let of_both = satisfiable::examine(supported, &held);
            flaws.extend(of_both.into_iter().filter(|flaw| flaw.setting.starts_with(&path)));
        }
        flaws.into_iter().map(Finding::from).collect()
    }
}

impl From<Flaw> for Finding {
    fn from(flaw: Flaw) -> Self {
        let Flaw { is_fatal, setting, wrong, instead } = flaw;
        let (severity, breaks) = if is_fatal {
            (Severity::Fatal, "no client can register")
        } else {
            (Severity::Warning, "no client can have it")
        };
        let (wrong, breaks, fix) = (wrong.into(), breaks.into(), instead.into());
        Self { severity, member: setting, wrong, breaks, fix }
    }
}

impl Profile {
    /// The values that a registered client may have; `document_url` is that of its hosted document.
    #[must_use]
    pub fn supported_for(&self, document_url: Option<&str>) -> Cow<'_, Supported> {
        match document_url {
            None => Cow::Borrowed(&self.supported),
            Some(url) => Cow::Owned(self.supported.for_hosted(url.len())),
        }
    }

    /// The profile of an issuer whose metadata the operator has written.
    pub(super) fn of_operator(
        issuer: &Identifier,
        mut metadata: Map<String, Value>,
        default_scope: Option<&Scope>,
        terms: &Terms,
    ) -> Result<Self, ConfigErrors> {
        // A server without redirects has no response types.
        let grants = metadata.get(GRANTS).and_then(Value::as_array);
        let code = grants.is_none_or(|list| list.iter().any(|grant| grant == "authorization_code"));
        let responses = if code { json!(["code"]) } else { json!([]) };
        for (name, usual) in [
            (RESPONSES, responses),
            (GRANTS, json!(["authorization_code", "refresh_token"])),
            (METHODS, json!(["client_secret_basic", "client_secret_post", "none"])),
            ("code_challenge_methods_supported", json!(["S256"])),
        ] {
            metadata.entry(name).or_insert(usual);
        }
        let accepted = supported(&metadata, Author::Operator, default_scope, terms.server(issuer))?;
        Self::new(issuer, metadata, accepted, Author::Operator, terms)
    }

    /// The profile of an issuer whose authorization server publishes `upstream`: that document, with
    /// the operator's members and ours laid over it.
    pub(super) fn of_upstream(
        issuer: &Identifier,
        mut upstream: Map<String, Value>,
        operator: &Map<String, Value>,
        default_scope: Option<&Scope>,
        terms: &Terms,
    ) -> Result<Self, ConfigErrors> {
        // These would contradict ours: signed values win over plain ones (RFC 8414 §2.1), and a document
        // with `error` is an error to clients.
        for name in ["signed_metadata", "error", "error_description"] {
            upstream.remove(name);
        }
        if let Some(Value::Object(aliases)) = upstream.get_mut("mtls_endpoint_aliases") {
            aliases.remove("registration_endpoint");
            aliases.retain(|name, url| says(name, url));
        }
        upstream.extend(operator.clone());
        upstream.retain(|name, value| says(name, value));
        let shortened = shorten_lists(&mut upstream);
        // RFC 8414 §2: what a document means by leaving a member out. It is not written into it.
        let mut meant = upstream.clone();
        for (name, usual) in [
            (GRANTS, json!(["authorization_code", "implicit"])),
            (METHODS, json!(["client_secret_basic"])),
        ] {
            meant.entry(name).or_insert(usual);
        }
        let accepted = supported(&meant, Author::Upstream, default_scope, terms.server(issuer))?;
        let mut profile = Self::new(issuer, upstream, accepted, Author::Upstream, terms)?;
        profile.findings.extend(shortened.into_iter().map(|member| Finding {
            severity: Severity::Warning,
            member,
            wrong: "has more than 100 entries".into(),
            breaks:
                "only the first 100 are published, and clients cannot register the others".into(),
            fix: "Set this member in METADATA, with the entries that clients need".into(),
        }));
        Ok(profile)
    }

    fn new(
        issuer: &Identifier,
        mut metadata: Map<String, Value>,
        mut supported: Supported,
        author: Author,
        terms: &Terms,
    ) -> Result<Self, ConfigErrors> {
        supported.extensions = terms.extensions.clone();
        let (offered, of_hosting) = terms.offer_hosting(&mut metadata, &supported);
        terms.narrow(&mut metadata, &offered);
        let of_documents = terms.announce_documents(&mut metadata, &offered);
        let mut metadata = complete(issuer, metadata, terms.open);
        if let Some(base) = terms.mtls_base.as_ref().filter(|_| terms.open) {
            mtls::announce(base, &mut metadata);
        }
        let metadata = &metadata;
        let mut findings = examine(issuer.as_str(), metadata, terms.seals_secrets);
        let mut of_policies = terms.findings(Some(&offered));
        of_policies.extend(of_hosting.into_iter().chain(of_documents));
        if author == Author::Operator {
            findings.extend(of_policies.iter().cloned());
        }
        // While registration is closed, the missing endpoint is no finding.
        findings.retain(|found| terms.open || found.member != "registration_endpoint");
        let mut errors = ConfigErrors::default();
        let fatal = findings.iter().filter(|found| found.severity == Severity::Fatal);
        fatal.for_each(|found| errors.push(ConfigError::Unfit(found.clone())));
        errors.or(())?;
        if author == Author::Upstream {
            findings.extend(of_policies);
        }
        Ok(Self { supported, offered, documents: Documents::of(metadata, author), findings })
    }
}
