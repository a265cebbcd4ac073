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

#[cfg(test)]
mod tests {
    use super::{ClientCertificate, Fingerprint};

    const SHA256: &str = "acf77cf37b4156a2708e34c4eb755f9b5dbbe5ebb55adfec8f11493438d19e6a";

    fn report(flags: [&str; 3]) -> Option<ClientCertificate> {
        let [presented, verified, revoked] = flags;
        let report = [presented, verified, revoked, "CN=a", "CN=ca", SHA256];
        ClientCertificate::from_report(&serde_json::to_string(&report).unwrap())
    }

    #[test]
    fn certificate_counts_only_if_it_is_presented_verified_and_not_revoked() {
        let mut counting = Vec::new();
        for presented in ["0", "1"] {
            for verified in ["NONE", "SUCCESS"] {
                for revoked in ["0", "1"] {
                    let flags = [presented, verified, revoked];
                    let found = report(flags);
                    assert_eq!(found.is_some(), presented == "1", "{flags:?}");
                    counting
                        .extend(found.filter(|found| found.verified().is_some()).map(|_| flags));
                }
            }
        }
        assert_eq!(counting, [["1", "SUCCESS", "0"]]);
    }

    #[test]
    fn report_in_another_form_is_no_verified_certificate() {
        for flags in [
            ["1", "FAILED:certificate has expired", "0"],
            ["1", "success", "0"],
            ["1", "SUCCESS", ""],
            ["true", "SUCCESS", "0"],
        ] {
            assert_eq!(report(flags), Some(ClientCertificate::Unverified), "{flags:?}");
        }
        for json in [
            "[]",
            "{}",
            r#"["1","SUCCESS","0",null,"CN=ca",""]"#,
            r#"["1","SUCCESS","0","","CN=ca","00"]"#,
        ] {
            let found = ClientCertificate::from_report(json);
            assert_eq!(found, Some(ClientCertificate::Unverified), "{json}");
        }
        assert_eq!(ClientCertificate::from_report(""), None);
    }

    #[test]
    fn fingerprint_may_have_colons_and_capital_letters() {
        let pairs: Vec<&str> =
            SHA256.as_bytes().chunks(2).map(|b| str::from_utf8(b).unwrap()).collect();
        let printed = pairs.join(":").to_uppercase();
        assert_eq!(Fingerprint::parse(&printed).unwrap().as_str(), SHA256);
        for wrong in ["", "ac", &SHA256[1..], &SHA256.replace('a', "g")] {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
        }
    }
}
