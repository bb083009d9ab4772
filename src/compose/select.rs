//! Which files, which profiles, which name: as the command line, the environment and the folder say.

use std::path::{Path, PathBuf};

use super::{
    Found, Request, Source,
    environment::Environment,
    notes::Notes,
    paths::flat,
    tree::{File, Place, Value},
};

/// What compose and podman look for, in this order.
const NAMES: [&str; 8] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "podman-compose.yaml",
    "podman-compose.yml",
    "container-compose.yaml",
    "container-compose.yml",
];

const OVERRIDES: [&str; 6] = [
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yaml",
    "docker-compose.override.yml",
    "container-compose.override.yaml",
    "container-compose.override.yml",
];

/// The files to read, in order.
pub(super) fn files(
    source: &dyn Source,
    request: &Request,
    environment: &Environment<'_>,
    notes: &mut Notes,
) -> Vec<PathBuf> {
    if !request.files.is_empty() {
        return request.files.iter().map(|path| flat(path)).collect();
    }
    if let Some(listed) = environment.get("COMPOSE_FILE").filter(|listed| !listed.is_empty()) {
        let separator = environment.get("COMPOSE_PATH_SEPARATOR").unwrap_or_else(|| ":".into());
        return listed.split(separator.as_str()).map(|path| flat(Path::new(path))).collect();
    }
    let is_there =
        |name: &&&str| !matches!(source.look(Path::new(name), false), Found::Nothing | Found::Folder(_));
    let found: Vec<&str> = NAMES.iter().filter(is_there).copied().collect();
    let Some(first) = found.first() else {
        let file = File { name: ".".into(), base: PathBuf::new() };
        let hint = format!("looked for {}; name the file with `-f`", NAMES.join(", "));
        notes.error(&Place::whole(&file.into()), "", "there is no compose file in this folder", hint);
        return Vec::new();
    };
    if found.len() > 1 {
        let file = File { name: (*first).into(), base: PathBuf::new() };
        let message = format!("several compose files are here: {}; `{first}` is read", found.join(", "));
        notes.warn(&Place::whole(&file.into()), "", message, "name the ones that count with `-f`");
    }
    let override_file = OVERRIDES.iter().find(is_there).copied();
    [Some(*first), override_file].into_iter().flatten().map(PathBuf::from).collect()
}

/// The profiles that are active.
pub(super) fn profiles(request: &Request, environment: &Environment<'_>) -> Vec<String> {
    let of_environment = environment.get("COMPOSE_PROFILES").unwrap_or_default();
    let of_environment = of_environment.split(',').map(str::trim).filter(|name| !name.is_empty());
    request.profiles.iter().cloned().chain(of_environment.map(str::to_owned)).collect()
}

/// What the project is called.
pub(super) fn name(
    request: &Request,
    environment: &Environment<'_>,
    root: &Value,
    notes: &mut Notes,
) -> String {
    if let Some(name) = request.name.clone().or_else(|| environment.get("COMPOSE_PROJECT_NAME")) {
        return fit(&name);
    }
    if let Some(entry) = root.get("name")
        && let Some(name) = entry.value.scalar().filter(|name| !name.is_empty())
    {
        if fit(&name) != name {
            let message = format!("`{}` is no name of a project", entry.value.as_written());
            let hint = format!("lower-case letters, digits, `-` and `_`, as in `{}`", fit(&name));
            notes.error(&entry.value.place, "name", message, hint);
        }
        return fit(&name);
    }
    fit(&request.folder_name)
}

/// Lower-case letters, digits, `-` and `_`, the first a letter or digit.
fn fit(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept: String = lower
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
        .collect();
    let fit = kept.trim_start_matches(['-', '_']);
    if fit.is_empty() { "project".into() } else { fit.into() }
}
