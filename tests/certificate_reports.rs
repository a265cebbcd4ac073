//! What the runtime reports about the certificate of a TLS client.

use rollcall::vocabulary::{ClientCertificate, Fingerprint};

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
                counting.extend(found.filter(|found| found.verified().is_some()).map(|_| flags));
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
