//! Characters that cannot be seen, and the places where a script or an emoji needs one.

use std::cmp::Ordering;

use super::categories::is_mark;

/// `Default_Ignorable_Code_Point` of Unicode 17.0: what shows nothing where it is not supported. `Bidi_Control` is a part
/// of it. First and last of each range.
#[rustfmt::skip]
static IGNORABLE: [(char, char); 17] = [
    ('\u{ad}', '\u{ad}'), ('\u{34f}', '\u{34f}'), ('\u{61c}', '\u{61c}'), ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'), ('\u{180b}', '\u{180f}'), ('\u{200b}', '\u{200f}'), ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'), ('\u{3164}', '\u{3164}'), ('\u{fe00}', '\u{fe0f}'), ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'), ('\u{fff0}', '\u{fff8}'), ('\u{1bca0}', '\u{1bca3}'), ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
const ARABIC_LETTER_MARK: char = '\u{61c}';
const RIGHT_TO_LEFT_MARK: char = '\u{200f}';
const TEXT_STYLE: char = '\u{fe0e}';
const EMOJI_STYLE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';
const BLACK_FLAG: char = '\u{1f3f4}';
const CANCEL_TAG: char = '\u{e007f}';
/// Tags of a flag: the code of a part of a country, like `gbeng` (Unicode Technical Standard #51, Annex C).
const FLAG_TAGS: u32 = 6;

/// Whether `c` shows nothing where it is not supported.
#[must_use]
pub fn is_ignorable(c: char) -> bool {
    let compare = |(first, last): &(char, char)| match c {
        c if c < *first => Ordering::Greater,
        c if c > *last => Ordering::Less,
        _ => Ordering::Equal,
    };
    // Most letters.
    if matches!(c, '\0'..='\u{ac}' | '\u{370}'..='\u{61b}' | '\u{61d}'..='\u{115e}' | '\u{3165}'..='\u{fdff}')
    {
        return false;
    }
    // Joiners are most of what is ignorable in honest texts.
    matches!(c, '\u{200b}'..='\u{200f}') || IGNORABLE.binary_search_by(compare).is_ok()
}

/// The reason why a text for people is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A character that they cannot see, or that turns or hides what is around it (the Trojan Source class), where
    /// neither scripts nor emoji need it.
    Hidden(char),
    /// More marks on one letter than its script needs: it runs over its neighbours.
    Marks,
    /// A text that shows nothing.
    Blank,
}

/// Judges a text for people.
#[must_use]
pub fn fault(text: &str) -> Option<Fault> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.bytes().all(|byte| byte == b' ').then_some(Fault::Blank);
    }
    let mut before = Before::default();
    let (mut marks, mut heap, mut blank) = (0_u32, false, true);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        // In the order of how often they are met: a text may be long.
        match c {
            '!'..='~' => (marks, blank) = (0, false),
            ' ' => marks = 0,
            '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}' => {
                marks = marks.saturating_add(1);
                heap |= marks > 3;
            }
            ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER => {
                let next = characters.clone().next().unwrap_or_default();
                if !joins(before.last, c, next) {
                    return Some(Fault::Hidden(c));
                }
            }
            _ if is_plain(c) => (marks, blank) = (0, false),
            _ if is_hidden(c) => {
                let next = characters.clone().next().unwrap_or_default();
                if !before.allows(c, next, text) {
                    return Some(Fault::Hidden(c));
                }
            }
            _ if is_mark(c) => {
                marks = marks.saturating_add(1);
                heap = heap || marks > 3 && marks > most_marks(c);
            }
            _ => {
                marks = 0;
                blank &= is_blank(c);
            }
        }
        before.last = c;
    }
    let rest = if heap { Fault::Marks } else { Fault::Blank };
    (heap || blank).then_some(rest)
}

/// The most marks of a letter whose last one is `mark`: Hebrew, Arabic, Tibetan and Myanmar pile up more of
/// them than others.
#[rustfmt::skip]
fn most_marks(mark: char) -> u32 {
    match mark {
        '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{6ed}' | '\u{897}'..='\u{8ff}' | '\u{f18}'..='\u{fc6}'
        | '\u{102d}'..='\u{109d}' => 5,
        _ => 3,
    }
}

/// Whether `c`, which is no mark and not hidden, shows nothing by itself: spaces, and pictures of nothing; tones of skin.
#[must_use]
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{2800}' | '\u{13441}'..='\u{13442}' | '\u{1d159}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Whether `c` is one of the characters beyond ASCII that most texts consist of: letters of Latin, Greek, Cyrillic,
/// Hebrew, Arabic, kana, Han, Hangul; emoji. None is a mark.
#[must_use]
pub fn is_plain(c: char) -> bool {
    match c {
        '\0'..='\u{52f}' => {
            !matches!(c, '\0'..='\u{ad}' | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}')
        }
        '\u{3400}'.. => {
            matches!(c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{fb50}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fdfb}' | '\u{1d400}'..='\u{1d7ff}'
            | '\u{1f000}'..='\u{1f3fa}' | '\u{1f400}'..='\u{1faff}')
        }
        _ => {
            matches!(c, '\u{5d0}'..='\u{5ea}' | '\u{620}'..='\u{64a}' | '\u{904}'..='\u{939}' | '\u{e01}'..='\u{e30}' | '\u{10a0}'..='\u{115e}' | '\u{13a0}'..='\u{167f}'
            | '\u{1e00}'..='\u{1fff}' | '\u{3041}'..='\u{3096}' | '\u{30a0}'..='\u{312f}' | '\u{3300}'..='\u{33ff}')
        }
    }
}

/// The characters before the current one, as far as its rules need them.
#[derive(Default)]
struct Before {
    last: char,
    /// The number of tags in a row, this one included.
    tags: u32,
    /// Whether a right-to-left letter was seen when it was first asked for.
    right_to_left: bool,
}

impl Before {
    /// Whether a hidden character of `text` is needed here, before `next`.
    fn allows(&mut self, c: char, next: char, text: &str) -> bool {
        let last = self.last;
        self.tags = if is_tag(last) { self.tags.saturating_add(1) } else { 1 };
        match c {
            RIGHT_TO_LEFT_MARK | ARABIC_LETTER_MARK => {
                // Once: without such a letter the text is at fault, and with one all later marks may stand.
                self.right_to_left = self.right_to_left
                    || text.chars().take_while(|c| !is_direction(*c)).any(is_right_to_left);
                let in_word = last.is_ascii_alphanumeric() && next.is_ascii_alphanumeric();
                self.right_to_left && !in_word && !is_direction(last)
            }
            TEXT_STYLE => is_emoji(last),
            EMOJI_STYLE => is_emoji(last) || (is_keycap_base(last) && next == KEYCAP),
            CANCEL_TAG => is_tag(last),
            _ if is_tag(c) => {
                (last == BLACK_FLAG || is_tag(last))
                    && self.tags <= FLAG_TAGS
                    && (next == CANCEL_TAG || is_tag(next))
            }
            _ => false,
        }
    }
}

/// Whether `c` is nothing that a reader sees: ignorable, a control, a line or paragraph separator, an annotation, of
/// private use, or no character at all.
#[rustfmt::skip]
#[must_use]
pub fn is_hidden(c: char) -> bool {
    match c {
        // Most letters.
        ' '..='~' | '\u{ae}'..='\u{34e}' | '\u{370}'..='\u{61b}' | '\u{61d}'..='\u{115e}'
        | '\u{3165}'..='\u{d7ff}' => false,
        '\u{2028}'..='\u{2029}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fff9}'..='\u{fffb}'
        | '\u{f0000}'..='\u{10ffff}' => true,
        _ => c.is_control() || u32::from(c) & 0xfffe == 0xfffe || is_ignorable(c),
    }
}

fn is_direction(c: char) -> bool {
    matches!(c, ARABIC_LETTER_MARK | RIGHT_TO_LEFT_MARK)
}

/// A joiner in an emoji of several; behind a virama; between letters of a script whose letters join; or at the end of a
/// word of Arabic letters, where it keeps the last one in the form that joins.
fn joins(before: char, joiner: char, next: char) -> bool {
    is_virama(before)
        || joiner == ZERO_WIDTH_JOINER
            && (is_emoji(before) || before == EMOJI_STYLE)
            && is_emoji(next)
        || (has_joining_letters(before) && has_joining_letters(next))
        || joiner == ZERO_WIDTH_JOINER
            && matches!(before, '\u{620}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}')
            && (matches!(next, '\0' | ' ' | '\u{60c}' | '\u{61b}' | '\u{61f}' | '\u{6d4}')
                || next.is_ascii_punctuation())
}

/// A sign that takes the vowel from the letter before it, and joins it to the next one.
fn is_virama(c: char) -> bool {
    match c {
        // The blocks from Devanagari to Malayalam are made alike.
        '\u{900}'..='\u{d7f}' => u32::from(c) & 0x7f == 0x4d,
        _ => matches!(c, '\u{dca}' | '\u{1039}' | '\u{103a}' | '\u{17d2}'),
    }
}

/// Arabic, Syriac, N'Ko, Mandaic; the scripts of India; Myanmar, Khmer, Mongolian.
#[rustfmt::skip]
fn has_joining_letters(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{6ff}' | '\u{710}'..='\u{77f}' | '\u{7ca}'..='\u{7f5}' | '\u{840}'..='\u{8ff}'
        | '\u{900}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17d3}' | '\u{1820}'..='\u{18aa}')
}

/// Hebrew and Arabic letters, and those of the scripts between them.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{591}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fdfc}' | '\u{fe70}'..='\u{fefc}')
        && !is_ignorable(c)
}

/// Emoji, and the symbols among them.
#[rustfmt::skip]
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2194}'..='\u{21aa}'
        | '\u{231a}'..='\u{23ff}' | '\u{24c2}' | '\u{25aa}'..='\u{27bf}' | '\u{2934}' | '\u{2935}'
        | '\u{2b05}'..='\u{2b55}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}')
}

fn is_keycap_base(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*')
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}')
}
