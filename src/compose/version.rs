//! The formats before the specification.

use super::{
    notes::Notes,
    tree::{Place, Value},
};

/// Is it a format that can be read? Says when it is not.
pub(super) fn check(root: &Value, notes: &mut Notes) -> bool {
    let version = root.get("version");
    let services = root.get("services").or_else(|| root.get("include"));
    let is_old = version.is_some_and(|entry| matches!(entry.value.scalar().as_deref(), Some("1" | "1.0")));
    if is_old || (services.is_none() && has_bare_services(root)) {
        let place = version.map_or(&root.place, |entry| &entry.place);
        notes.error(
            place,
            "",
            "this is the compose format of version 1, whose services stand at the top level",
            "indent them below `services:`, and take out `version`",
        );
        return false;
    }
    if let Some(entry) = version
        && !entry.value.scalar().is_some_and(|text| is_known(&text))
    {
        notes.error(
            &entry.place,
            "version",
            format!("there is no compose format of version `{}`", entry.value.as_written()),
            "take the line out: compose has no versions any more",
        );
        return false;
    }
    true
}

/// Says at a place that there are no services at all.
pub(super) fn no_services(place: &Place, notes: &mut Notes) {
    notes.error(place, "", "there are no services", "write them below `services:`");
}

fn is_known(version: &str) -> bool {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    matches!(major, "2" | "3") && !minor.is_empty() && minor.chars().all(|c| c.is_ascii_digit() || c == '.')
}

fn has_bare_services(root: &Value) -> bool {
    root.map().is_some_and(|map| {
        map.iter().any(|(key, entry)| {
            !key.starts_with("x-")
                && (entry.value.get("image").is_some() || entry.value.get("build").is_some())
        })
    })
}
