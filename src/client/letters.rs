//! Letters: which of them look like which ASCII letter, and to which alphabet they belong.
//!
//! The idea is that of Unicode Technical Standard #39, for the alphabets that impostors use. Letters that Unicode
//! itself calls a variant of another one (fullwidth, circled, mathematical letters, letters with marks) are not here:
//! the text is decomposed before (Unicode Standard Annex #15, form NFKD).

use super::categories::is_symbol;
use super::look_alikes::{DENSE, FAR, NEAR};

/// The lower-case ASCII letter or the digit that `c`, which is decomposed and not of ASCII, looks like.
#[rustfmt::skip]
pub(super) fn look_alike(c: char) -> Option<char> {
    let code = u32::from(c);
    match c {
        // Hangul, most of Han, and Yi look like none.
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{3006}' | '\u{3008}'..='\u{4e27}' | '\u{4e29}'..='\u{5314}'
        | '\u{5316}'..='\u{a4cf}' | '\u{ac00}'..='\u{ffff}' => None,
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
    matches!(c, '\u{a2}'..='\u{a5}' | '\u{964}' | '\u{e3f}' | '\u{20a0}'..='\u{20cf}' | '\u{2200}'..='\u{2bff}')
}

/// Whether `c` is a Latin letter beyond ASCII.
#[rustfmt::skip]
pub(super) fn is_latin(c: char) -> bool {
    matches!(c, '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{2b8}' | '\u{1d00}'..='\u{1d25}' | '\u{1d2c}'..='\u{1d5c}'
        | '\u{1d62}'..='\u{1d65}' | '\u{1d6b}'..='\u{1d77}' | '\u{1d79}'..='\u{1dbe}' | '\u{1e00}'..='\u{1eff}'
        | '\u{2c60}'..='\u{2c7f}' | '\u{a722}'..='\u{a7ff}' | '\u{ab30}'..='\u{ab64}')
}

/// Whether `c` is of a script that puts no spaces between words: Thai, Lao, Tibetan, Myanmar; Hangul, Khmer and their
/// neighbours; kana, Han and Yi.
#[rustfmt::skip]
pub(super) fn is_written_without_spaces(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}' | '\u{1950}'..='\u{19ff}'
        | '\u{1a20}'..='\u{1aaf}' | '\u{1b00}'..='\u{1b7f}' | '\u{2e80}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}'
        | '\u{a980}'..='\u{a9ff}' | '\u{aa60}'..='\u{aadf}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{16fe0}'..='\u{18dff}' | '\u{1aff0}'..='\u{1b2ff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether `c` belongs to a word: what is no punctuation, symbol or space is a letter or a digit.
#[must_use]
#[rustfmt::skip]
pub fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        // Most letters.
        '\u{f8}'..='\u{2c1}' | '\u{388}'..='\u{3f5}' | '\u{3f7}'..='\u{481}' | '\u{483}'..='\u{559}'
        | '\u{5d0}'..='\u{5ea}' | '\u{620}'..='\u{669}' | '\u{66e}'..='\u{6d3}' | '\u{8ca}'..='\u{963}'
        | '\u{e01}'..='\u{e3e}' | '\u{1100}'..='\u{135f}' | '\u{13a0}'..='\u{13ff}' | '\u{1e00}'..='\u{1fbc}'
        | '\u{3041}'..='\u{309a}' | '\u{30a1}'..='\u{30fa}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{fb28}' => true,
        '\u{80}'..='\u{bf}' => matches!(c, '\u{aa}' | '\u{b5}' | '\u{ba}'),
        '\u{d7}' | '\u{f7}' | '\u{55a}'..='\u{55f}' | '\u{589}'..='\u{58a}' | '\u{5be}' | '\u{5c0}' | '\u{5c3}'
        | '\u{5f3}'..='\u{5f4}' | '\u{60c}' | '\u{61b}' | '\u{61f}' | '\u{6d4}' | '\u{2000}'..='\u{206f}'
        | '\u{20a0}'..='\u{20cf}' | '\u{2100}'..='\u{2bff}' | '\u{2e00}'..='\u{2e7f}' | '\u{3000}'..='\u{303f}'
        | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff0f}' | '\u{1f000}'..='\u{1faff}' => false,
        _ => !is_symbol(c),
    }
}

/// A capital as the small letter, in the alphabets that have both and look like Latin.
#[rustfmt::skip]
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
