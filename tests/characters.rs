//! The tables of characters, compared with those of Unicode in ICU.

use icu_normalizer::DecomposingNormalizer;
use icu_properties::props::{
    BidiControl, DefaultIgnorableCodePoint, Emoji, GeneralCategory, Script,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use rollcall::client::characters::{
    Fault, ReservedNames, Skeleton, alphabet, fault, is_blank, is_hidden, is_ignorable, is_letter,
    is_mark, is_plain, mixes_alphabets,
};

/// The normal form, as the runtime makes it.
fn decompose(text: &str) -> String {
    DecomposingNormalizer::new_nfkd().normalize(text).into_owned()
}

fn first_hidden(text: &str) -> Option<char> {
    match fault(text) {
        Some(Fault::Hidden(c)) => Some(c),
        _ => None,
    }
}

#[test]
fn ignorable_characters_are_those_of_unicode() {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let bidi = CodePointSetData::new::<BidiControl>();
    for c in '\0'..=char::MAX {
        let known = ignorable.contains(c) || bidi.contains(c);
        assert_eq!(is_ignorable(c), known, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn no_mark_is_taken_for_a_letter_at_first_sight() {
    for c in ('\0'..=char::MAX).filter(|c| is_plain(*c)) {
        let judged = is_mark(c) || is_hidden(c) || is_blank(c);
        assert!(!judged, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn every_emoji_may_have_a_style() {
    let emoji = CodePointSetData::new::<Emoji>();
    for c in ('\u{80}'..=char::MAX).filter(|c| emoji.contains(*c)) {
        assert_eq!(first_hidden(&format!("{c}\u{fe0f}")), None, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn marks_are_those_of_unicode() {
    let categories = CodePointMapData::<GeneralCategory>::new();
    for c in '\0'..=char::MAX {
        let known = matches!(
            categories.get(c),
            GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
        ) || matches!(c, '\u{1d165}'..='\u{1d166}' | '\u{1d16d}'..='\u{1d172}');
        assert_eq!(is_mark(c), known, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn no_sign_punctuation_or_space_is_a_letter() {
    use GeneralCategory as G;
    let categories = CodePointMapData::<GeneralCategory>::new();
    for c in ('\0'..=char::MAX).filter(|c| is_letter(*c)) {
        let symbol = matches!(
            categories.get(c),
            G::SpaceSeparator
                | G::DashPunctuation
                | G::OpenPunctuation
                | G::ClosePunctuation
                | G::ConnectorPunctuation
                | G::InitialPunctuation
                | G::FinalPunctuation
                | G::OtherPunctuation
                | G::MathSymbol
                | G::CurrencySymbol
                | G::ModifierSymbol
                | G::OtherSymbol
        );
        assert!(!symbol, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn letters_of_one_alphabet_are_of_one_script() {
    let scripts = CodePointMapData::<Script>::new();
    let mut known = std::collections::BTreeMap::new();
    for c in '\u{c0}'..=char::MAX {
        let Some(alphabet) = alphabet(c) else { continue };
        let script = scripts.get(c);
        if script != Script::Unknown {
            assert_eq!(*known.entry(alphabet).or_insert(script), script, "U+{:04X}", u32::from(c));
        }
    }
    let distinct: std::collections::BTreeSet<_> =
        known.values().map(|s| format!("{s:?}")).collect();
    assert_eq!(distinct.len(), known.len());
    // Every letter of those that are most in use.
    for (script, last) in [
        (Script::Cyrillic, '\u{52f}'),
        (Script::Armenian, '\u{587}'),
        (Script::Hebrew, '\u{5f2}'),
        (Script::Nko, '\u{7ea}'),
        (Script::Cherokee, '\u{abbf}'),
        (Script::CanadianAboriginal, '\u{18f5}'),
        (Script::Coptic, '\u{2cff}'),
        (Script::Lisu, '\u{a4ff}'),
        (Script::Deseret, '\u{1044f}'),
        (Script::Osage, '\u{104fb}'),
    ] {
        let written = scripts.iter_ranges_for_value(script).flatten().filter_map(char::from_u32);
        for c in written.filter(|c| ('\u{c0}'..=last).contains(c) && is_letter(*c)) {
            assert!(alphabet(c).is_some(), "U+{:04X}", u32::from(c));
        }
    }
}

/// A registration rejects the hidden character first.
#[test]
fn hidden_character_does_not_end_a_word() {
    assert!(mixes_alphabets("Cl\u{200d}\u{430}ude"));
}

#[test]
fn skeleton_has_the_words_of_a_name() {
    for (name, words) in [
        ("Claude Desktop", "claude desktop"),
        ("MyClaude2", "rny claude 2"),
        ("HTTPServer", "http s erver"),
        ("GOOGLEapp", "googl e app"),
        ("Googleアプリ", "google ア フ\u{309a} リ"),
        ("가카오", "\u{1100}\u{1161} \u{110f}\u{1161} \u{110b}\u{1169}"),
        ("Æther", "ather"),
        ("Wi-Fi", "vvl fl"),
        ("₵oin", "c oln"),
        ("iOS", "l os"),
        ("Claude™", "claude"),
        ("ABC|d", "abc l d"),
    ] {
        let skeleton = Skeleton::of(name, &decompose);
        let mut told = String::new();
        for (letter, begins) in &skeleton.letters {
            told.push_str(if *begins && !told.is_empty() { " " } else { "" });
            told.push(*letter);
        }
        assert_eq!(told, words, "{name}");
    }
}

/// A registration rejects such names before they are compared.
#[test]
fn reserved_name_with_a_hidden_character_is_found() {
    for (reserved, name) in [
        ("Claude", "Cla\u{200d}ude"),
        ("Claude", "Cla\u{ad}ude"),
        ("Claude", "C\u{34f}laude"),
        ("Claude", "Cl\u{e0061}aude"),
        ("카카오", "카카오\u{200b}"),
    ] {
        let reserved = ReservedNames::new(vec![reserved.into()]);
        assert!(reserved.are_in(&Skeleton::of(name, &decompose), &decompose), "{name}");
    }
}
