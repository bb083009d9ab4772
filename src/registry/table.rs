//! Images as a table, for people and for programs.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::{Found, Listed, Refusal};
use crate::{
    plan::StepPath,
    words::{count, harmless, moment},
};

/// The images of a plan's environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageReport {
    /// The plan's name.
    pub plan: String,
    /// The environment.
    pub environment: String,
    /// When the registries were asked.
    pub at: Timestamp,
    /// In the order of their names.
    pub images: Vec<ImageRow>,
    /// Steps whose images are not looked at, each with why.
    pub left_out: Vec<String>,
}

/// One image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageRow {
    /// As it is rendered.
    pub image: String,
    /// The objects that use it, as in `Deployment/gateway`.
    pub used_by: Vec<String>,
    /// The steps that render it.
    pub steps: Vec<StepPath>,
    /// Is it rendered with a digest?
    pub pinned: bool,
    /// Pinned with a tag beside the digest: what the tag names by now, when it is something else.
    pub tag_moved_to: Option<String>,
    /// What its registry tells, when it is there.
    pub found: Option<Found>,
    /// Why it is not to be had, when it is not.
    pub refusal: Option<Refusal>,
}

impl ImageRow {
    /// A row of what was asked.
    #[must_use]
    pub fn of(listed: Listed, steps: Vec<StepPath>) -> Self {
        let (found, refusal) = match listed.asked {
            Ok(found) => (Some(found), None),
            Err(refusal) => (None, Some(refusal)),
        };
        Self {
            pinned: listed.used.image.digest.is_some(),
            image: listed.used.image.to_string(),
            used_by: listed.used.by,
            steps,
            tag_moved_to: None,
            found,
            refusal,
        }
    }
}

impl ImageReport {
    /// Is every image there?
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.images.iter().all(|row| row.found.is_some())
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// What the output refuses.
    pub fn write(&self, output: &mut dyn Write) -> io::Result<()> {
        for row in &self.images {
            let steps: Vec<String> = row.steps.iter().map(ToString::to_string).collect();
            let users = format!("used by {} ({})", row.used_by.join(", "), steps.join(", "));
            match (&row.found, &row.refusal) {
                (Some(found), _) => {
                    writeln!(output, "✔ {}", harmless(&row.image))?;
                    writeln!(output, "    {} · {}", found.digest, found.platforms())?;
                    let built =
                        found.created.map_or_else(String::new, |at| format!(", built {}", moment(at)));
                    let size = found
                        .size
                        .map_or_else(String::new, |bytes| format!(" · {} MiB", bytes.div_ceil(1 << 20)));
                    let stand_in = if found.stand_in { " · stand-in: the rehearsal's own" } else { "" };
                    writeln!(output, "    {}{built}{size}{stand_in} · {}", found.age(self.at), row.pin())?;
                }
                (None, refusal) => {
                    writeln!(output, "✖ {}", harmless(&row.image))?;
                    if let Some(refusal) = refusal {
                        writeln!(output, "    {}", harmless(&refusal.reason))?;
                        writeln!(output, "    → {}", harmless(&refusal.remedy))?;
                    }
                }
            }
            writeln!(output, "    {}", harmless(&users))?;
        }
        for left_out in &self.left_out {
            writeln!(output, "– {}", harmless(left_out))?;
        }
        let there = self.images.iter().filter(|row| row.found.is_some()).count();
        let pinned = self.images.iter().filter(|row| row.pinned).count();
        let all = count(self.images.len(), "image", "images");
        writeln!(output, "{} in {}: {all}, {there} there, {pinned} pinned", self.plan, self.environment)
    }
}

impl ImageRow {
    fn pin(&self) -> String {
        match (&self.tag_moved_to, self.pinned) {
            (Some(digest), _) => format!("pinned; its tag names {digest} by now"),
            (None, true) => "pinned".to_owned(),
            (None, false) => "not pinned".to_owned(),
        }
    }
}
