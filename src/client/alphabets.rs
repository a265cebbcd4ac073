//! Alphabets with letters that look like those of another one: a word that mixes two of them passes for what it is not.

use std::cmp::Ordering;

use super::hidden::is_ignorable;
use super::letters::is_letter;

/// Ranges of letters with their alphabets (the property Script of Unicode 17.0). Scripts without look-alikes of Latin
/// letters are not here: Han, kana, Hangul, Thai and their like are written together with Latin.
#[rustfmt::skip]
static ALPHABETS: [(u32, u32, Alphabet); 76] = [
    (0xc0, 0xd6, 0), (0xd8, 0xf6, 0), (0xf8, 0x2b8, 0), (0x370, 0x373, 1), (0x375, 0x37d, 1), (0x37f, 0x384, 1),
    (0x386, 0x386, 1), (0x388, 0x3e1, 1), (0x3e2, 0x3ef, 12), (0x3f0, 0x3ff, 1), (0x400, 0x484, 2),
    (0x487, 0x52f, 2), (0x531, 0x58f, 3), (0x591, 0x5f4, 4), (0x60d, 0x61a, 5), (0x620, 0x63f, 5),
    (0x641, 0x64a, 5), (0x656, 0x66f, 5), (0x66e, 0x66f, 5), (0x671, 0x6dc, 5), (0x6de, 0x6ff, 5),
    (0x750, 0x77f, 5), (0x7c0, 0x7ff, 6), (0x870, 0x8e1, 5), (0x8e3, 0x8ff, 5), (0x10a0, 0x10fa, 7),
    (0x10fc, 0x10ff, 7), (0x13a0, 0x13fd, 8), (0x1400, 0x167f, 9), (0x16a0, 0x16ea, 10), (0x16ee, 0x16f8, 10),
    (0x18b0, 0x18f5, 9), (0x1c80, 0x1c8a, 2), (0x1c90, 0x1cbf, 7), (0x1d00, 0x1d25, 0), (0x1d2c, 0x1d5c, 0),
    (0x1d6b, 0x1d77, 0), (0x1d79, 0x1dbe, 0), (0x1e00, 0x1eff, 0), (0x1f00, 0x1ffe, 1), (0x2c00, 0x2c5f, 11),
    (0x2c60, 0x2c7f, 0), (0x2c80, 0x2cff, 12), (0x2d00, 0x2d2d, 7), (0x2d30, 0x2d7f, 13), (0xa4d0, 0xa4ff, 14),
    (0xa500, 0xa62b, 15), (0xa640, 0xa69f, 2), (0xa6a0, 0xa6f7, 16), (0xa722, 0xa787, 0), (0xa78b, 0xa7ff, 0),
    (0xab30, 0xab5a, 0), (0xab5c, 0xab64, 0), (0xab66, 0xab69, 0), (0xab6c, 0xab6d, 0), (0xab70, 0xabbf, 8),
    (0xfb00, 0xfb06, 0), (0xfb13, 0xfb17, 3), (0xfb1d, 0xfb4f, 4), (0xfb50, 0xfd3d, 5), (0xfd40, 0xfdff, 5),
    (0xfe70, 0xfefc, 5), (0xff21, 0xff3a, 0), (0xff41, 0xff5a, 0), (0x10280, 0x1029c, 17), (0x102a0, 0x102d0, 18),
    (0x10300, 0x1032f, 19), (0x10330, 0x1034a, 20), (0x10400, 0x1044f, 21), (0x10450, 0x1047f, 22),
    (0x104b0, 0x104fb, 23), (0x10500, 0x10527, 24), (0x118a0, 0x118ff, 25), (0x11ab0, 0x11abf, 9),
    (0x11fb0, 0x11fb0, 14), (0x16f00, 0x16f9f, 26),
];

/// One of these, by its place: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Nko, Georgian, Cherokee, Canadian Aboriginal, Runic, Glagolitic, Coptic, Tifinagh, Lisu, Vai, Bamum, Lycian, Carian, Old Italic, Gothic, Deseret, Shavian, Osage, Elbasan, Warang Citi, Miao.
pub type Alphabet = u8;
const LATIN: Alphabet = 0;
const CYRILLIC: Alphabet = 2;

/// Whether one word has letters of two alphabets.
#[must_use]
pub fn mixes_alphabets(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let mut first = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        let alphabet = match c {
            'a'..='z' | 'A'..='Z' => Some(LATIN),
            // Japanese for a beta version: LINEβ版.
            'β' if first == Some(LATIN) && characters.clone().next() == Some('版') => continue,
            _ if is_letter(c) => alphabet(c),
            _ => {
                if !is_ignorable(c) {
                    first = None;
                }
                continue;
            }
        };
        match (first, alphabet) {
            (Some(first), Some(other)) if first != other => return true,
            (None, Some(_)) => first = alphabet,
            _ => {}
        }
    }
    false
}

/// The alphabet of a letter beyond ASCII; `None` for letters and signs that look like no Latin letter.
#[expect(clippy::match_same_arms, reason = "the first arms are shortcuts")]
#[must_use]
#[rustfmt::skip]
pub fn alphabet(c: char) -> Option<Alphabet> {
    match c {
        // Most letters.
        '\u{400}'..='\u{482}' | '\u{48a}'..='\u{52f}' => return Some(CYRILLIC),
        '\u{d8}'..='\u{f6}' => return Some(LATIN),
        '\u{900}'..='\u{109f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7ff}' => return None,
        // Signs of science look like no Latin letter: capitals gamma, delta, theta, lambda, xi, pi, sigma, phi,
        // psi, omega, and small delta, theta, lambda, mu, xi, pi, phi, psi.
        '\0'..='\u{bf}' | '\u{393}' | '\u{394}' | '\u{398}' | '\u{39b}' | '\u{39e}' | '\u{3a0}' | '\u{3a3}'
        | '\u{3a6}' | '\u{3a8}' | '\u{3a9}' | '\u{3b4}' | '\u{3b8}' | '\u{3bb}' | '\u{3bc}' | '\u{3be}' | '\u{3c0}'
        | '\u{3c6}' | '\u{3c8}' => return None,
        _ => {}
    }
    let code = u32::from(c);
    let compare = |(first, last, _): &(u32, u32, Alphabet)| match code {
        code if code < *first => Ordering::Greater,
        code if code > *last => Ordering::Less,
        _ => Ordering::Equal,
    };
    let at = ALPHABETS.binary_search_by(compare).ok()?;
    ALPHABETS.get(at).map(|(_, _, alphabet)| *alphabet)
}
