//! [`Standing`]: a credential among those of its kind.

use crate::vocabulary::Digest;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_credential_is_the_current_one_and_any_other_a_former() {
        let digests = ["a", "b", "c"].map(Digest::of);
        let found = |text| standing(&digests, &Digest::of(text));
        assert_eq!(found("c"), Some(Standing::Current));
        assert_eq!((found("a"), found("b")), (Some(Standing::Former), Some(Standing::Former)));
        assert_eq!(found("d"), None);
        assert_eq!(standing(&digests[..0], &Digest::of("a")), None);
    }
}
