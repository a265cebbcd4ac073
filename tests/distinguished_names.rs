//! Distinguished names: which spellings are of one name.

use rollcall::vocabulary::DistinguishedName;

fn parse(text: &str) -> Option<DistinguishedName> {
    DistinguishedName::parse(text)
}

/// RFC 4514 §4, RFC 2253 §4 and §5, and the text of OpenSSL for letters beyond ASCII.
#[test]
fn names_are_equal_however_they_are_escaped() {
    for [one, other] in [
        ["UID=jsmith,DC=example,DC=net", "uid = jsmith, dc=example ; DC=net"],
        ["OU=Sales+CN=J.  Smith,DC=net", "CN=J.  Smith+OU=Sales,DC=net"],
        [r"CN=James \22Jim\22 Smith\, III,C=GB", r#"CN="James \"Jim\" Smith, III",C=GB"#],
        [r"CN=Before\0DAfter,DC=net", r#"CN="Before\0dAfter",DC=net"#],
        [r"CN=Lu\C4\8Di\C4\87", "CN=Lučić"],
        [r"CN=\20a\20,O=\#1", r"CN=\ a\ ,O=\231"],
        ["1.3.6.1.4.1.1466.0=#04024869", "OID.1.3.6.1.4.1.1466.0=#04024869"],
        ["2.5.4.5=#130E3132", "2.5.4.5=#130e3132"],
        ["O=a=b", r"O=a\=b"],
        ["O=,CN=a", "O=\"\", CN=a "],
    ] {
        assert_eq!(parse(one).unwrap(), parse(other).unwrap(), "{one}");
        assert_eq!(parse(one).unwrap().as_str(), one);
    }
}

#[test]
fn names_with_other_attributes_values_or_order_differ() {
    for [one, other] in [
        ["CN=a,O=b", "O=b,CN=a"],
        ["CN=a,O=b", "CN=a+O=b"],
        ["CN=a,O=b", r"CN=a\,O=b"],
        ["CN=a", "CN=A"],
        ["CN=a", "O=a"],
        ["CN=a", r"CN=a\ "],
        ["CN=a", "CN=#0c0161"],
        ["CN=a", "CN=a,CN=a"],
        ["CN=b8", r"CN=\b8"],
    ] {
        assert_ne!(parse(one).unwrap(), parse(other).unwrap(), "{one}");
    }
}

#[test]
fn text_that_is_no_name_is_rejected() {
    for text in [
        "",
        " ",
        "CN",
        "=a",
        "CN=a,",
        ",CN=a",
        "CN=a,,O=b",
        "CN=a\"b",
        "CN=<a>",
        "CN=a\\",
        "CN=a\\g",
        r"CN=\4",
        "CN=\"a",
        "CN=\"a\"b",
        "CN=#",
        "CN=#1",
        "CN=#12z",
        "CN=a\0",
        "CN=a\nO=b",
        "CN=\"a\r\"",
        "/C=GB/CN=a",
        "C N=a",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}
