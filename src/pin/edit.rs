//! Edits of a text, that can be undone.

use serde::{Deserialize, Serialize};

/// At a place of the former text, something taken away and something put there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Bytes from the beginning of the former text.
    pub at: usize,
    /// What was there.
    pub removed: String,
    /// What is there instead.
    pub inserted: String,
}

/// The text with all edits made; `None` where they do not fit it. They are in the order of their places.
#[must_use]
pub fn applied(text: &str, edits: &[Edit]) -> Option<String> {
    let (mut new, mut from) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        new.push_str(text.get(from..edit.at)?);
        text.get(edit.at..)?.starts_with(&edit.removed).then_some(())?;
        new.push_str(&edit.inserted);
        from = edit.at + edit.removed.len();
    }
    new.push_str(text.get(from..)?);
    Some(new)
}

/// The former text; `None` where the edits have not made this one.
#[must_use]
pub fn undone(text: &str, edits: &[Edit]) -> Option<String> {
    let (mut shift, mut inverse) = (0_usize, Vec::with_capacity(edits.len()));
    for edit in edits {
        // What came before has made the text longer by what it put in, less what it took away.
        let at = (edit.at + shift).checked_sub(taken(&inverse))?;
        shift += edit.inserted.len();
        inverse.push(Edit { at, removed: edit.inserted.clone(), inserted: edit.removed.clone() });
    }
    applied(text, &inverse)
}

/// The one edit that makes one text the other, as small as can be; none when they are the same.
#[must_use]
pub fn between(one: &str, other: &str) -> Vec<Edit> {
    let common = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let start = common(&mut one.chars().zip(other.chars()));
    let (one, other) = (one.get(start..).unwrap_or_default(), other.get(start..).unwrap_or_default());
    let end = common(&mut one.chars().rev().zip(other.chars().rev()));
    let middle = |text: &str| text.get(..text.len() - end).unwrap_or_default().to_owned();
    let edit = Edit { at: start, removed: middle(one), inserted: middle(other) };
    if edit.removed == edit.inserted { Vec::new() } else { vec![edit] }
}

fn taken(inverse: &[Edit]) -> usize {
    inverse.iter().map(|edit| edit.inserted.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::{Edit, applied, between, undone};

    fn edit(at: usize, removed: &str, inserted: &str) -> Edit {
        Edit { at, removed: removed.into(), inserted: inserted.into() }
    }

    #[test]
    fn what_was_edited_is_undone_to_the_byte() {
        let edits = [edit(0, "ab", "xyz"), edit(3, "", "++"), edit(3, "d", ""), edit(6, "", "end")];
        let new = applied("abcdef", &edits).unwrap();
        assert_eq!(new, "xyzc++efend");
        assert_eq!(undone(&new, &edits).unwrap(), "abcdef");
        assert_eq!(applied(&new, &between(&new, "abcdef")).unwrap(), "abcdef");
        assert_eq!(between("aba", "aba"), []);
        assert_eq!(between("aba", "ababa"), [edit(3, "", "ba")]);
        assert_eq!(undone("other", &edits), None);
        assert_eq!(applied("abc", &edits), None);
    }
}
