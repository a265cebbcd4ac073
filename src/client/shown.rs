//! A client's text, made fit for an answer.

use std::fmt::{self, Write as _};

/// Text as it may appear in an answer: the ASCII that RFC 6749 §5.2 allows in an `error_description`; everything
/// else percent-encoded. Of what a client wrote about 80 characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown(String);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Shown {
    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes `text` harmless, and short.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::at_most(80, text)
    }

    /// Makes a list of the operator's harmless: whole, but for one that no reader would read to its end.
    #[must_use]
    pub fn list(text: &str) -> Self {
        Self::at_most(1000, text)
    }

    fn at_most(bytes: usize, text: &str) -> Self {
        let mut shown = String::new();
        for c in text.chars() {
            if shown.len() >= bytes {
                shown.push_str("...");
                break;
            }
            if c == ' ' || (c.is_ascii_graphic() && !matches!(c, '"' | '\\')) {
                shown.push(c);
            } else {
                let mut utf8 = [0; 4];
                for byte in c.encode_utf8(&mut utf8).bytes() {
                    let _ = write!(shown, "%{byte:02X}");
                }
            }
        }
        Self(shown)
    }
}
