//! Names that people will read: what makes one look like another, or like none.
//!
//! The skeleton of a name is what is left of it when letters that look alike are one letter (the idea of
//! Unicode Technical Standard #39, for the letters that impostors use; not its tables).

/// A name that only the operator may give away, as its skeleton without spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reserved {
    whole: String,
}

impl Reserved {
    pub fn parse(name: &str) -> Option<Self> {
        let words = words(name);
        (!words.is_empty()).then(|| Self { whole: words.concat() })
    }

    /// Whether a reader could take `name` for this one: some of its words, however they are spaced, are
    /// made of the same letters.
    pub fn is_in(&self, name: &str) -> bool {
        let theirs = words(name);
        (0..theirs.len()).any(|start| {
            let mut run = String::new();
            theirs.iter().skip(start).any(|word| {
                run.push_str(word);
                run == self.whole
            })
        })
    }
}

/// The skeletons of the words of a name.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut seen = name.chars().filter(|c| !is_mark(*c) && !is_invisible(*c)).peekable();
    while let Some(c) = seen.next() {
        // ClaudeDesktop is two words, as are CLAUDEDesktop and Claude2.
        let small_next = seen.peek().is_some_and(char::is_ascii_lowercase);
        let capital = c.is_ascii_uppercase() && (before.is_ascii_lowercase() || small_next);
        if capital || c.is_ascii_digit() != before.is_ascii_digit() {
            words.push(std::mem::take(&mut word));
        }
        before = c;
        match skeleton(c) {
            Some(letters) => word.push_str(letters),
            // A letter of a script that has no look-alikes here stands for itself.
            None if is_letter(c) => word.push(small(c)),
            None => words.push(std::mem::take(&mut word)),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// What a letter or digit looks like, in lower-case ASCII; `None` for all that looks like nothing in it.
/// `i`, `l`, `1` and `|` are one, as are `o` and `0`; `m` is `rn`, `w` is `vv`.
#[expect(clippy::match_same_arms, reason = "a table: one alphabet after another")]
fn skeleton(c: char) -> Option<&'static str> {
    const LETTERS: [&str; 26] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "l", "j", "k", "l", "rn", "n", "o", "p", "q", "r",
        "s", "t", "u", "v", "vv", "x", "y", "z",
    ];
    const DIGITS: [&str; 10] = ["o", "l", "2", "3", "4", "5", "6", "7", "8", "9"];
    // Latin letters with marks, U+00C0 to U+017F, as their base letters; `*` for those without one.
    const MARKED: &str = "aaaaaaaceeeeiiiidnooooo*ouuuuybsaaaaaaaceeeeiiiidnooooo*ouuuuyby\
                          aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllllll\
                          lnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
    // The same for U+1E00 to U+1EFF.
    const MORE_MARKED: &str = "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm\
                         mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv\
                         wwwwwwwwwwxxxxyyzzzzzzhtwyassss*aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee\
                         eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyllvvyy";
    // Lisu letters, U+A4D0 to U+A4F4, which are turned and plain Latin capitals.
    const LISU: &str = "bp*dt*gk*jc*zf*mnlsr**vh**wxy*a*e*iou";
    let ascii = match c {
        '|' | '\u{2502}' | '\u{0406}' | '\u{0456}' | '\u{0399}' | '\u{03b9}' | '\u{04c0}'
        | '\u{04cf}' => 'l',
        '\u{0410}' | '\u{0430}' | '\u{0391}' | '\u{03b1}' | '\u{0251}' => 'a',
        '\u{0412}' | '\u{0432}' | '\u{0392}' | '\u{03b2}' => 'b',
        '\u{0421}' | '\u{0441}' | '\u{03f2}' | '\u{03f9}' | '\u{1d04}' => 'c',
        '\u{0500}' | '\u{0501}' | '\u{217e}' => 'd',
        '\u{0415}' | '\u{0435}' | '\u{0451}' | '\u{0401}' | '\u{0395}' | '\u{03b5}' => 'e',
        '\u{0405}' | '\u{0455}' => 's',
        '\u{0408}' | '\u{0458}' => 'j',
        '\u{041a}' | '\u{043a}' | '\u{039a}' | '\u{03ba}' => 'k',
        '\u{041c}' | '\u{043c}' | '\u{039c}' | '\u{03bc}' => 'm',
        '\u{041d}' | '\u{043d}' | '\u{0397}' | '\u{04ba}' | '\u{04bb}' => 'h',
        '\u{041e}' | '\u{043e}' | '\u{039f}' | '\u{03bf}' | '\u{0585}' | '\u{03c3}' => 'o',
        '\u{0420}' | '\u{0440}' | '\u{03a1}' | '\u{03c1}' => 'p',
        '\u{0422}' | '\u{0442}' | '\u{03a4}' | '\u{03c4}' => 't',
        '\u{0423}' | '\u{0443}' | '\u{03a5}' | '\u{03b3}' | '\u{04ae}' | '\u{04af}' => 'y',
        '\u{0425}' | '\u{0445}' | '\u{03a7}' | '\u{03c7}' => 'x',
        '\u{0396}' | '\u{03b6}' => 'z',
        '\u{039d}' => 'n',
        '\u{03bd}' => 'v',
        '\u{0433}' => 'r',
        '\u{03c5}' | '\u{057d}' => 'u',
        '\u{0461}' | '\u{03c9}' | '\u{051c}' | '\u{051d}' => 'w',
        '\u{051a}' | '\u{051b}' => 'q',
        '\u{0131}' | '\u{0130}' | '\u{026a}' => 'i',
        '\u{0261}' | '\u{0262}' => 'g',
        '\u{2113}' | '\u{217c}' | '\u{01c0}' | '\u{029f}' | '\u{13de}' => 'l',
        '\u{217d}' | '\u{13df}' => 'c',
        '\u{217f}' | '\u{1d0d}' => 'm',
        // Small capitals.
        '\u{1d00}' => 'a',
        '\u{0299}' => 'b',
        '\u{1d05}' => 'd',
        '\u{1d07}' => 'e',
        '\u{029c}' => 'h',
        '\u{1d0a}' => 'j',
        '\u{1d0b}' => 'k',
        '\u{0274}' => 'n',
        '\u{1d0f}' => 'o',
        '\u{1d18}' => 'p',
        '\u{0280}' => 'r',
        '\u{a731}' => 's',
        '\u{1d1b}' => 't',
        '\u{1d1c}' => 'u',
        '\u{1d20}' => 'v',
        '\u{1d21}' => 'w',
        '\u{028f}' => 'y',
        '\u{1d22}' => 'z',
        '\u{a4d0}'..='\u{a4f4}' => nth(LISU, c, 0xa4d0),
        '\u{1e00}'..='\u{1eff}' => nth(MORE_MARKED, c, 0x1e00),
        // Squared letters, plain and negative, and negative circled ones.
        '\u{1f130}'..='\u{1f149}' => shifted(c, 0x1f130, 'a'),
        '\u{1f150}'..='\u{1f169}' => shifted(c, 0x1f150, 'a'),
        '\u{1f170}'..='\u{1f189}' => shifted(c, 0x1f170, 'a'),
        // Fullwidth forms.
        '\u{ff10}'..='\u{ff19}' => shifted(c, 0xff10, '0'),
        '\u{ff21}'..='\u{ff3a}' => shifted(c, 0xff21, 'a'),
        '\u{ff41}'..='\u{ff5a}' => shifted(c, 0xff41, 'a'),
        // Circled letters.
        '\u{24b6}'..='\u{24cf}' => shifted(c, 0x24b6, 'a'),
        '\u{24d0}'..='\u{24e9}' => shifted(c, 0x24d0, 'a'),
        // Mathematical letters: alphabets of 26 capitals and 26 small letters, one after another.
        '\u{1d400}'..='\u{1d6a3}' => letter((u32::from(c).saturating_sub(0x1d400)) % 26),
        '\u{1d7ce}'..='\u{1d7ff}' => digit((u32::from(c).saturating_sub(0x1d7ce)) % 10),
        '\u{00c0}'..='\u{017f}' => nth(MARKED, c, 0xc0),
        _ => c.to_ascii_lowercase(),
    };
    let place =
        |from: u8| u8::try_from(ascii).ok().and_then(|b| b.checked_sub(from)).map(usize::from);
    match ascii {
        'a'..='z' => place(b'a').and_then(|at| LETTERS.get(at).copied()),
        '0'..='9' => place(b'0').and_then(|at| DIGITS.get(at).copied()),
        _ => None,
    }
}

/// The letter of `table` for `c`, whose first one is for `from`.
fn nth(table: &str, c: char, from: u32) -> char {
    let at = usize::try_from(u32::from(c).saturating_sub(from)).unwrap_or(usize::MAX);
    table.chars().nth(at).unwrap_or('*')
}

fn shifted(c: char, from: u32, to: char) -> char {
    let moved = u32::from(c).saturating_sub(from).saturating_add(u32::from(to));
    char::from_u32(moved).unwrap_or('*')
}

fn letter(place: u32) -> char {
    char::from_u32(place.saturating_add(u32::from('a'))).unwrap_or('*')
}

fn digit(place: u32) -> char {
    char::from_u32(place.saturating_add(u32::from('0'))).unwrap_or('*')
}

/// Whether `c` belongs to a word. The library's tables would be larger than all of this file: what is no
/// punctuation, symbol or space of the blocks that have them is a letter or a digit.
fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        '\u{80}'..='\u{bf}' => matches!(c, '\u{aa}' | '\u{b5}' | '\u{ba}'),
        '\u{d7}'
        | '\u{f7}'
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

/// A Greek or Cyrillic capital as the small letter.
fn small(c: char) -> char {
    match c {
        '\u{391}'..='\u{3a9}' | '\u{410}'..='\u{42f}' => shifted(c, 0, '\u{20}'),
        '\u{400}'..='\u{40f}' => shifted(c, 0, '\u{50}'),
        _ => c,
    }
}

/// Marks that are put on the letter before them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}'
        | '\u{64b}'..='\u{65f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{2de0}'..='\u{2dff}' | '\u{a66f}'..='\u{a67d}' | '\u{fe20}'..='\u{fe2f}')
}

/// Characters that show nothing: joiners, soft hyphens, variation selectors, tags.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether more than three marks are heaped on one letter: text that runs over its neighbours.
pub(super) fn heaps_marks(text: &str) -> bool {
    let mut marks: u32 = 0;
    text.chars().any(|c| {
        if is_mark(c) {
            marks = marks.saturating_add(1);
        } else if !is_invisible(c) {
            marks = 0;
        }
        marks > 3
    })
}

/// Whether nothing of a text can be seen.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c) || c == '\u{2800}')
}

/// Whether one word has letters of two alphabets that look alike: Latin, Greek, Cyrillic, Armenian.
pub(super) fn mixes_alphabets(text: &str) -> bool {
    let alphabet = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => Some(0),
        // Signs of science look like no Latin letter: capitals gamma, delta, theta, lambda, xi, pi, sigma, phi,
        // psi, omega, and small delta, theta, lambda, mu, xi, pi, phi, psi.
        '\u{393}' | '\u{394}' | '\u{398}' | '\u{39b}' | '\u{39e}' | '\u{3a0}' | '\u{3a3}'
        | '\u{3a6}' | '\u{3a8}' | '\u{3a9}' | '\u{3b4}' | '\u{3b8}' | '\u{3bb}' | '\u{3bc}'
        | '\u{3be}' | '\u{3c0}' | '\u{3c6}' | '\u{3c8}' => None,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(1),
        '\u{400}'..='\u{52f}' => Some(2),
        '\u{530}'..='\u{58f}' => Some(3),
        _ => None,
    };
    text.split(|c: char| !is_letter(c) && !is_invisible(c)).any(|word| {
        let mut alphabets = word.chars().filter_map(alphabet);
        let first = alphabets.next();
        alphabets.any(|other| Some(other) != first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_10_a_reserved_name_is_seen_through_its_disguises() {
        let claude = Reserved::parse("Claude").unwrap();
        for name in [
            "Claude",
            "CLAUDE",
            "claude",
            "Ｃlaude",
            "Cl\u{430}ude",
            "C1aude",
            "CIaude",
            "Çläudé",
            "C l a u d e",
            "C.l.a.u.d.e",
            "Cla\u{200d}ude",
            "Cl\u{301}aude",
            "𝐂𝐥𝐚𝐮𝐝𝐞",
            "𝕔𝕝𝕒𝕦𝕕𝕖",
            "Ⓒⓛⓐⓤⓓⓔ",
            "Claude Desktop",
            "The (Claude) app",
            "\u{421}laude",
            "Claude™",
            "Cla\u{ad}ude",
            "c|aude",
            "Cl\u{1ea1}ude",
            "C\u{217c}aude",
            "C\u{2113}aude",
            "ꓚꓡꓮꓴꓓꓰ",
            "ᴄʟᴀᴜᴅᴇ",
            "🅲🅻🅰🆄🅳🅴",
            "C l a u d e Desktop",
            "ClaudeDesktop",
            "MyClaude",
            "CLAUDEDesktop",
            "Claude2",
            "Claude3.5",
            "4Claude",
        ] {
            assert!(claude.is_in(name), "{name}");
        }
        for name in ["Claudette", "Cloud", "claudia", "Jean-Claudel", "Клод", "", "Include"] {
            assert!(!claude.is_in(name), "{name}");
        }
        let visual = Reserved::parse("Visual Studio Code").unwrap();
        assert!(visual.is_in("Visua1 Studi0 Code") && visual.is_in("VisualStudioCode"));
        assert!(visual.is_in("visual-studio-code (Insiders)") && !visual.is_in("Visual Studio"));
        assert!(Reserved::parse("Microsoft").unwrap().is_in("rnicrosoft"));
        for nothing in ["", " ", "!?", "\u{200d}"] {
            assert_eq!(Reserved::parse(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn threat_11_marks_in_heaps_and_alphabets_in_one_word_are_seen() {
        assert!(heaps_marks("Z\u{301}\u{302}\u{303}\u{304}algo"));
        assert!(heaps_marks(&format!("x{}", "\u{e47}".repeat(4))));
        assert!(heaps_marks("x\u{301}\u{301}\u{200d}\u{301}\u{301}"));
        assert!(!heaps_marks("Vie\u{302}\u{323}t\u{301}"));
        for name in ["Cl\u{430}ude", "\u{421}laude", "p\u{3b1}ypal", "Яndex"] {
            assert!(mixes_alphabets(name), "{name}");
        }
        for name in [
            "Яндекс Browser",
            "ΑΒΓ abc",
            "日本 App",
            "Café",
            "한국 Claude",
            "Straße",
            "עברית app",
            "ΔSync",
            "μTorrent",
        ] {
            assert!(!mixes_alphabets(name), "{name}");
        }
        for name in [" ", "\u{ad}", "\u{180e}", "\u{2800}\u{a0}", "\u{200d}\u{3000}"] {
            assert!(is_blank(name), "{name}");
        }
        assert!(!is_blank(" . "));
    }
}
