//! [`ClientCertificate`]: what the runtime reports about the certificate of a TLS client (RFC 8705).

use serde::Deserialize;

use super::DistinguishedName;

/// The SHA-256 fingerprint of a certificate: 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Reads 64 hexadecimal digits, of which each pair may be followed by a colon, as `openssl x509 -fingerprint` prints it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.replace(':', "").to_ascii_lowercase();
        let is_sound = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        is_sound.then_some(Self(digits))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The certificate of a TLS client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The subject.
    pub subject: DistinguishedName,
    /// The authority that has issued it.
    pub issuer: DistinguishedName,
    /// Its fingerprint.
    pub sha256: Fingerprint,
}

/// A certificate that was presented with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientCertificate {
    /// Cloudflare has verified it against an authority of the zone, and it is not revoked.
    Verified(Certificate),
    /// It was not verified, is revoked, or has no name.
    Unverified,
}

/// The members of `request.cf.tlsClientAuth`, in this order: `certPresented`, `certVerified`, `certRevoked`,
/// `certSubjectDNRFC2253`, `certIssuerDNRFC2253`, `certFingerprintSHA256`.
#[derive(Deserialize)]
struct Report(String, String, String, String, String, String);

impl ClientCertificate {
    /// Reads what Cloudflare reports: a list in JSON, in the order of `glue.js`. `None` if no certificate was presented.
    /// A revoked certificate can still have the status `SUCCESS`, so each of the three flags counts.
    #[must_use]
    pub fn from_report(json: &str) -> Option<Self> {
        if json.is_empty() {
            return None;
        }
        let Ok(report) = serde_json::from_slice(json.as_bytes()) else {
            return Some(Self::Unverified);
        };
        let Report(presented, verified, revoked, subject, issuer, sha256) = report;
        if presented == "0" {
            return None;
        }
        let is_valid = presented == "1" && verified == "SUCCESS" && revoked == "0";
        let read = || {
            let subject = DistinguishedName::parse(&subject)?;
            let issuer = DistinguishedName::parse(&issuer)?;
            Some(Certificate { subject, issuer, sha256: Fingerprint::parse(&sha256)? })
        };
        let certificate = is_valid.then(read).flatten();
        Some(certificate.map_or(Self::Unverified, Self::Verified))
    }

    /// The certificate, if it was verified.
    #[must_use]
    pub fn verified(&self) -> Option<&Certificate> {
        match self {
            Self::Verified(certificate) => Some(certificate),
            Self::Unverified => None,
        }
    }
}
