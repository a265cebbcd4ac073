//! Client certificates under policies: which are accepted, which must be presented, and what a registration is bound to.
//!
//! A certificate is accepted if Cloudflare has verified it and the `certificate` of every policy allows it. Any other one is
//! the same as none.

use serde::{Deserialize, Serialize};

use super::metadata::ClientMetadata;
use super::policy::Policy;
use super::problem::{Pointer, Problem};
use super::provenance::Provenance;
use super::rule::{PolicyRule, Rule};
use super::setting::{List, ListItem};
use crate::vocabulary::{Certificate, ClientCertificate, DistinguishedName, Fingerprint};

const SUBJECT: &str = "tls_client_auth_subject_dn";

/// The certificates that a policy allows: each list that is set must have the certificate.
#[derive(Debug, Default)]
pub(super) struct AllowedCertificates {
    pub issuers: Option<List<DistinguishedName>>,
    pub subjects: Option<List<DistinguishedName>>,
    pub sha256: Option<List<Fingerprint>>,
}

/// The same, as it is written. A table without a list would allow every certificate, so it is a mistake.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AllowedTable {
    issuers: Option<List<DistinguishedName>>,
    subjects: Option<List<DistinguishedName>>,
    sha256: Option<List<Fingerprint>>,
}

impl<'de> Deserialize<'de> for AllowedCertificates {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let AllowedTable { issuers, subjects, sha256 } = AllowedTable::deserialize(deserializer)?;
        if issuers.is_none() && subjects.is_none() && sha256.is_none() {
            let expected = "a table with at least one of the lists issuers, subjects and sha256";
            return Err(serde::de::Error::custom(expected));
        }
        Ok(Self { issuers, subjects, sha256 })
    }
}

impl AllowedCertificates {
    fn allow(&self, certificate: &Certificate) -> bool {
        fn has<T: PartialEq>(list: Option<&List<T>>, value: &T) -> bool {
            list.is_none_or(|list| list.contains(value))
        }
        has(self.issuers.as_ref(), &certificate.issuer)
            && has(self.subjects.as_ref(), &certificate.subject)
            && has(self.sha256.as_ref(), &certificate.sha256)
    }
}

impl ListItem for DistinguishedName {
    const MUST_BE: &'static str =
        "a distinguished name as in RFC 4514, like CN=Example CA,O=Example";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl ListItem for Fingerprint {
    const MUST_BE: &'static str = "a SHA-256 fingerprint of 64 hexadecimal digits";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// The part of a certificate that requests for management must have again. The later one is the stricter one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// Its subject, from the same issuer. A renewed certificate has it too.
    SubjectDn,
    /// Its fingerprint: only this certificate.
    Sha256,
}

/// The certificate that a client registered with. For the authorization server and the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateOrigin {
    /// Its subject (RFC 2253).
    pub subject_dn: String,
    /// The authority that has issued it (RFC 2253).
    pub issuer_dn: String,
    /// Its SHA-256 fingerprint, in hexadecimal digits.
    pub sha256: String,
    /// The part of it that management must present again; absent if no policy binds the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bind: Option<Binding>,
}

/// Why a certificate is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// The request had none.
    #[error("no client certificate")]
    Absent,
    /// The request had one that is not accepted.
    #[error("not a client certificate that is accepted")]
    NotAccepted,
}

impl CertificateOrigin {
    /// Whether this program could have written it.
    pub(super) fn is_sound(&self) -> bool {
        let is_name = |text: &String| DistinguishedName::parse(text).is_some();
        let sha256 = Fingerprint::parse(&self.sha256);
        is_name(&self.subject_dn)
            && is_name(&self.issuer_dn)
            && sha256.is_some_and(|read| read.as_str() == self.sha256)
    }
}

impl CertificateFault {
    fn of(presented: Option<&ClientCertificate>) -> Self {
        if presented.is_some() { Self::NotAccepted } else { Self::Absent }
    }
}

impl Policy {
    /// Whether its `certificate` has this certificate: the operator vouches for its holder.
    #[must_use]
    pub fn lists(&self, presented: Option<&ClientCertificate>) -> bool {
        let certificate = presented.and_then(ClientCertificate::verified);
        let allowed = self.certificate.as_ref();
        allowed.zip(certificate).is_some_and(|(allowed, certificate)| allowed.allow(certificate))
    }

    fn asks_for_certificates(&self) -> bool {
        self.require_certificate || self.certificate.is_some() || self.bind.is_some()
    }
}

/// The list of `certificate` in which policies have no entry in common, so that no certificate is accepted under all of them.
pub(super) fn find_disjoint_list(policies: &[&Policy]) -> Option<&'static str> {
    fn are_disjoint<T: PartialEq>(lists: &[&List<T>]) -> bool {
        let Some((first, others)) = lists.split_first() else { return false };
        !first.iter().any(|value| others.iter().all(|list| list.contains(value)))
    }
    let allowed = || policies.iter().filter_map(|policy| policy.certificate.as_ref());
    let issuers: Vec<_> = allowed().filter_map(|one| one.issuers.as_ref()).collect();
    let subjects: Vec<_> = allowed().filter_map(|one| one.subjects.as_ref()).collect();
    let sha256: Vec<_> = allowed().filter_map(|one| one.sha256.as_ref()).collect();
    let found = [
        ("issuers", are_disjoint(&issuers)),
        ("subjects", are_disjoint(&subjects)),
        ("sha256", are_disjoint(&sha256)),
    ];
    found.into_iter().find_map(|(name, is_disjoint)| is_disjoint.then_some(name))
}

/// The certificate that counts under `policies`: `None` if none of them is about certificates, or none is accepted.
fn accepted<'c>(
    policies: &[&Policy],
    presented: Option<&'c ClientCertificate>,
) -> Option<&'c Certificate> {
    let certificate = presented?.verified()?;
    let counts = policies.iter().any(|policy| policy.asks_for_certificates());
    let is_allowed = |policy: &&Policy| {
        policy.certificate.as_ref().is_none_or(|allowed| allowed.allow(certificate))
    };
    (counts && policies.iter().all(is_allowed)).then_some(certificate)
}

/// The certificate that a registration under `policies` is made with, and what they bind the registration to.
///
/// # Errors
/// A policy requires a certificate, and none is accepted.
pub fn admit_certificate(
    policies: &[&Policy],
    presented: Option<&ClientCertificate>,
) -> Result<Option<CertificateOrigin>, CertificateFault> {
    let Some(certificate) = accepted(policies, presented) else {
        let is_required = policies.iter().any(|policy| policy.require_certificate);
        return if is_required { Err(CertificateFault::of(presented)) } else { Ok(None) };
    };
    Ok(Some(CertificateOrigin {
        subject_dn: certificate.subject.as_str().to_owned(),
        issuer_dn: certificate.issuer.as_str().to_owned(),
        sha256: certificate.sha256.as_str().to_owned(),
        bind: policies.iter().filter_map(|policy| policy.bind).max(),
    }))
}

impl Provenance {
    /// Whether requests for the management of the client need the certificate that it registered with.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.certificate.as_ref().is_some_and(|certificate| certificate.bind.is_some())
    }

    /// Checks the certificate of a request for the management of the client.
    ///
    /// # Errors
    /// The client is bound to a certificate, and another one was presented, or none.
    pub fn check_certificate(
        &self,
        presented: Option<&ClientCertificate>,
    ) -> Result<(), CertificateFault> {
        let Some((own, bind)) = self.certificate.as_ref().and_then(|own| Some((own, own.bind?)))
        else {
            return Ok(());
        };
        let is_same = |certificate: &Certificate| match bind {
            Binding::Sha256 => certificate.sha256.as_str() == own.sha256,
            Binding::SubjectDn => {
                is_name(&own.subject_dn, &certificate.subject)
                    && is_name(&own.issuer_dn, &certificate.issuer)
            }
        };
        let verified = presented.and_then(ClientCertificate::verified);
        if verified.is_some_and(is_same) { Ok(()) } else { Err(CertificateFault::of(presented)) }
    }
}

fn is_name(text: &str, name: &DistinguishedName) -> bool {
    DistinguishedName::parse(text).as_ref() == Some(name)
}

impl ClientMetadata {
    /// Checks that a registered `tls_client_auth_subject_dn` is the subject of the certificate that was presented, if one is
    /// accepted under `policies`: a client cannot register the certificate of another.
    ///
    /// # Errors
    /// The problem.
    pub fn check_subject(
        &self,
        policies: &[&Policy],
        presented: Option<&ClientCertificate>,
    ) -> Result<(), Problem> {
        let registered = self.passive.text(SUBJECT);
        let Some((text, presented)) = registered.zip(accepted(policies, presented)) else {
            return Ok(());
        };
        if is_name(text, &presented.subject) {
            return Ok(());
        }
        let subject = presented.subject.as_str().to_owned();
        let rule = Rule::Policy(PolicyRule::CertificateSubject { subject });
        Err(Problem::new(Pointer::to(SUBJECT), text, rule))
    }
}
