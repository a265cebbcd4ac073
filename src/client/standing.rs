//! [`Standing`]: a credential among those of its kind; and the registration access tokens of a record.

use super::record::Record;
use crate::vocabulary::{Digest, RegistrationToken};

/// Which of the two credentials of a kind one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The newest.
    Current,
    /// The one before, kept for the case that the newest never arrived.
    Former,
}

/// Looks at every digest, so that the time says nothing about which one matched.
pub(super) fn standing<'d>(
    digests: impl IntoIterator<Item = &'d Digest>,
    presented: &Digest,
) -> Option<Standing> {
    // Oldest first: whatever was found before a later match is not the newest.
    digests.into_iter().fold(None, |found, digest| {
        let former = found.map(|_| Standing::Former);
        if digest.matches(presented) { Some(Standing::Current) } else { former }
    })
}

impl Record {
    /// The standing of `token` at this registration; `None` for a token that may not manage it.
    #[must_use]
    pub fn token_standing(&self, token: &RegistrationToken) -> Option<Standing> {
        standing(&self.tokens, &token.digest())
    }

    /// Whether a token is kept besides the newest.
    #[must_use]
    pub fn has_former_token(&self) -> bool {
        self.tokens.len() > 1
    }

    /// Ends every token but the newest.
    pub fn retire_former_tokens(&mut self) {
        self.tokens = self.tokens.pop().into_iter().collect();
    }

    /// Makes `next` the newest token, and keeps `presented` until `next` is used. Any other ends: who
    /// presents a former token has not seen its successor.
    pub fn succeed_token(&mut self, presented: &RegistrationToken, next: &RegistrationToken) {
        self.tokens = vec![presented.digest(), next.digest()];
    }

    /// Makes `next` the newest token. The one before it ends at once, or is kept until `next` is used.
    pub fn replace_token(&mut self, next: &RegistrationToken, keep_former: bool) {
        let former = self.tokens.pop().filter(|_| keep_former);
        self.tokens = former.into_iter().chain([next.digest()]).collect();
    }
}
