//! Names that people will read: what is left of one when letters that look alike are one letter.

use std::borrow::Cow;

use super::categories::is_mark;
use super::hidden::is_ignorable;
use super::letters::{is_latin, is_letter, is_sign, is_written_without_spaces, look_alike, small};

/// Makes a word of Arabic longer, and is no letter.
const TATWEEL: char = '\u{640}';

/// Brings a text into the Unicode normal form NFKD: variants of letters become these letters, and letters with marks
/// become letters and marks.
pub type Decompose<'d> = &'d dyn Fn(&str) -> String;

/// The words of a name in lower case, letters that look alike being one: `i`, `l`, `1` and `|`; `o` and `0`; `m` and
/// `rn`; `w` and `vv`.
#[derive(Debug, Clone, Default)]
pub struct Skeleton {
    /// Its letters without spaces, each with whether a word begins with it.
    pub letters: Vec<(char, bool)>,
}

/// The class of a character in the words of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Capital,
    /// A capital behind a capital.
    Capitals,
    Small,
    Digit,
    /// A Latin letter beyond ASCII.
    Latin,
    /// A letter of another script. A word ends between it and a Latin letter.
    Letter,
    /// A letter of a script that is written without spaces: each may begin a word.
    Unspaced,
    /// The vowel or last consonant of a Hangul syllable.
    Syllable,
    /// The mark of a voiced kana. Behind another letter it is no letter.
    Voice,
    /// A sign that stands for a letter: `$laude`. A word ends before and behind it.
    Sign,
    Other,
}

impl Skeleton {
    /// Reads `name`.
    #[must_use]
    pub fn of(name: &str, decompose: Decompose<'_>) -> Self {
        let spelled = spelled(name);
        let name = spelled.as_ref();
        if name.is_ascii() {
            return Self::new(name.len(), name.bytes().map(of_ascii));
        }
        let each = name.chars().map(|c| match c {
            // Decomposed, these would be letters of the word before them, or sentences and words of their own.
            '™' | '℠' | '\u{fdfa}' | '\u{fdfb}' | '\u{3300}'..='\u{3357}' => ' ',
            // These would be a sigma.
            'ϲ' | 'Ϲ' => 'c',
            // These would be letters of Hangul, or a dash.
            '\u{3163}' | '\u{ffdc}' | '\u{fe31}' => '|',
            '\u{3147}' | '\u{ffb7}' => '○',
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
    fn new(count: usize, characters: impl Iterator<Item = (Class, char)>) -> Self {
        // Each takes one place, or two. To write into them is less work than to push, and a name is long.
        let mut letters = vec![('\0', false); count.saturating_mul(2)];
        let mut places = letters.iter_mut();
        let (mut begins, mut last, mut used) = (true, Class::Other, 0_usize);
        let mut capital: Option<&mut (char, bool)> = None;
        for (mut kind, letter) in characters {
            if kind != last || !matches!(kind, Class::Small | Class::Digit | Class::Letter) {
                // ClaudeDesktop is two words, as are CLAUDEDesktop, CLAUDEdesktop and Claude2.
                match (last, kind) {
                    (Class::Capital | Class::Capitals, Class::Small) => {
                        if let Some(place) = capital.take() {
                            place.1 = true;
                        }
                        begins |= last == Class::Capitals;
                    }
                    (Class::Capital | Class::Capitals, Class::Capital) => kind = Class::Capitals,
                    (Class::Unspaced | Class::Syllable, Class::Syllable | Class::Voice) => {}
                    (_, Class::Voice) => {
                        begins = true;
                        continue;
                    }
                    _ => begins |= ends_between(last, kind),
                }
            }
            last = kind;
            if kind == Class::Other {
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
            if matches!(kind, Class::Capital | Class::Capitals) {
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

/// Whether a word ends between two characters of these kinds, whatever letters they are.
fn ends_between(last: Class, kind: Class) -> bool {
    match (last, kind) {
        (Class::Sign | Class::Digit | Class::Unspaced | Class::Syllable | Class::Voice, _)
        | (_, Class::Sign | Class::Digit | Class::Unspaced | Class::Syllable)
        | (Class::Small, Class::Capital) => true,
        _ => (last == Class::Letter) != (kind == Class::Letter),
    }
}

/// The name with each `!` that stands before a letter or digit as the `l` that it is there: `C!aude`, and not `Yahoo!`.
fn spelled(name: &str) -> Cow<'_, str> {
    if !name.contains('!') {
        return Cow::Borrowed(name);
    }
    let next = name.chars().skip(1).chain([' ']);
    let each = name.chars().zip(next).map(|(c, next)| match c {
        '!' if next.is_ascii_alphanumeric() || (!next.is_ascii() && is_letter(next)) => '|',
        _ => c,
    });
    Cow::Owned(each.collect())
}

fn of_ascii(byte: u8) -> (Class, char) {
    let letter = char::from(byte);
    match byte {
        b'i' | b'|' => (if byte == b'i' { Class::Small } else { Class::Sign }, 'l'),
        b'a'..=b'z' => (Class::Small, letter),
        b'$' => (Class::Sign, 's'),
        b'@' => (Class::Sign, 'a'),
        b'I' => (Class::Capital, 'l'),
        b'A'..=b'Z' => (Class::Capital, letter.to_ascii_lowercase()),
        b'0' => (Class::Digit, 'o'),
        b'1' => (Class::Digit, 'l'),
        b'2'..=b'9' => (Class::Digit, letter),
        _ => (Class::Other, letter),
    }
}

/// The same for all that is decomposed and not of ASCII; `None` for marks and what shows nothing.
#[rustfmt::skip]
fn of_others(c: char) -> Option<(Class, char)> {
    match c {
        '\u{1161}'..='\u{11ff}' => return Some((Class::Syllable, c)),
        '\u{3099}'..='\u{309a}' => return Some((Class::Voice, c)),
        // Those that look like a letter.
        '\u{4e28}' | '\u{5315}' => {}
        // Hangul, kana and Han.
        '\u{1100}'..='\u{115e}' | '\u{3041}'..='\u{3098}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{3162}' | '\u{3400}'..='\u{9fff}' => {
            return Some((Class::Unspaced, c));
        }
        _ => {}
    }
    if is_mark(c) || is_ignorable(c) || c == TATWEEL {
        return None;
    }
    let kind = match c {
        _ if is_written_without_spaces(c) => Class::Unspaced,
        _ if is_latin(c) => Class::Latin,
        _ => Class::Letter,
    };
    Some(match look_alike(c) {
        Some(letter) if is_sign(c) => (Class::Sign, letter),
        Some('i') => (kind, 'l'),
        Some(letter) => (kind, letter),
        None if is_letter(c) => (kind, small(c)),
        None => (Class::Other, c),
    })
}

/// Whether a text has a letter or a digit.
pub(super) fn has_letters(text: &str) -> bool {
    text.chars().any(|c| {
        !is_ignorable(c) && (c.is_ascii_alphanumeric() || is_letter(c) || look_alike(c).is_some())
    })
}
