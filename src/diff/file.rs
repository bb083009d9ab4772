//! What a person is shown of a file that changes.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use similar::TextDiff;

use crate::words::moment;

/// A file of the repository, and the images that it pins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileView {
    /// Below the plan's folder.
    pub path: String,
    /// A unified diff of its text; empty when nothing changes.
    pub difference: String,
    /// What its tags name.
    pub images: Vec<PinnedView>,
}

impl FileView {
    /// A file, with what becomes of its text. Of a file that makes Secrets no line is shown that does not change.
    #[must_use]
    pub fn of(path: &str, before: &str, after: &str, images: Vec<PinnedView>) -> Self {
        let around = if before.contains("secretGenerator") { 0 } else { 3 };
        let diff = TextDiff::from_lines(before, after);
        let difference = diff
            .unified_diff()
            .context_radius(around)
            .header(&format!("a/{path}"), &format!("b/{path}"))
            .to_string();
        Self { path: path.to_owned(), difference, images }
    }
}

/// An image by its tag, and by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PinnedView {
    /// With its tag.
    pub image: String,
    /// The digest that it has until now.
    pub former: Option<String>,
    /// What the tag names now.
    pub digest: String,
    /// As in `linux/amd64`.
    pub platforms: Vec<String>,
    /// When it was built, where that is told.
    pub created: Option<Timestamp>,
    /// It is the rehearsal's, in place of the real one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stand_in: bool,
}

/// As in `ghcr.io/acme/gateway:1.4.2 → sha256:9f86d081884c · linux/amd64 · built 2026-11-22 10:00`: twelve digits of
/// each digest, which the difference has whole.
impl fmt::Display for PinnedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { image, digest, platforms, .. } = self;
        let short = |digest: &str| digest.get(..19).unwrap_or(digest).to_owned();
        write!(f, "{image} → {} · {}", short(digest), platforms.join(", "))?;
        match self.created {
            Some(created) => write!(f, " · built {}", moment(created))?,
            None => f.write_str(" · age not told")?,
        }
        match &self.former {
            Some(former) if former != digest => write!(f, " · was {}", short(former))?,
            Some(_) => f.write_str(" · pinned already")?,
            None => {}
        }
        if self.stand_in { f.write_str(" · stand-in") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::FileView;

    #[test]
    fn a_secret_beside_the_images_is_not_shown() {
        let text = |tag: &str| {
            format!("secretGenerator:\n- name: x\n  literals: [password=hunter2]\nimages:\n- {tag}\n")
        };
        let view = FileView::of("k.yml", &text("one"), &text("two"), Vec::new());
        assert!(
            view.difference.contains("-- one\n+- two") && !view.difference.contains("hunter2"),
            "{view:?}"
        );
        assert_eq!(FileView::of("k.yml", "x\n", "x\n", Vec::new()).difference, "");
    }
}
