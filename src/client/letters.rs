//! Letters: which of them look like which ASCII letter, and to which alphabet they belong.
//!
//! The idea is that of Unicode Technical Standard #39, for the alphabets that impostors use. Letters that Unicode
//! itself calls a variant of another one (fullwidth, circled, mathematical letters, letters with marks) are not here:
//! the text is decomposed before (Unicode Standard Annex #15, form NFKD).

use super::look_alikes::{DENSE, FAR, NEAR};

/// The lower-case ASCII letter or the digit that `c`, which is decomposed and not of ASCII, looks like.
pub(super) fn look_alike(c: char) -> Option<char> {
    let code = u32::from(c);
    match c {
        // Hangul, Han and Yi look like none.
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{ffff}' => None,
        // Negative circled and squared letters, and those that flags are made of.
        '\u{1f150}'..='\u{1f169}' => letter(code.saturating_sub(0x1_f150)),
        '\u{1f170}'..='\u{1f189}' => letter(code.saturating_sub(0x1_f170)),
        '\u{1f1e6}'..='\u{1f1ff}' => letter(code.saturating_sub(0x1_f1e6)),
        _ if code < DENSE => {
            let found = usize::try_from(code).ok().and_then(|at| NEAR.get(at));
            found.filter(|letter| **letter != 0).map(|letter| char::from(*letter))
        }
        _ => {
            let at = FAR.partition_point(|entry| entry >> 8 < code);
            let entry = FAR.get(at).filter(|entry| *entry >> 8 == code)?;
            char::from_u32(entry & 0xff)
        }
    }
}

fn letter(place: u32) -> Option<char> {
    char::from_u32(place.saturating_add(u32::from('a')))
}

/// Whether `c` is a sign that can stand for a letter, and more often is none: money, mathematics, lines.
pub(super) fn is_sign(c: char) -> bool {
    matches!(c, '\u{a2}'..='\u{a5}' | '\u{e3f}' | '\u{20a0}'..='\u{20cf}' | '\u{2200}'..='\u{2bff}')
}

/// Whether `c` belongs to a word. The library's tables would be larger than all of this file: what is no
/// punctuation, symbol or space of the blocks that have them is a letter or a digit.
#[expect(clippy::match_same_arms, reason = "the first arms are shortcuts")]
pub(super) fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        // Most letters.
        '\u{f8}'..='\u{559}' | '\u{3040}'..='\u{fe2f}' => true,
        '\u{80}'..='\u{bf}' => matches!(c, '\u{aa}' | '\u{b5}' | '\u{ba}'),
        '\u{d7}'
        | '\u{f7}'
        | '\u{55a}'..='\u{55f}'
        | '\u{589}'..='\u{58a}'
        | '\u{5be}'
        | '\u{5c0}'
        | '\u{5c3}'
        | '\u{5f3}'..='\u{5f4}'
        | '\u{60c}'
        | '\u{61b}'
        | '\u{61f}'
        | '\u{6d4}'
        | '\u{2000}'..='\u{206f}'
        | '\u{20a0}'..='\u{20cf}'
        | '\u{2100}'..='\u{2bff}'
        | '\u{2e00}'..='\u{2e7f}'
        | '\u{3000}'..='\u{303f}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff0f}'
        | '\u{1f000}'..='\u{1faff}' => false,
        _ => true,
    }
}

/// A capital as the small letter, in the alphabets that have both and look like Latin.
pub(super) fn small(c: char) -> char {
    let moved = match c {
        '\u{391}'..='\u{3a9}' | '\u{410}'..='\u{42f}' => 0x20,
        '\u{400}'..='\u{40f}' => 0x50,
        '\u{531}'..='\u{556}' => 0x30,
        '\u{13a0}'..='\u{13ef}' => 0xab70 - 0x13a0,
        '\u{10400}'..='\u{10427}' | '\u{104b0}'..='\u{104d3}' => 0x28,
        '\u{2c80}'..='\u{2ce3}' => u32::from(u32::from(c) & 1 == 0),
        _ => 0,
    };
    char::from_u32(u32::from(c).saturating_add(moved)).unwrap_or(c)
}

/// Marks that are put on the letter before them. Not those of which a letter of Hebrew or Arabic may have several.
pub(super) fn is_mark(c: char) -> bool {
    match c {
        // Most letters.
        '\0'..='\u{2ff}'
        | '\u{370}'..='\u{482}'
        | '\u{3000}'..='\u{a66e}'
        | '\u{a67e}'..='\u{fe1f}' => false,
        _ => matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}'
            | '\u{64b}'..='\u{65f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
            | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
            | '\u{2de0}'..='\u{2dff}' | '\u{a66f}'..='\u{a67d}' | '\u{fe20}'..='\u{fe2f}'),
    }
}

/// Any mark of the alphabets here.
pub(super) fn is_any_mark(c: char) -> bool {
    is_mark(c)
        || ('\u{5bf}'..='\u{2cf1}').contains(&c)
            && matches!(c, '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}'
                | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}'
                | '\u{7eb}'..='\u{7f3}' | '\u{2cef}'..='\u{2cf1}')
}
