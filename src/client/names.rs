//! Names that people will read: what is left of one when letters that look alike are one letter.

use super::hidden::is_ignorable;
use super::letters::{is_any_mark, is_letter, is_sign, look_alike, small};

/// Brings a text into the Unicode normal form NFKD: variants of letters become these letters, and letters with marks
/// become letters and marks.
pub type Decompose<'d> = &'d dyn Fn(&str) -> String;

/// The words of a name in lower case, letters that look alike being one: `i`, `l`, `1` and `|`; `o` and `0`; `m` and
/// `rn`; `w` and `vv`.
#[derive(Debug, Clone, Default)]
pub(super) struct Skeleton {
    /// Its letters without spaces, each with whether a word begins with it.
    pub letters: Vec<(char, bool)>,
}

/// What a character is for the words of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Capital,
    Small,
    Digit,
    Letter,
    /// A sign that stands for a letter: `$laude`. A word ends before and behind it.
    Sign,
    Other,
}

impl Skeleton {
    /// Reads `name`.
    pub fn of(name: &str, decompose: Decompose<'_>) -> Self {
        if name.is_ascii() {
            return Self::new(name.len(), name.bytes().map(of_ascii));
        }
        let each = name.chars().map(|c| match c {
            // Decomposed, these would be letters of the word before them, or sentences and words of their own.
            '™' | '℠' | '\u{fdfa}' | '\u{fdfb}' | '\u{3300}'..='\u{3357}' => ' ',
            // These would be a sigma.
            'ϲ' | 'Ϲ' => 'c',
            _ => c,
        });
        let name = decompose(&each.collect::<String>());
        let kinds = name.chars().filter_map(|c| match u8::try_from(c) {
            Ok(byte @ 0..=0x7f) => Some(of_ascii(byte)),
            _ => of_others(c),
        });
        Self::new(name.len(), kinds)
    }

    /// Puts the letters together; there are `count` characters at most.
    fn new(count: usize, characters: impl Iterator<Item = (Kind, char)>) -> Self {
        // Each takes one place, or two. To write into them is less work than to push, and a name is long.
        let mut letters = vec![('\0', false); count.saturating_mul(2)];
        let mut places = letters.iter_mut();
        let (mut begins, mut last, mut used) = (true, Kind::Other, 0_usize);
        let mut capital: Option<&mut (char, bool)> = None;
        for (kind, letter) in characters {
            // ClaudeDesktop is two words, as are CLAUDEDesktop and Claude2.
            match (last, kind) {
                (Kind::Capital, Kind::Small) => {
                    if let Some(place) = capital.take() {
                        place.1 = true;
                    }
                }
                (Kind::Small, Kind::Capital) | (Kind::Sign | Kind::Digit, _) => {
                    begins |= last != kind || last == Kind::Sign;
                }
                (_, Kind::Sign | Kind::Digit) => begins = true,
                _ => {}
            }
            last = kind;
            if kind == Kind::Other {
                begins = true;
                continue;
            }
            let (first, second) = match letter {
                'm' => ('r', 'n'),
                'w' => ('v', 'v'),
                _ => (letter, '\0'),
            };
            let Some(place) = places.next() else { break };
            *place = (first, begins);
            begins = false;
            used = used.saturating_add(1);
            if kind == Kind::Capital {
                capital = Some(place);
            }
            if second != '\0' {
                let Some(place) = places.next() else { break };
                *place = (second, false);
                used = used.saturating_add(1);
            }
        }
        letters.truncate(used);
        Self { letters }
    }
}

fn of_ascii(byte: u8) -> (Kind, char) {
    let letter = char::from(byte);
    match byte {
        b'i' | b'|' => (if byte == b'i' { Kind::Small } else { Kind::Sign }, 'l'),
        b'a'..=b'z' => (Kind::Small, letter),
        b'I' => (Kind::Capital, 'l'),
        b'A'..=b'Z' => (Kind::Capital, letter.to_ascii_lowercase()),
        b'0' => (Kind::Digit, 'o'),
        b'1' => (Kind::Digit, 'l'),
        b'2'..=b'9' => (Kind::Digit, letter),
        _ => (Kind::Other, letter),
    }
}

/// The same for all that is decomposed and not of ASCII; `None` for marks and what shows nothing.
fn of_others(c: char) -> Option<(Kind, char)> {
    // Hangul, kana and Han: letters without look-alikes.
    if matches!(c, '\u{1100}'..='\u{115e}' | '\u{1161}'..='\u{11ff}' | '\u{3040}'..='\u{3163}' | '\u{3165}'..='\u{a4cf}')
    {
        return Some((Kind::Letter, c));
    }
    if is_any_mark(c) || is_ignorable(c) {
        return None;
    }
    Some(match look_alike(c) {
        Some(letter) if is_sign(c) => (Kind::Sign, letter),
        Some('i') => (Kind::Letter, 'l'),
        Some(letter) => (Kind::Letter, letter),
        None if is_letter(c) => (Kind::Letter, small(c)),
        None => (Kind::Other, c),
    })
}

/// Whether a text has a letter or a digit.
pub(super) fn has_letters(text: &str) -> bool {
    text.chars().any(|c| {
        !is_ignorable(c) && (c.is_ascii_alphanumeric() || is_letter(c) || look_alike(c).is_some())
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use icu_normalizer::DecomposingNormalizer;

    /// The normal form, as the runtime makes it.
    pub fn decompose(text: &str) -> String {
        DecomposingNormalizer::new_nfkd().normalize(text).into_owned()
    }

    #[test]
    fn skeleton_has_the_words_of_a_name() {
        for (name, words) in [
            ("Claude Desktop", "claude desktop"),
            ("MyClaude2", "rny claude 2"),
            ("HTTPServer", "http server"),
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
}
