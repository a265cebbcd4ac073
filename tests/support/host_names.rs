//! How a runtime reads host names, by the tables of ICU.
//!
//! The `url` crate itself has no tables here: `Cargo.lock` keeps them out of the bundle for every build.

use icu_normalizer::uts46::Uts46Mapper;
use icu_properties::props::GeneralCategory;
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};
use rollcall::vocabulary::HostNames;

/// The runtime's knowledge of host names: the validity criteria of UTS 46 (section 4.1) for labels, without
/// those for joiners and for text from right to left. Joiners are taken for invalid.
pub struct Uts46;

const CATEGORIES: CodePointMapDataBorrowed<'static, GeneralCategory> =
    CodePointMapData::<GeneralCategory>::new();
const MARKS: [GeneralCategory; 3] =
    [GeneralCategory::NonspacingMark, GeneralCategory::SpacingMark, GeneralCategory::EnclosingMark];

impl HostNames for Uts46 {
    fn is_unchanged(&self, name: &str) -> bool {
        let encoded = name.split('.').filter_map(|label| label.strip_prefix("xn--"));
        encoded.into_iter().all(is_valid)
    }
}

/// Whether `encoded` is Punycode of a label that UTS 46 leaves as it is.
fn is_valid(encoded: &str) -> bool {
    let Some(label) = idna::punycode::decode_to_string(encoded) else { return false };
    let mapper = Uts46Mapper::new();
    !label.is_ascii()
        && mapper.normalize_validate(label.chars()).eq(label.chars())
        && !label.contains(['\u{200c}', '\u{200d}'])
        && label.chars().next().is_some_and(|first| !MARKS.contains(&CATEGORIES.get(first)))
        && idna::punycode::encode_str(&label).as_deref() == Some(encoded)
}
