//! What is at a path that is mounted.

use std::{collections::BTreeMap, fmt, sync::Arc};

/// What is at a path.
#[derive(Clone, PartialEq, Eq)]
pub enum Found {
    /// A text file, with its content.
    Text(Arc<str>),
    /// A file that is no text or over 256 KiB, with its size in bytes.
    Bytes(u64),
    /// A folder, with what is in it; without content that is nothing, and [`Listing::is_whole`] is false.
    Folder(Arc<Listing>),
    /// Nothing.
    Nothing,
    /// Not looked at: outside of the project.
    Outside,
}

/// The files in a folder and in the folders in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// By their path in the folder, with `/`; [`Found::Text`], [`Found::Bytes`] or [`Found::Outside`].
    pub files: BTreeMap<String, Found>,
    /// Are these all of them? A folder with many or large files is not listed to its end.
    pub is_whole: bool,
}

/// More files than this are not listed.
pub const MOST_LISTED: usize = 200;

/// Without the content: it may hold a secret.
impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Bytes(size) => write!(f, "Bytes({size})"),
            Self::Folder(listing) if listing.is_whole => write!(f, "Folder {:?}", listing.files),
            Self::Folder(_) => f.write_str("Folder"),
            Self::Nothing => f.write_str("Nothing"),
            Self::Outside => f.write_str("Outside"),
        }
    }
}

/// The listing of a folder in a test's own files, by path.
#[cfg(test)]
pub(crate) fn listed<'f>(
    folder: &std::path::Path,
    files: impl Iterator<Item = (&'f std::path::PathBuf, &'f String)>,
) -> Found {
    let inside = files.filter_map(|(path, text)| {
        let path = path.strip_prefix(folder).ok()?;
        Some((path.to_string_lossy().into_owned(), Found::Text(text.as_str().into())))
    });
    let files: BTreeMap<String, Found> = inside.collect();
    if files.is_empty() { Found::Nothing } else { Found::Folder(Arc::new(Listing { files, is_whole: true })) }
}
