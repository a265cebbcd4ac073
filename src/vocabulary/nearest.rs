//! Which known word was meant by one that is not known.

/// The known word that `text` was most likely meant to be: the one that takes the fewest edits, if those are at most a
/// third of its characters.
#[must_use]
pub fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let text = text.to_ascii_lowercase();
    let length = text.chars().count();
    let near = known.into_iter().filter_map(|word| {
        let letters = word.chars().count();
        let most = letters.div_ceil(3);
        // The difference in length is the least number of edits, so most words need no comparison.
        if letters.abs_diff(length) > most {
            return None;
        }
        let edits = distance(&text, &word.to_ascii_lowercase());
        (edits <= most).then_some((edits, word))
    });
    near.min_by_key(|(edits, _)| *edits).map(|(_, word)| word)
}

/// How many characters have to be inserted, deleted or replaced (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (index, a) in one.chars().enumerate() {
        let mut left = index.saturating_add(1);
        let mut next = vec![left];
        for ((b, corner), above) in other.chars().zip(&row).zip(row.iter().skip(1)) {
            let replaced = corner.saturating_add(usize::from(a != b));
            left = left.saturating_add(1).min(above.saturating_add(1)).min(replaced);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
