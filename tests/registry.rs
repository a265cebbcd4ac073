//! The table of members against a copy of the IANA registry.

use rollcall::client::table::{self, Kind, MEMBERS, Property};
use serde_json::Value;

fn registry() -> Value {
    serde_json::from_str(include_str!("registry/iana-client-metadata.json")).unwrap()
}

#[test]
fn every_registered_member_is_in_the_table_with_its_type() {
    let registry = registry();
    let entries = registry["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 92);
    for entry in entries {
        let name = entry["name"].as_str().unwrap();
        let member = table::find(name).unwrap_or_else(|| panic!("{name} is missing"));
        let assigned = entry["direction"] == "response";
        assert_eq!(member.kind == Kind::ServerAssigned, assigned, "{name}");
        if !assigned {
            let expected = match entry["type"].as_str().unwrap() {
                "string" => "a string",
                "array<string>" => "a list of strings",
                "boolean" => "true or false",
                "integer" => "a whole number of seconds",
                _ => "an object",
            };
            assert_eq!(member.kind.json_type(), expected, "{name}");
        }
        assert_eq!(member.has(Property::Localized), entry["localizable"] == true, "{name}");
    }
}

#[test]
fn defaults_choices_and_enc_pairs_are_those_of_the_registry() {
    for entry in registry()["entries"].as_array().unwrap() {
        let member = table::find(entry["name"].as_str().unwrap()).unwrap();
        assert_eq!(
            entry["default"] == false,
            member.default == table::Default::False,
            "{}",
            member.name
        );
        if entry["default"] == "RS256" {
            assert_eq!(member.default, table::Default::Supported("RS256"), "{}", member.name);
        }
        let of_alg = entry["default_when_alg_present"] == "A128CBC-HS256";
        assert_eq!(of_alg, member.default == table::Default::EncOfAlg, "{}", member.name);
        if let Some(single) = entry["choice_of"].as_str() {
            assert!(matches!(member.kind, Kind::Choices { of } if of == single), "{}", member.name);
            assert!(table::find(single).is_some(), "{single}");
        }
        if let Some(required) = entry["requires"].as_array() {
            assert!(
                matches!(member.kind, Kind::Enc { alg, .. } if required[0] == alg),
                "{}",
                member.name
            );
        }
    }
}

#[test]
fn table_has_no_member_twice_and_none_that_nobody_defines() {
    let registry = registry();
    let known = |name: &str| {
        ["entries", "not_registered_but_met"].iter().any(|list| {
            registry[list].as_array().unwrap().iter().any(|entry| entry["name"] == name)
        })
    };
    for (place, member) in MEMBERS.iter().enumerate() {
        assert_eq!(
            table::find(member.name).map(|found| found.place),
            Some(place),
            "{}",
            member.name
        );
        assert!(
            known(member.name),
            "tests/registry/iana-client-metadata.json: add `{}` to `entries` if it is registered, and otherwise to \
             `not_registered_but_met`",
            member.name
        );
    }
}
