//! Folders of the project that are mounted: a ConfigMap of their files, with a Secret for those that are not written out.

use super::{
    bind::FolderFile,
    desk::Desk,
    files::{EXECUTABLE, keep},
    names,
    volumes::Volumes,
    yaml::{Map, Yaml, text},
};
use crate::compose::{BindSource, Mount, Placed, Service};

/// The key of a ConfigMap or Secret, and its file's path in the folder.
type KeyAndPath = (String, String);

/// Mounts a folder of texts; folders in it stay folders.
pub(super) fn bound(
    desk: &mut Desk<'_>,
    service: &Service,
    placed: &Placed<Mount>,
    source: &BindSource,
    files: Vec<FolderFile>,
    volumes: &mut Volumes,
) {
    let name = map_name(desk, service, source);
    let secret = format!("{name}-secret");
    let mut open: Vec<KeyAndPath> = Vec::new();
    let mut hidden: Vec<KeyAndPath> = Vec::new();
    let mut is_script = false;
    for file in files {
        let flat = file.path.replace('/', ".");
        if let Some(text) = file.text.filter(|text| !desk.holds_secret(text)) {
            is_script |= text.starts_with("#!");
            let Some(key) = keep(desk, &name, &flat, text) else {
                desk.ledger.not_mapped(
                    &placed.path,
                    "it is more than a ConfigMap holds (1 MiB): take it into the image",
                );
                return;
            };
            open.push((key, file.path));
        } else {
            let key = names::fit_key(&flat);
            let from = format!("the file {}/{}", source.written.trim_end_matches('/'), file.path);
            desk.needs_secret(&secret, &key, from, true);
            hidden.push((key, file.path));
        }
    }
    tell(desk, placed, &name, &secret, (&open, &hidden));
    let mut sources = Vec::new();
    let has_folders = open.iter().chain(&hidden).any(|(key, path)| key != path);
    if !open.is_empty() {
        sources.push((
            "configMap",
            Map::new().with("name", &name).with_some("items", has_folders.then(|| items(&open))),
        ));
    }
    if !hidden.is_empty() {
        sources.push((
            "secret",
            Map::new().with("name", &secret).with_some("items", has_folders.then(|| items(&hidden))),
        ));
    }
    let mode = is_script.then(|| Yaml::from(EXECUTABLE));
    let is_alone = hidden.is_empty();
    let mut volume = Map::new().with("name", &name);
    if is_alone {
        let map = sources.pop().map(|(_, map)| map).unwrap_or_default();
        volume.put("configMap", map.with_some("defaultMode", mode));
    } else {
        let sources: Vec<Map> = sources.into_iter().map(|(sort, map)| Map::new().with(sort, map)).collect();
        volume = volume.note("Files that look secret come from a Secret that is made by hand.");
        volume.put("projected", Map::new().with_some("defaultMode", mode).with("sources", sources));
    }
    volumes.add(&name, volume);
    volumes.mount(&name, &placed.value.target, None, true);
}

/// A ConfigMap for each folder of a service.
fn map_name(desk: &mut Desk<'_>, service: &Service, source: &BindSource) -> String {
    let own = desk.names.of(&service.name);
    let last = source.written.trim_end_matches('/').rsplit('/').next().unwrap_or("files");
    let name = names::fit(&format!("{own}-{last}"));
    let folder = desk.folders.entry(name.clone()).or_insert_with(|| source.written.clone());
    if *folder == source.written { name } else { names::marked(&name, &source.written) }
}

fn items(files: &[KeyAndPath]) -> Vec<Map> {
    files
        .iter()
        .map(|(key, path)| Map::new().with("key", key).with("path", text(path)).on_one_line())
        .collect()
}

fn tell(
    desk: &mut Desk<'_>,
    placed: &Placed<Mount>,
    name: &str,
    secret: &str,
    (open, hidden): (&[KeyAndPath], &[KeyAndPath]),
) {
    let mut told = Vec::new();
    if !open.is_empty() {
        told.push(format!(
            "the ConfigMap {name}, made of the {} in base/files/{name}",
            crate::words::count(open.len(), "file", "files")
        ));
    }
    if !hidden.is_empty() {
        let paths: Vec<&str> = hidden.iter().map(|(_, path)| path.as_str()).collect();
        told.push(format!(
            "the Secret {secret}, made by hand of what looks secret: {}; its content is not written anywhere",
            paths.join(", ")
        ));
    }
    let told = told.join(", and ");
    if placed.value.is_read_only {
        desk.ledger.mapped(&placed.path, told);
    } else {
        desk.ledger.approximated(&placed.path, format!("{told}: the container can read it and not write it"));
    }
}
